"""A service to translate in tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from components.offer import Binding
from components.service.spec import Endpoint, ServiceSpec
from components.site import Site

SITE = Site("berth-same", "123456789012", "aws", "eu-central-1")
SERVICE = ServiceSpec(
    name="biometric",
    image="registry.example/biometric:0123456789abcdef",
    architecture="amd64",
    endpoints=(Endpoint(8080, "/healthz"),),
    cpu=256,
    memory=512,
    environment={"PORT": "8080", "LOG_LEVEL": "info"},
    bindings=(Binding("DATABASE_HOST", "db.example"), Binding("DATABASE_PASSWORD", "hunter2", secret=True)),
    health_command=("python", "-m", "biometric.health"),
    init_command=("python", "-m", "biometric.migrate"),
)


def service(**changes: Any) -> ServiceSpec:
    """Return the service with some fields changed."""
    return replace(SERVICE, **changes)
