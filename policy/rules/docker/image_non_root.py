"""An image that the program builds starts as a user that is not root."""

from collections.abc import Iterator

from ..evaluate import each
from ..rule import Config, Finding, Level, Resource, Rule, Severity
from ..users import User, resolve
from ..values import Unreadable, quoted
from .accounts import doubtful
from .containers import CONFIG, is_listed
from .image_inputs import ImageInputs, image_inputs, is_image
from .lex import Unresolvable
from .stages import FinalUser, final_users

_WRITE = "a last `USER` with a uid other than 0 in the stage that is built"


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    yield from each(image_inputs(resource), lambda inputs: _file(inputs, config))


def _file(inputs: ImageInputs, config: Config) -> Iterator[Finding]:
    try:
        for final in final_users(inputs.text, inputs.build):
            yield from _user(f"{inputs.place}:{final.line}", final, config)
    except Unresolvable as error:
        raise Unreadable(inputs.place, f"not to be judged without a build: it has {error}", _WRITE) from None


def _user(place: str, final: FinalUser, config: Config) -> Iterator[Finding]:
    if final.user is None:
        if not is_listed(final.base, config):
            found = f"the last word on the user ({quoted(final.written)}, no USER follows), so the base image decides"
            yield Finding(place, found, f"{_WRITE}, or list the base image in `nonRootImages`")
    elif resolve(final.user) is not User.OTHER:
        yield Finding(place, f"{quoted(final.written)}, which is not a non-root user", _WRITE)
    elif doubt := doubtful(final.user, final.steps):
        by = f"a user that the {doubt.keyword.upper()} of line {doubt.line} may give uid 0"
        yield Finding(place, f"{quoted(final.written)}, {by}", _WRITE)


RULE = Rule(
    id="docker-image-non-root",
    description="An image that the program builds starts as a user that is not root.",
    remediation="End the stage that is built with USER and a numeric uid other than 0; a builder stage may be root.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("CIS Docker: 4.1", "Well-Architected: Security"),
    applies=is_image,
    check=_check,
    config=CONFIG,
)
