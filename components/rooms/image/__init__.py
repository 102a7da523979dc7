"""The services' images."""
