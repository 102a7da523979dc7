"""ECS on EC2."""
