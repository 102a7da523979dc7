"""What the two ECS berths share, written once."""
