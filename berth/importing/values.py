"""Values as other tools write them, read exactly or not at all. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from berth.importing.table import NotCarried
from components.config.errors import is_secret_value, names_secret
from components.service.variables import BINDINGS, SET_BY_THE_PROGRAM

LOWEST_PORT: Final = 1024
"""The lowest that a process binds that is not root."""
_UNITS: Final = {
    "ns": "0.000000001",
    "us": "0.000001",
    "µs": "0.000001",
    "ms": "0.001",
    "s": "1",
    "m": "60",
    "h": "3600",
}
_DURATION: Final = re.compile(r"(?:(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))")


def text(value: Any) -> str:
    """Return a text; a number or a boolean as YAML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float) and "\0" not in str(value):
        return str(value)
    raise NotCarried("It is not text.", "write a text")


def whole(value: Any) -> int:
    """Return a whole number, from its digits as well."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d+", value):
        return int(value)
    raise NotCarried("It is not a whole number.", "write one")


def within(low: int, high: int, reader: Callable[[Any], int] = whole) -> Callable[[Any], int]:
    """Return a reader of a range: of whole numbers, or of what another reader makes of a value."""

    def read(value: Any) -> int:
        number = reader(value)
        if not low <= number <= high:
            raise NotCarried(f"Here it is {low} to {high}.", "choose one of these")
        return number

    return read


def one_among(values: Sequence[int]) -> Callable[[Any], int]:
    """Return a reader of whole numbers of a list."""

    def read(value: Any) -> int:
        if (number := whole(value)) not in values:
            near = min(values, key=lambda one: abs(one - number))
            raise NotCarried(f"Here it is one of {', '.join(map(str, values))}.", f"{near} is the nearest")
        return number

    return read


def flag(value: Any) -> bool:
    """Return a boolean."""
    if not isinstance(value, bool):
        raise NotCarried("It is neither true nor false.", "write one of them")
    return value


def words(value: Any) -> list[str]:
    """Return a command as the list that exec takes; a text is split as a shell splits it, and no shell runs."""
    if isinstance(value, str):
        try:
            value = shlex.split(value)
        except ValueError as error:
            raise NotCarried(f"It cannot be split into words: {error}.", "write it as a list") from error
    if not isinstance(value, list) or not value:
        raise NotCarried("It is no command.", "write it as a list: [program, argument]")
    return [text(word) for word in value]


def check_command(value: Any) -> list[str]:
    """Return the command of a container's health check; ``CMD-SHELL`` and a text run by the shell that Docker takes."""
    if isinstance(value, str):
        return ["/bin/sh", "-c", value]
    first, *rest = words(value)
    if first == "CMD" and rest:
        return rest
    if first == "CMD-SHELL" and len(rest) == 1:
        return ["/bin/sh", "-c", rest[0]]
    if first == "NONE":
        raise NotCarried("NONE takes an image's own check away, and none is run here anyway.")
    return [first, *rest]


def seconds(value: Any) -> int:
    """Return whole seconds from a duration as Go and Compose write it: ``1h30m``; a number is seconds."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    given = text(value)
    total = sum((Decimal(number) * Decimal(_UNITS[unit]) for number, unit in _DURATION.findall(given)), Decimal(0))
    if not given or _DURATION.sub("", given) or total != int(total):
        raise NotCarried("It is no whole number of seconds.", 'write it like "90s" or "1h30m"')
    return int(total)


def variable(name: str, value: Any) -> str:
    """Return the value of a plain environment variable.

    Raises:
        NotCarried: the program sets this variable itself, or it looks like a secret, which no stack file holds.
    """
    content = text(value)
    if name in SET_BY_THE_PROGRAM:
        raise NotCarried(f"The program sets it. {SET_BY_THE_PROGRAM[name]}")
    if name.startswith(BINDINGS):
        raise NotCarried(f"The database's binding sets {BINDINGS}* itself.", "`uses: [database]`, or another name")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise NotCarried("It is no name of a variable here.", "letters, digits and underscores, first no digit")
    if names_secret(name) or is_secret_value(content):
        raise NotCarried(
            "It looks like a secret, and everyone who may read the stack could read it.",
            f"put it into SSM or Secrets Manager: secrets: {{{name}: {{parameter: /path/to/it}}}}",
        )
    return content


def port(value: Any) -> tuple[int, str | None]:
    """Return a port that a process binds that is not root, and what is different if it is another one than given."""
    number = within(1, 65535)(value)
    if number >= LOWEST_PORT:
        return number, None
    other = 8080 if number in (80, 443) else 8000 + number
    return other, (
        f"A process that is not root binds no port below {LOWEST_PORT}, so it is {other} here: listen on what the "
        "variable PORT says. Callers see no difference."
    )


def megabytes(value: Any) -> int:
    """Return MiB, rounded up, from bytes with a unit as Docker and Kubernetes write it: ``512m``, ``1.5Gi``, ``1G``."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?([kmgt]?)(i?)b?", text(value).lower())
    if not match:
        raise NotCarried("It is no amount of memory.", 'write it like "512Mi"')
    return -(-int(Decimal(match[1]) * 1024 ** " kmgt".index(match[2] or " ")) // 1024**2)


def cpu_units(value: Any) -> int:
    """Return CPU units, 1024 to a vCPU, rounded up, from CPUs (``0.5``) or thousandths (``500m``)."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?|\.\d+)(m?)", text(value))
    if not match:
        raise NotCarried("It is no amount of CPU.", 'write it like "0.5" or "500m"')
    return -int(-(Decimal(match[1]) * 1024 / (1000 if match[2] else 1)) // 1)


def secret_of(value: Any) -> dict[str, str]:
    """Return where a secret is, as ``secrets`` of the stack file, from what an ECS task definition takes.

    A text is an SSM parameter's name or ARN, or a Secrets Manager secret's ARN with ``:key:stage:version`` behind it.
    """
    given = text(value)
    if match := re.fullmatch(
        r"(arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:[^:]+)(?::([^:]*):([^:]*):([^:]*))?", given
    ):
        return _secrets_manager(match[1], *(match[number] or "" for number in (2, 3, 4)))
    if match := re.fullmatch(r"arn:[^:]+:ssm:[^:]*:[^:]*:parameter(/.+)", given):
        # A name of one level has no slash in front, and its ARN cannot tell: both are found by the name without it.
        return {"parameter": match[1] if "/" in match[1][1:] else match[1][1:]}
    if given.startswith("arn:"):
        raise NotCarried("It is the ARN of neither a parameter nor a secret.", "name one of these")
    return {"parameter": given}


def secrets_manager(value: Any) -> dict[str, str]:
    """Return where a secret is from Copilot's ``name:key:stage:version``, all but the name optional."""
    name, _, rest = text(value).partition(":")
    parts = [*rest.split(":"), "", "", ""][:3]
    return _secrets_manager(name, *parts)


def _secrets_manager(name: str, key: str, stage: str, version: str) -> dict[str, str]:
    if stage not in ("", "AWSCURRENT") or version:
        raise NotCarried(
            "A certain version of a secret would never follow its rotation.", "name the secret and key only"
        )
    return {"secret": name, **({"field": key} if key else {})}


def merged(base: Any, over: Any) -> Any:
    """Return a tree with another laid over it: objects by their keys, everything else as a whole."""
    if not isinstance(base, Mapping) or not isinstance(over, Mapping):
        return base if over is None else over
    names = [*base, *(name for name in over if name not in base)]
    return {name: merged(base.get(name), over.get(name)) for name in names}
