"""Machines that run units of Quadlet, written by their user data."""
