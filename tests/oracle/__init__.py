"""The rules against upstream's own code, built with go: pods by Kubernetes, Dockerfiles by BuildKit."""
