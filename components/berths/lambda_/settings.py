"""``berth:lambda``: how many run at once, and what Lambda cannot do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Final

from components.berths.contract import Berth, Limit
from components.config.checks import Case, check
from components.config.errors import ABSENT, Problem
from components.config.keys import Int, Key, Model, between
from components.rooms.database.settings import DatabaseSettings
from components.service.settings import ServiceSettings, services_of, users_of

LEAST_MEMORY: Final = 128
MOST_MEMORY: Final = 10_240
"""MB of a function (Lambda developer guide, "Lambda quotas")."""
ENVIRONMENT_BYTES: Final = 4096
"""Of all variables of a function together (the same page)."""
OWN_BYTES: Final = 1024
"""Of that kept for what the program itself sets: the port, the adapter's variables, bindings."""
RESERVED_VARIABLES: Final = re.compile(
    r"_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_LAMBDA_.*|AWS_ACCESS_KEY(_ID)?"
    r"|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|LAMBDA_(TASK_ROOT|RUNTIME_DIR)"
    r"|BERTH_.*|AWS_LWA_(PORT|READINESS_CHECK_.*|ERROR_STATUS_CODES)"
)
"""Lambda's own (its developer guide, "Defined runtime environment variables"), and what this berth sets itself."""
CONNECTIONS_A_GIB: Final = 84
"""Connections that RDS for PostgreSQL lets a database have for each GiB of its class: ``DBInstanceClassMemory/9531392``
(RDS user guide, "Maximum number of database connections") would be 112, but the operating system's share is taken off
that variable; three quarters remain even of the smallest class."""
MOST_CONNECTIONS: Final = 5000
"""Whatever the memory is (the same formula)."""
SPARE_CONNECTIONS: Final = 5
"""Left for migrations and administrators."""


class LambdaSettings(Model):
    """``berth:lambda``."""

    reserved_concurrency: Annotated[
        Int,
        Key(
            "Requests that each service answers at once at most, each by an instance of its own; more are turned away "
            "with 502. They are taken off the account's, of which 100 must stay unreserved.",
            between(1, 1000),
            20,
        ),
    ] = 10
    provisioned_concurrency: Annotated[
        Int,
        Key(
            "Instances of each service that are kept started, so that no request waits for a cold start; paid by the "
            "hour. Not above reservedConcurrency.",
            between(0, 1000),
            2,
        ),
    ] = 0
    connections: Annotated[
        Int,
        Key(
            "Connections that one instance of a service opens to the database at most: the size of its pool. With "
            "reservedConcurrency they are held against what the database allows.",
            between(1, 100),
            2,
        ),
    ] = 6


def _function_interfaces(settings: LambdaSettings, services: Sequence[ServiceSettings], zones: int) -> int:
    """Return the addresses of the functions' network interfaces: one a zone for each security group, not one a call."""
    return zones * len(services)


LAMBDA: Final = Berth(
    "lambda",
    "Lambda",
    LambdaSettings,
    Key("What only lambda needs."),
    "components.berths.lambda_.host:Lambda",
    (
        Limit(
            "The user, capabilities, seccomp and no-new-privileges of the spec",
            "Lambda runs every image in its own sandbox, as a user of its own that is not root; USER is not heeded",
        ),
        Limit("Streams and server-sent events", "an answer is sent when it is complete; a stream has to end by itself"),
        Limit("More than 1 MB of a request or an answer", "the load balancer refuses them; larger ones go by a bucket"),
        Limit("Requests of more than 29 seconds", "the function is ended then, and the API waits for 30 at most"),
        Limit("WebSockets", "the load balancer has none for functions"),
        Limit("A start before the first request", "a cold start takes seconds; provisionedConcurrency avoids most"),
        Limit("Time to finish after SIGTERM", "instances are frozen between requests, and end without shutdownSeconds"),
        Limit("CPU apart from memory", "it follows the memory: 1769 MB are one vCPU, and cpu is not heeded"),
        Limit("Replicas and autoscaling by a target", "one instance a request, up to reservedConcurrency"),
        Limit("Several requests at once in a process", "each instance answers one at a time"),
        Limit("A shell in what runs", "there are logs only"),
        Limit("An immediate end", "a function's network interfaces keep its subnets for up to 35 minutes"),
    ),
    kinds=("web",),
    without={
        "sidecars": "a function is one container",
        "files": "a function mounts nothing, and its root is read-only",
        "ports": "a function is called, and the adapter hands every call to one port",
        "healthCommand": "nothing runs a command in a function",
        "schedules": "instances come with requests, not by the clock",
    },
    addresses=_function_interfaces,
)


@check("lambda.reservedConcurrency", "lambda.provisionedConcurrency", berth="lambda")
def provisioned_instances_are_reserved_ones(case: Case) -> Iterator[Problem]:
    """What is kept started is a part of what is reserved."""
    settings = case.at("lambda", LambdaSettings)
    if settings.provisioned_concurrency > settings.reserved_concurrency:
        yield case.reading.problem(
            "lambda.provisionedConcurrency",
            f"Only {settings.reserved_concurrency} may run at once (reservedConcurrency).",
            given=settings.provisioned_concurrency,
            allowed=f"0 to {settings.reserved_concurrency}; or a larger reservedConcurrency",
            example=settings.reserved_concurrency,
        )


@check(service=("memory",), berth="lambda")
def a_function_has_the_memory(case: Case) -> Iterator[Problem]:
    """A function has 128 to 10240 MB."""
    for path, service in services_of(case, "memory"):
        if not LEAST_MEMORY <= service.memory <= MOST_MEMORY:
            yield case.reading.problem(
                f"{path}.memory",
                f"A function has {LEAST_MEMORY} to {MOST_MEMORY} MB.",
                given=service.memory,
                allowed=f"{LEAST_MEMORY} to {MOST_MEMORY} at lambda",
                example=min(max(service.memory, LEAST_MEMORY), MOST_MEMORY),
            )


@check(service=("environment", "secrets"), berth="lambda")
def a_function_takes_the_variables(case: Case) -> Iterator[Problem]:
    """A function's variables are 4 KB together, and some names are Lambda's own."""
    for path, service in services_of(case, "environment", "secrets"):
        for key, given in (("environment", service.environment), ("secrets", service.secrets)):
            for name in sorted(given):
                if RESERVED_VARIABLES.fullmatch(name) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]+", name):
                    yield case.reading.problem(
                        f"{path}.{key}",
                        f"Lambda takes no variable {name}.",
                        allowed="names of two letters, digits and _ or more, first a letter, that Lambda does not keep "
                        "for itself and this berth does not set",
                        example=ABSENT,
                    )
        size = sum(len(f"{name}{value}".encode()) for name, value in service.environment.items())
        room = ENVIRONMENT_BYTES - OWN_BYTES
        if size > room:
            yield case.reading.problem(
                f"{path}.environment",
                f"Together the variables have {size} bytes, and all of a function's have {ENVIRONMENT_BYTES} at most.",
                allowed=f"{room} bytes at most at lambda; a parameter can hold what is longer, read with a grant",
                example=ABSENT,
            )


@check(service=("command", "secrets", "image", "context", "uses"), berth="lambda")
def what_reads_the_secrets_knows_what_to_start(case: Case) -> Iterator[Problem]:
    """A program reads a service's secrets and then starts it: it has to know the command, which the image hides."""
    for path, service in services_of(case, "command", "secrets", "image", "context", "uses"):
        hidden = "database" in (service.uses or ()) or bool(service.secrets)
        if hidden and not service.command and not service.is_sample:
            yield case.reading.problem(
                f"{path}.command",
                "A function has no way to hand over a secret, so a small program reads it and then starts the service, "
                "whose command it has to be told.",
                allowed="what the image's CMD says, and service.entrypoint where the image has an ENTRYPOINT",
                example=["python", "-m", "shop"],
            )


def memory_of(instance_class: str) -> int | None:
    """Return the GiB of an RDS instance class, or None where its name does not tell.

    Within a family memory goes with the size; per vCPU it is 4 GiB in m and large t, 8 in r and 16 in x (RDS user
    guide, "Hardware specifications for DB instance classes").
    """
    match = re.fullmatch(r"db\.([a-z]+)[0-9][a-z0-9]*\.(micro|small|medium|large|(\d*)xlarge)", instance_class)
    if match is None or match[1] not in ("t", "m", "r", "x"):
        return None
    small = {"micro": 1, "small": 2, "medium": 4}
    if match[2] in small:
        return small[match[2]] if match[1] == "t" else None
    vcpus = 2 if match[2] == "large" else 4 * int(match[3] or 1)
    return vcpus * {"t": 4, "m": 4, "r": 8, "x": 16}[match[1]]


def most_connections(instance_class: str) -> int | None:
    """Return how many connections RDS for PostgreSQL lets a class have at least, or None where that is not known."""
    memory = memory_of(instance_class)
    return None if memory is None else min(memory * CONNECTIONS_A_GIB, MOST_CONNECTIONS)


@check("lambda.reservedConcurrency", "lambda.connections", "database.instanceClass", service=("uses",), berth="lambda")
def the_database_has_the_connections(case: Case) -> Iterator[Problem]:
    """All instances together must not open more connections than the database allows."""
    settings = case.at("lambda", LambdaSettings)
    instance_class = case.at("database", DatabaseSettings).instance_class
    allowed = most_connections(instance_class)
    users = len(list(users_of(case, "database")))
    wanted = settings.reserved_concurrency * settings.connections * users
    if allowed is None or wanted <= allowed - SPARE_CONNECTIONS:
        return
    several = f" of {users} services" if users > 1 else ""
    fitting = (allowed - SPARE_CONNECTIONS) // (settings.connections * users)
    yield case.reading.problem(
        "lambda.reservedConcurrency",
        f"{settings.reserved_concurrency} instances{several} with {settings.connections} connections each "
        f"(lambda.connections) are {wanted}, and {instance_class} allows about {allowed}.",
        given=settings.reserved_concurrency,
        allowed=f"{max(fitting, 1)} at most; or fewer lambda.connections, or a larger database.instanceClass",
        example=max(fitting, 1),
    )
