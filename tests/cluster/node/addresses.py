"""Addresses of the node, out of the range kept for tests of networks (RFC 2544), which no real network uses."""

from __future__ import annotations

HOST = "198.18.0.1"
"""This machine, as the node and its pods see it."""
NODE = "198.18.0.2"
PODS = "198.18.4.0/24"
SERVICES = "198.18.8.0/24"
API_SERVICE = "198.18.8.1"
"""First address of ``SERVICES``: the API server's own Service."""
API_PORT = 6443
LINK = "berth-node"
"""This machine's end of the link; it goes with the node's network namespace."""
NODE_NAME = "berth"
CGROUP = "berth-node"
"""Every pod's cgroup lies below it, in each hierarchy."""


def api_url() -> str:
    """Return the API server's address."""
    return f"https://{NODE}:{API_PORT}"
