"""A pod's probes, as berth asks them in the kubelet's place. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from berth.rehearse.errors import RehearsalError
from berth.rehearse.workload import Probe

# A kubelet takes every answer from 200 to 399 for success.
HEALTHY = frozenset(range(200, 400))
# In the order a kubelet heeds them: until startup has succeeded it asks nothing else.
NAMES = ("startupProbe", "livenessProbe", "readinessProbe")


def probes_of(container: Mapping[str, Any], place: str) -> Iterator[Probe]:
    """Yield a container's probes.

    Args:
        container: A container of a pod's spec.
        place: How a message names it.

    Raises:
        RehearsalError: A probe's port has no number.
    """
    for name in NAMES:
        probe = container.get(name)
        if not probe:
            continue
        timeout = float(probe.get("timeoutSeconds", 1))
        patience = float(probe.get("initialDelaySeconds", 0)) + float(probe.get("periodSeconds", 10)) * float(
            probe.get("failureThreshold", 3)
        )
        if "exec" in probe:
            yield Probe(name, "exec", command=tuple(probe["exec"]["command"]), timeout=timeout, patience=patience)
        elif "httpGet" in probe or "tcpSocket" in probe:
            kind = "httpGet" if "httpGet" in probe else "tcpSocket"
            port = _port(probe[kind]["port"], container, f"{place}.{name}")
            path = probe[kind].get("path", "/")
            yield Probe(
                name, "http" if kind == "httpGet" else "tcp", path, port, (), timeout, patience, statuses=HEALTHY
            )
        else:
            raise RehearsalError(f"{place}.{name}: only httpGet, tcpSocket and exec can be rehearsed")


def _port(port: int | str, container: Mapping[str, Any], where: str) -> int:
    """Return a probe's port as a number; a name is looked up among the container's ports."""
    if isinstance(port, int) or port.isdigit():
        return int(port)
    for declared in container.get("ports") or []:
        if declared.get("name") == port:
            return int(declared["containerPort"])
    raise RehearsalError(f"{where} asks the port {port!r}, which the container does not declare")
