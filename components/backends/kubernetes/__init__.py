"""ServiceSpec to Kubernetes objects."""
