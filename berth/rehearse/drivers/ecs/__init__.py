"""Tasks of ECS, on Fargate or on EC2."""
