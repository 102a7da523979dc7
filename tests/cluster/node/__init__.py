"""A one-node Kubernetes cluster on this machine, in namespaces of its own, gone when its parent is gone."""
