"""Lambda: a function for each service."""
