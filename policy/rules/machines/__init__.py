"""Containers that a machine starts itself."""
