"""Sizes that a berth has, for those that another tool's file asks for."""

from __future__ import annotations

from collections.abc import Iterator

from berth.importing.draft import Service
from berth.importing.table import Remark
from components.berths.ecs_fargate.sizes import is_fargate_size, nearest_fargate_size
from components.config.reading import fields_of
from components.service.settings import ServiceSettings


def fitted(service: Service, backend: str) -> Iterator[Remark]:
    """Round a service's size up to one that Fargate has, if it runs there; yield what was changed."""
    fields = fields_of(ServiceSettings)
    cpu, memory = (service.keys.get(key, fields[key].default) for key in ("cpu", "memory"))
    if backend != "ecs-fargate" or is_fargate_size(cpu, memory):
        return
    service.keys["cpu"], service.keys["memory"] = nearest_fargate_size(cpu, memory)
    size = f"{service.keys['cpu']} CPU units with {service.keys['memory']} MiB"
    why = f"Fargate has no task of {cpu} CPU units with {memory} MiB: it is {size} here."
    yield Remark(service.file, f"{service.name}: cpu, memory", f"{cpu}, {memory}", "changed", why)
