"""From a function to what is run here. Pure: no podman, no files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from berth.plan import UNKNOWN, Resource
from berth.rehearse.drivers.pod import planned
from berth.rehearse.errors import RehearsalError
from berth.rehearse.workload import Declaration, Promise, known, plain
from components.berths.lambda_.definition import SECRET
from policy.rules.aws.functions import becoming

FUNCTION: Final = "aws:lambda/function:Function"
INVOCATION: Final = "aws:lambda/invocation:Invocation"
MEMORY_MB: Final = 128
"""Of a function that does not say."""
TIMEOUT_SECONDS: Final = 3
"""The same."""
IRRELEVANT: Final = frozenset(
    {"architectures", "environment", "imageConfig", "imageUri", "memorySize", "name", "packageType", "timeout"}
    | {"publish", "replaceSecurityGroupsOnDestroy", "replacementSecurityGroupIds", "reservedConcurrentExecutions"}
    | {"tags", "region"}
)
"""What is run as it says, or means nothing to what runs."""
NOT_REHEARSED: Final[Mapping[str, str]] = {
    "vpcConfig": "the network is this machine's",
    "loggingConfig": "logs stay with podman",
    "role": "no AWS credentials here",
}


@dataclass(frozen=True)
class Function:
    """A function, ready to be run."""

    name: str
    place: str
    """How a message names it."""
    image: str
    entry_points: tuple[str, ...]
    """Empty where the image's own are."""
    commands: tuple[str, ...]
    memory_mb: int
    timeout_seconds: int
    environment: Mapping[str, Any]
    """Variables with their planned values, ``UNKNOWN`` included; without those that name a secret."""
    secrets: Mapping[str, tuple[str, Any]]
    """Where the value of each secret variable lies, and the value as the Plan knows it; see ``pod.Entry``."""
    declared: Mapping[Promise, Declaration]
    not_rehearsed: tuple[str, ...]

    @property
    def port(self) -> int:
        """Where the adapter calls what is in the image."""
        return int(self.environment.get("AWS_LWA_PORT") or self.environment.get("PORT") or 8080)


def extract(resource: Resource, parameters: Mapping[str, Any]) -> Function:
    """Read a function.

    Args:
        resource: The function in the Plan.
        parameters: Values of the SSM parameters that the Plan creates, by name.

    Raises:
        RehearsalError: It is not known, or runs no image.
    """
    place = f"Function {resource.name}"
    inputs = resource.inputs
    if known(inputs.get("packageType")) != "Image":
        raise RehearsalError(f"{place}.packageType is not Image: only functions of an image are rehearsed")
    words = plain(inputs.get("imageConfig") or {}, f"{place}.imageConfig")
    variables = known((inputs.get("environment") or {}).get("variables") or {})
    named = {key.removeprefix(SECRET): str(value) for key, value in variables.items() if key.startswith(SECRET)}
    entry_points, commands = tuple(words.get("entryPoints") or ()), tuple(words.get("commands") or ())
    return Function(
        name=resource.name,
        place=place,
        image=plain(inputs.get("imageUri"), f"{place}.imageUri"),
        entry_points=entry_points,
        commands=commands,
        memory_mb=int(plain(inputs.get("memorySize") or MEMORY_MB, f"{place}.memorySize")),
        timeout_seconds=int(plain(inputs.get("timeout") or TIMEOUT_SECONDS, f"{place}.timeout")),
        environment={key: known(value) for key, value in variables.items() if not key.startswith(SECRET)},
        secrets={key: (where, planned(where.removeprefix("ssm:"), parameters)) for key, where in named.items()},
        declared=_declared(place, (*entry_points, *commands)),
        not_rehearsed=tuple(
            f"{place}.{key}: {NOT_REHEARSED.get(key, 'berth has no translation for it')}"
            for key in sorted(inputs)
            if key not in IRRELEVANT and (inputs[key] is UNKNOWN or known(inputs[key]) not in (None, [], {}))
        ),
    )


def _declared(place: str, words: Sequence[str]) -> dict[Promise, Declaration]:
    """Say that a function has no field for any promise: Lambda's own sandbox keeps them, unless its words undo that."""
    found: dict[Promise, Declaration] = {
        promise: Declaration(f"{place}: a function has no field for it", kept=True, possible=False)
        for promise in Promise
    }
    if tool := next(filter(None, map(becoming, words)), None):
        text = f"{place}.imageConfig starts it by {tool}, which starts others as somebody else"
        found[Promise.USER] = Declaration(text, kept=False)
    return found


def initial(function: Resource, surroundings: Sequence[Resource]) -> Resource | None:
    """Return the function that is invoked before this one gets requests: the one of the init command."""
    others = {one.urn: one for one in surroundings if one.type == FUNCTION and one.urn != function.urn}
    invoked = (one for one in surroundings if one.type == INVOCATION)
    named = (urn for one in invoked for urn in (*one.property_dependencies.get("functionName", ()), *one.dependencies))
    return next((others[urn] for urn in named if urn in others), None)


def is_initial(function: Resource, surroundings: Sequence[Resource]) -> bool:
    """Say whether a function is only there to be invoked by the deployment."""
    return any(
        function.urn in (*one.property_dependencies.get("functionName", ()), *one.dependencies)
        for one in surroundings
        if one.type == INVOCATION
    )


def concurrency(function: Resource) -> int | None:
    """Return how many instances may run at once; None where nothing bounds them."""
    value = known(function.inputs.get("reservedConcurrentExecutions"))
    return int(value) if isinstance(value, int | float) and value >= 0 else None
