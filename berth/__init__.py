"""The command line: a stack's Plan without a cloud, and views of it."""
