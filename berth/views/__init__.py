"""What a Plan looks like; every view is a pure function of a Plan and its violations."""
