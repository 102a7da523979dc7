"""Host paths that give away the container runtime's socket, and with it the host."""

import re
from collections.abc import Iterator
from posixpath import normpath
from typing import Final

from .rule import Finding
from .values import Field

NO_SOCKET: Final = "no path that holds the container runtime's socket"
"""What to write instead of one."""
_SOCKET: Final = re.compile(
    r".*/(docker|containerd|crio|cri-dockerd|dockershim|podman|buildkitd|balena-engine|frakti)(-debug)?\.sock(\.ttrpc)?"
    r"|/pipe/(docker_engine|docker_cli|containerd)[\w-]*",
    re.IGNORECASE,
)
_FOLDERS: Final = re.compile(
    r"/|/(run|var|var/lib/rancher|var/snap|var/snap/microk8s|var/snap/microk8s/common(/run)?)|/run/(docker(/containerd)?"
    r"|containerd|crio|podman|k3s(/containerd)?|host-containerd|buildkit|cri-dockerd|user(/[0-9]+(/(podman|docker))?)?)"
)
"""What has a runtime's socket somewhere below it: as Debian, Fedora, Bottlerocket, k3s and MicroK8s have it, and
rootless Docker and podman."""
_ROOT: Final = re.compile(r"/proc/(self|thread-self|[0-9]+)(/task/[0-9]+)?/(root|cwd)(?=/|$)")
_VAR_RUN: Final = re.compile(r"/var/run(?=/|$)")
"""A link to /run wherever systemd is."""


def exposes_socket(path: str) -> bool:
    """Tell whether ``path`` is such a socket or a directory above one (``/``, ``/run``, ...)."""
    clean = _clean(path)
    # A process's root is the host's for all that pid 1 and the like may see.
    while match := _ROOT.match(clean):
        clean = _clean(clean[match.end() :])
    return bool(_SOCKET.fullmatch(clean) or _FOLDERS.fullmatch(clean))


def _clean(path: str) -> str:
    # A leading double slash survives normpath, as POSIX lets it mean something else.
    clean = "/" + normpath("/" + path.strip().replace("\\", "/")).lstrip("/")
    return _VAR_RUN.sub("/run", clean)


def exposing_options(options: Field) -> Iterator[Finding]:
    """Yield the options of a volume's driver that name such a path, as an overlay's ``lowerdir`` does.

    The local driver hands its options to mount(2), from the root directory (moby: volume/local/local_unix.go).
    """
    for _, field in options.entries():
        option = field.text() or ""
        paths = [part for part in re.split(r"[,=:]", option) if part.startswith("/")]
        if option and any(map(exposes_socket, [option, *paths])):
            yield Finding.at(field, NO_SOCKET)
