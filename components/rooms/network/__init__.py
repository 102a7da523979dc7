"""The network: VPC, subnets, security groups."""
