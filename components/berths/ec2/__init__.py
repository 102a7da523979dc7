"""EC2: each service on machines of its own, where systemd runs its containers."""
