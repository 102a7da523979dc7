"""Base images: which ones a Dockerfile starts from, and what Debian's packages can put in their place."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from policy.rules.docker.dockerfile import parse
from policy.rules.docker.lex import expand, words_unquoted

SUITE: Final = "bookworm"
NEWER_SUITE: Final = "trixie"
"""For what is too old in the other one to build what is written today: Node 20 for 18, Go 1.24 for 1.19."""
# An imported image has no settings; `podman run` makes up a PATH, `podman kube play` does not.
IMPORT_PATH: Final = "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Recipe:
    """A base image made from Debian packages."""

    name: str
    packages: tuple[str, ...]
    options: tuple[str, ...] = ()
    """More options of mmdebstrap."""
    suite: str = SUITE

    @property
    def tag(self) -> str:
        """The image's reference; another recipe is another image."""
        text = json.dumps([self.suite, self.packages, self.options, IMPORT_PATH, platform.machine()])
        return f"localhost/berth-{self.name}:{hashlib.sha256(text.encode()).hexdigest()[:12]}"


# Manuals and translations are half a minute of unpacking.
LEAN: Final = tuple(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("man", "doc", "locale"))

PYTHON: Final = Recipe(
    "base",
    ("python3", "python3-venv", "python3-pip", "python-is-python3", "ca-certificates"),
    # pip installs beside Debian's packages, as it does in the image that this one stands in for.
    ('--customize-hook=rm -f "$1"/usr/lib/python3*/EXTERNALLY-MANAGED',),
)
NODE: Final = Recipe("node", ("nodejs", "npm", "ca-certificates"), LEAN, NEWER_SUITE)
GO: Final = Recipe("golang", ("golang-go", "git", "ca-certificates"), LEAN, NEWER_SUITE)
# With its manuals' folders: the JDK's packages put links there, and fail without.
JAVA: Final = Recipe("java", ("default-jdk-headless", "maven", "ca-certificates"), LEAN[1:], NEWER_SUITE)
DEBIAN: Final = Recipe("debian", ("ca-certificates", "netbase", "tzdata"), LEAN)
POSTGRES: Final = Recipe(
    "postgres",
    ("postgresql", "openssl"),
    (
        # A rehearsal makes its own cluster.
        '--essential-hook=mkdir -p "$1/etc/postgresql-common"',
        "--essential-hook=echo 'create_main_cluster = false' > \"$1/etc/postgresql-common/createcluster.conf\"",
        *LEAN,
    ),
)
STAND_INS: Final[dict[str, Recipe]] = {
    "python": PYTHON,
    "node": NODE,
    "golang": GO,
    "eclipse-temurin": JAVA,
    "maven": JAVA,
    "debian": DEBIAN,
    # Has the same commands, and more.
    "busybox": DEBIAN,
    # Has a shell, which the real ones have not: what needs none runs in it as well.
    "gcr.io/distroless/static": DEBIAN,
    "gcr.io/distroless/base": DEBIAN,
}
"""Repositories by their familiar names, and what stands in for their images where no registry is reached."""


CRATES: Final = {"public.ecr.aws/awsguru/aws-lambda-adapter": "/lambda-adapter"}
"""Images of one program each that cargo makes, and the program's file: AWS's own image has it at the same place."""


def canonical(reference: str) -> str:
    """Return an image's full reference, e.g. ``docker.io/library/node:20`` for ``node:20``, as Docker reads it."""
    host, slash, _ = reference.partition("/")
    if slash and (host == "localhost" or "." in host or ":" in host):
        return reference
    return f"docker.io/{reference}" if slash else f"docker.io/library/{reference}"


def stand_in(reference: str) -> Recipe | None:
    """Return what stands in for an image, None where Debian has nothing like it.

    Args:
        reference: Of the image, with or without its registry, tag and digest.
    """
    repository = re.sub(r"@.*$|:[^/:]*$", "", canonical(reference))
    # Debian's is distroless' own origin: gcr.io/distroless/static-debian12.
    repository = re.sub(r"^docker\.io/library/|-debian\d+$", "", repository)
    return STAND_INS.get(repository)


def stand_in_crate(reference: str) -> tuple[str, str] | None:
    """Return the file and the version of the one program in an image that cargo can make, None for any other image.

    Args:
        reference: Of the image; its tag is the crate's version.
    """
    repository, _, version = canonical(reference).partition(":")
    file = CRATES.get(repository)
    return (file, version) if file and version else None


def base_images(dockerfile: str, arguments: Mapping[str, str]) -> list[str]:
    """Return the images that a Dockerfile starts from or copies from, as they are written there, each once.

    Args:
        dockerfile: The Dockerfile's text.
        arguments: Values of ``ARG`` that the build sets.

    Raises:
        Unresolvable: It cannot be read, or only a build could tell.
    """
    values: dict[str, str | Exception] = {}
    stages = {"scratch"}
    found: dict[str, None] = {}
    parsed = parse(dockerfile)
    above = True
    for one in parsed.instructions:
        if one.keyword == "arg" and above:
            for name, _, default in (word.partition("=") for word in words_unquoted(one.rest)):
                values[name] = arguments.get(name, default)
        elif one.keyword == "from":
            above = False
            word, *alias = one.rest.split()
            image = expand(word, values, parsed.escape)
            if image.lower() not in stages:
                found[image] = None
            stages.add(alias[-1].lower() if alias else "")
        elif one.keyword == "copy":
            sources = [flag.removeprefix("--from=") for flag in one.flags if flag.startswith("--from=")]
            found |= {image: None for image in sources if image.lower() not in stages and not image.isdecimal()}
    return list(found)
