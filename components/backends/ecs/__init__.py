"""What the two ECS backends share, written once."""
