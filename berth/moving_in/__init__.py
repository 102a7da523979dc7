"""Moving in: from a folder to a service of a stack."""
