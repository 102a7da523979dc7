"""Values that lie elsewhere, secrets that exist already and files: the stack says where, and never holds them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

from components.config.keys import Key, Model, Rule, matching, relative_path

secret_name: Final = matching(
    r"(?=.{1,512}$)[A-Za-z0-9/_+=.@-]+|arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+",
    "the name or the ARN of a secret in Secrets Manager",
    "is neither",
)
parameter_name: Final = matching(
    r"(?=.{1,1011}$)(/[A-Za-z0-9_.-]+)+|[A-Za-z0-9_.-]+",
    "the name of a parameter of Systems Manager in the stack's region",
    "is no such name",
)
json_key: Final = matching(r"[^:\s\x00-\x1f]+", "a key of the JSON that the secret holds", "is no such key", 255)


_SUFFIX: Final = re.compile(r"-[A-Za-z0-9]{6}$")
"""What Secrets Manager puts at the end of a secret's name to make its ARN."""


def looks_whole(secret: str) -> bool:
    """Say whether a secret's name or ARN ends as a whole ARN does.

    Of a name without its ARN, such as ``shop/api-secret``, ECS would take it for one, and not find the secret (Secrets
    Manager user guide, "What's in a secret").
    """
    return _SUFFIX.search(secret) is not None


class SourceSettings(Model):
    """Where a secret lies."""

    secret: Annotated[
        str | None,
        Key("Secret of Secrets Manager, by name or ARN.", secret_name, "shop/api-key", default="this or parameter"),
    ] = None
    field: Annotated[
        str | None, Key("One key of the secret's JSON.", json_key, "password", default="the secret as a whole")
    ] = None
    parameter: Annotated[
        str | None,
        Key("Parameter of Systems Manager, by name.", parameter_name, "/shop/token", default="this or secret"),
    ] = None


def _path_problems(path: str) -> Iterator[str]:
    if not re.fullmatch(r"(/[A-Za-z0-9_][A-Za-z0-9._-]*){2,8}", path):
        yield f'"{path}" is no absolute path of a file in a folder.'
    elif folder_of(path) in _SYSTEM_FOLDERS or path.startswith(("/proc/", "/sys/", "/dev/", "/tmp/")):
        yield f"{folder_of(path)} holds what the container needs, and the folder would hold these files alone."


_SYSTEM_FOLDERS: Final = frozenset(
    {"/bin", "/boot", "/etc", "/home", "/lib", "/lib64", "/opt", "/root", "/run", "/sbin", "/srv", "/usr", "/var"}
    | {"/usr/bin", "/usr/lib", "/usr/local", "/usr/sbin", "/usr/share", "/var/lib", "/var/run"}
    | {"/etc/ssl", "/etc/ssl/certs"}
)
file_path: Final = Rule(
    "an absolute path in a folder of its own, e.g. /etc/shop/app.yaml: the folder holds these files and nothing else",
    _path_problems,
)


def folder_of(path: str) -> str:
    """Return the folder that a file is mounted with."""
    return path.rpartition("/")[0]


class FileSettings(SourceSettings):
    """One of ``berth:service.files``."""

    path: Annotated[str, Key("Where it is in the container.", file_path, "/etc/shop/app.yaml")]
    source: Annotated[
        str | None,
        Key(
            "File of the project, relative to Pulumi.yaml.",
            relative_path,
            "config/app.yaml",
            default="this, secret or parameter",
        ),
    ] = None


def source_problems(given: SourceSettings) -> Iterator[str]:
    """Yield what is wrong between the keys of one value that lies elsewhere."""
    places = {"secret": given.secret, "parameter": given.parameter}
    if isinstance(given, FileSettings):
        places = {"source": given.source, **places}
    named = [name for name, value in places.items() if value]
    if len(named) != 1:
        choice = " or ".join(places)
        yield f"It names {' and '.join(named) or 'none of them'}; exactly one of {choice} says where the value is."
    if given.field and not given.secret:
        yield "field is a key of a secret's JSON, and there is no secret."


def file_problems(files: Sequence[FileSettings]) -> Iterator[str]:
    """Yield what is wrong between files, each of which stands in a folder that is mounted whole."""
    paths = [file.path for file in files]
    yield from (f"{path} stands there twice." for path in sorted({path for path in paths if paths.count(path) > 1}))
    folders = sorted({folder_of(path) for path in paths})
    for outer in folders:
        for inner in folders:
            if inner.startswith(f"{outer}/"):
                yield f"{inner} lies in {outer}, which is mounted as a whole."
    if len(folders) > MOST_FOLDERS:
        yield f"They are in {len(folders)} folders, {len(folders) - MOST_FOLDERS} too many."


def project_bytes(root: Path, files: Iterable[FileSettings]) -> int:
    """Return the size of those of the files that are of the project; one that is not there has none."""
    places = [root / file.source for file in files if file.source]
    return sum(place.stat().st_size for place in places if place.is_file())


MOST_FOLDERS: Final = 4
"""Folders of files; each is a volume of its own."""


def variable_problems(values: Mapping[str, SourceSettings]) -> Iterator[str]:
    """Yield what is wrong with the names of variables that secrets are given in."""
    for name in values:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            yield f'"{name}" is no name of a variable: letters, digits and underscores, first no digit.'


secret_variables: Final = Rule(
    "names of variables, each to {secret: NAME} with field where the secret is JSON, or to {parameter: NAME}",
    variable_problems,
)
