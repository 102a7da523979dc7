"""Rules on Kubernetes workloads, modelled on the Pod Security admission controller."""
