"""The edge: API Gateway, load balancer, WAF."""
