"""Host paths that give away the container runtime's socket, and with it the host."""

from posixpath import normpath
from typing import Final

_SOCKETS: Final = frozenset(
    f"{run}/{socket}"
    for run in ("/run", "/var/run")
    for socket in (
        "docker.sock",
        "docker/containerd/containerd.sock",
        "containerd/containerd.sock",
        "crio/crio.sock",
        "cri-dockerd.sock",
        "podman/podman.sock",
    )
)


def exposes_socket(path: str) -> bool:
    """Tell whether ``path`` is such a socket or a directory above one (``/``, ``/run``, ...)."""
    # A leading double slash survives normpath, as POSIX lets it mean something else.
    clean = "/" + normpath(path.strip()).lstrip("/")
    if clean.endswith("/docker.sock"):
        return True
    return any(socket == clean or socket.startswith(clean.rstrip("/") + "/") for socket in _SOCKETS)
