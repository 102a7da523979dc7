"""Pods of a Deployment, as a chart renders them."""
