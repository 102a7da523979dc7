"""The move of a stack's services from their berths to another one, step by step, without a lost request."""
