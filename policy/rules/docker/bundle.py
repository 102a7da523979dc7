"""Source bundles of Elastic Beanstalk, as far as they are for its platform of Docker: a Compose file among other files.

Such a bundle is an object in a bucket, made of an archive whose files stand in the program. Of one that is a file or a
folder somewhere nothing can be said here; the rule on environments says that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from .. import strict_yaml
from ..parts import Part
from ..rule import NotApplicable, Resource
from ..values import UNKNOWN, Field, Malformed

OBJECTS: Final = frozenset({"aws:s3/bucketObject:BucketObject", "aws:s3/bucketObjectv2:BucketObjectv2"})
COMPOSE: Final = "docker-compose.yml"
"""The one name that the platform looks for (user guide, "Docker configuration")."""
OTHER_FORMS: Final = (
    *("Dockerrun.aws.json", "Dockerfile", "Dockerfile.remote"),
    *("docker-compose.yaml", "compose.yml", "compose.yaml", "docker-compose.override.yml"),
)
"""What says as well which containers run, and is not judged here."""


def files(resource: Resource) -> Field | None:
    """Return the files of an object's archive by their paths; None where it is none of the program's own.

    Raises:
        Unreadable: they are not known, and the object's key does not tell that it is no archive.
    """
    key = resource.inputs.at("key").peek()
    here = resource.inputs
    for name in ("source", "archive", "assets"):
        here = here.at(name)
        if here.peek() is UNKNOWN and (not isinstance(key, str) or key.endswith(".zip")):
            here.exists()  # which says so
        if not isinstance(here.peek(), dict):
            return None
    return here


def is_bundle(resource: Resource) -> bool:
    """Tell whether an object is a bundle for the platform of Docker."""
    found = files(resource)
    return found is not None and any(name in (COMPOSE, *OTHER_FORMS) for name, _ in found.entries())


def text_of(asset: Field) -> Field:
    """Return the text of a file of an archive.

    Raises:
        Unreadable: it is not known, or none of the program's own texts.
    """
    text = asset.at("asset", "text")
    if not text.text():
        raise asset.malformed("a text of the program, such as pulumi.StringAsset")
    return text


def composition(resource: Resource) -> Field:
    """Return what a bundle's Compose file says.

    Raises:
        NotApplicable: it is no bundle, or has no Compose file, which another rule says.
        Unreadable: the file is not known, or cannot be read.
    """
    found = files(resource)
    if found is None or COMPOSE not in dict(found.entries()):
        raise NotApplicable
    text = text_of(found.at(COMPOSE))
    return text.once("compose", lambda: _read(text))


def containers(resource: Resource) -> list[Part]:
    """Return the containers of a bundle's Compose file by their names.

    Raises:
        Unreadable: there are none.
    """
    services = composition(resource).at("services")
    if not services.entries():
        raise services.malformed("at least one service")
    return [Part(one, name) for name, one in services.entries()]


def hooks(found: Field) -> Iterator[tuple[str, Field]]:
    """Yield the files that the platform or the machine runs, or reads commands from."""
    yield from ((name, one) for name, one in found.entries() if name.startswith((".platform/", ".ebextensions/")))


def _read(text: Field) -> Field:
    """Return what the text of a Compose file says, with paths of the file's own."""
    made = Field(_parsed(text.text() or "", text.path), key=COMPOSE, trace=text.trace)
    made.secret = text.secret
    return made


def _parsed(text: str, path: str) -> Any:
    # Needed by few.
    import yaml

    try:
        return _plain(yaml.load(text, strict_yaml.loader(merges=False)))
    except (yaml.YAMLError, ValueError, RecursionError, TypeError):
        raise Malformed(
            path, "not YAML that all readers read alike", "a Compose file, each key once, no merges"
        ) from None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value
