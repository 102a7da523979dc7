"""The cases of the rules on Docker containers, services and images."""

from __future__ import annotations

from typing import Any

from ..support import REMOVED, Planned, edited
from ..table import TOPIC, Cases, each_of
from .kubernetes import each_with

CONTAINER = "docker:index/container:Container"
SERVICE = "docker:index/service:Service"
VOLUME = "docker:index/volume:Volume"
IMAGE = "docker-build:index:Image"


def docker(path: str = "name", value: Any = "app") -> Planned:
    """Return a good Docker container with one place edited."""
    good = {
        "image": "example/app:1",
        "user": "10001",
        "volumes": [{"containerPath": "/data", "hostPath": "/srv/data"}],
        "networksAdvanced": [{"name": "front"}],
    }
    return Planned(CONTAINER, edited(good, path, value))


def swarm(path: str = "taskSpec.containerSpec.hostname", value: Any = "app") -> Planned:
    """Return a good Swarm service with one place edited."""
    return Planned(SERVICE, edited({"taskSpec": {"containerSpec": {"image": "a", "user": "app"}}}, path, value))


def image(dockerfile: str, **more: Any) -> Planned:
    """Return an image whose Dockerfile stands in its inputs."""
    return Planned(IMAGE, {"tags": ["example/app:1"], "dockerfile": {"inline": dockerfile}, **more})


DOCKER: dict[str, Cases] = {
    "docker-non-root": Cases(
        good=[docker(), docker("user", "app:app"), swarm()],
        bad=[*each_with(docker, "user", REMOVED, "0"), swarm("taskSpec.containerSpec.user", "root"), Planned(SERVICE)],
    ),
    "docker-not-privileged": Cases(
        good=[docker(), docker("privileged", False)], bad=[docker("privileged", True)], foreign=[TOPIC, swarm()]
    ),
    "docker-no-host-devices": Cases(
        good=[docker(), docker("devices", [])],
        bad=[docker("devices", [{"hostPath": "/dev/sda"}])],
        foreign=[TOPIC, swarm()],
    ),
    "docker-no-added-capabilities": Cases(
        good=[docker(), swarm()],
        bad=[docker("capabilities.adds", ["SYS_ADMIN"]), swarm("taskSpec.containerSpec.capAdds", ["SYS_ADMIN"])],
    ),
    "docker-no-host-namespaces": Cases(
        good=[docker(), docker("networkMode", "bridge"), swarm()],
        bad=[
            *(docker(key, "host") for key in ("networkMode", "pidMode", "ipcMode", "usernsMode", "cgroupnsMode")),
            swarm("taskSpec.networksAdvanceds", [{"name": "host"}]),
        ],
    ),
    "docker-no-runtime-socket": Cases(
        good=[
            docker(),
            docker("mounts", [{"type": "volume", "source": "data", "target": "/data"}]),
            swarm(),
            Planned(VOLUME, {"driverOpts": {"type": "nfs", "device": ":/data"}}),
        ],
        bad=[
            docker("volumes[0].hostPath", "/var/run/docker.sock"),
            docker("mounts", [{"type": "bind", "source": "/run/docker.sock", "target": "/s"}]),
            swarm("taskSpec.containerSpec.mounts", [{"type": "bind", "source": "/var/run", "target": "/s"}]),
            Planned(VOLUME, {"driverOpts": {"type": "none", "o": "bind", "device": "/run/docker.sock"}}),
        ],
    ),
    "docker-confined": Cases(
        good=[docker(), docker("securityOpts", ["no-new-privileges"]), swarm()],
        bad=[
            *each_with(docker, "securityOpts", ["seccomp=unconfined"], ["apparmor:unconfined"]),
            swarm("taskSpec.containerSpec.privileges.seLinuxContext", {"disable": True}),
            swarm("taskSpec.containerSpec.privileges.seLinuxContext", {"type": "spc_t"}),
        ],
    ),
    "docker-image-non-root": Cases(
        good=[
            image("FROM python:3.12\nUSER 10001"),
            image("FROM a AS build\nUSER root\nFROM scratch\nUSER 10001:10001"),
            image("FROM a\nARG UID\nUSER ${UID}", buildArgs={"UID": "10001"}),
        ],
        bad=[
            image("FROM python:3.12"),
            image("FROM a\nUSER root"),
            image("FROM a\nARG UID=10001\nUSER ${UID}", buildArgs={"UID": "0"}),
            image("FROM a AS one\nUSER root\nFROM b\nUSER 1", target="one"),
            image("FROM a\nUSER 1", target="missing"),
            Planned(IMAGE, {"dockerfile": {"location": "missing/Dockerfile"}}),
            Planned(IMAGE, {"context": {"location": "https://example.com/it.git"}}),
            *each_of("docker:index/image:Image", {"build": {"context": "missing"}}, {}),
        ],
    ),
}
