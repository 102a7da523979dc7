"""The Kubernetes rules against Kubernetes' own code, built with go: the same verdict, check by check."""
