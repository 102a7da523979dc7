"""Rules on Docker containers, services and images."""
