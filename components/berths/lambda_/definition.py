"""ServiceSpec to a function's words and variables: pure, and known at preview but for the addresses of what it uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pulumi

from components.service.spec import ServiceSpec, Source

START: Final = "/opt/berth/start"
"""The program that reads the secrets; the folder ``image`` builds it in."""
SECRET: Final = "BERTH_SECRET_"
"""Begins the variables that say where another variable's value lies: ``ssm:NAME`` or ``secretsmanager:NAME#FIELD``."""
INIT_PORT: Final = 8080
"""Where ``start init`` listens in a function of its own."""


def serving(spec: ServiceSpec) -> dict[str, Any] | None:
    """Return the function's ``image_config``; None leaves the image's own words.

    Only a service that is given a secret is started by the program that reads them.
    """
    words = list(spec.command or spec.own_command or ())
    if hides(spec, init=False):
        return {"entry_points": [START, "serve", *(spec.entrypoint or ())], "commands": words}
    given = {"entry_points": list(spec.entrypoint or ()), "commands": list(spec.command or ())}
    return {key: value for key, value in given.items() if value} or None


def initial(spec: ServiceSpec) -> dict[str, Any]:
    """Return the ``image_config`` of the function that runs ``init_command``, once for each time that it is invoked."""
    return {"entry_points": [START, "init"], "commands": list(spec.init_command or ())}


def hides(spec: ServiceSpec, *, init: bool) -> bool:
    """Say whether a value of the environment is one that nobody may see."""
    return bool(spec.secrets) or any(one.secret and (init or not one.init_only) for one in spec.bindings)


def environment(
    spec: ServiceSpec, parameters: Mapping[str, str], concurrency: int, *, init: bool
) -> dict[str, pulumi.Input[str]]:
    """Return a function's variables; of a secret only where it lies.

    Args:
        spec: the service.
        parameters: secret binding to the name of the parameter that holds its value.
        concurrency: instances that share what the service uses, such as the database's connections.
        init: whether it is the function of ``init_command``.
    """
    found: dict[str, pulumi.Input[str]] = {**spec.environment, "MAX_REPLICAS": str(concurrency)}
    for binding in spec.bindings:
        if binding.init_only and not init:
            continue
        if binding.secret:
            found[SECRET + binding.variable] = f"ssm:{parameters[binding.variable]}"
        else:
            found[binding.variable] = binding.value
    found |= {SECRET + name: place(source) for name, source in spec.secrets.items()}
    return found | _adapter(spec, init=init)


def place(source: Source) -> str:
    """Return where a secret that exists already lies."""
    if source.parameter is not None:
        return f"ssm:{source.parameter}"
    return f"secretsmanager:{source.secret}" + (f"#{source.field}" if source.field else "")


def _adapter(spec: ServiceSpec, *, init: bool) -> dict[str, str]:
    """Return what the adapter is told (AWS Lambda Web Adapter, "Environment Variables")."""
    if init:
        return {"PORT": str(INIT_PORT), "AWS_LWA_PORT": str(INIT_PORT), "AWS_LWA_ERROR_STATUS_CODES": "500-599"}
    endpoint = spec.endpoints[0]
    return {
        "AWS_LWA_PORT": str(endpoint.port),
        # Alive, not ready: a start that waits for a database that is away would fail all requests alike.
        "AWS_LWA_READINESS_CHECK_PATH": endpoint.health_path,
        "AWS_LWA_READINESS_CHECK_HEALTHY_STATUS": "200",
    }
