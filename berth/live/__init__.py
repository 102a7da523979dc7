"""What runs: logs, state, shells and runs of a stack that is up, at the places that its Plan names."""
