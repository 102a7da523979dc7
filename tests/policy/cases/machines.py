"""The cases of the rules on containers that a machine starts by its user data."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

from ..support import Planned
from ..table import Cases

TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
SAFE = {
    "Image": "example/shop:1",
    "User": "10001",
    "Group": "10001",
    "DropCapability": "all",
    "NoNewPrivileges": "true",
}
PATH = "/etc/containers/systemd/shop.container"


def machine(data: str | bytes) -> Planned:
    """Return a launch template with user data."""
    raw = data if isinstance(data, bytes) else data.encode()
    return Planned(TEMPLATE, {"userData": base64.b64encode(raw).decode()})


def unit(*more: str, **changes: str | None) -> str:
    """Return a unit, with some entries changed or left out, and lines of its own at its end."""
    entries = {key: value for key, value in {**SAFE, **changes}.items() if value is not None}
    return "\n".join(["[Container]", *(f"{key}={value}" for key, value in entries.items()), *more, "[Service]", ""])


def config(content: str, **file: Any) -> str:
    """Return a cloud-config that writes a unit."""
    return "#cloud-config\n" + json.dumps({"write_files": [{"path": PATH, "content": content, **file}]})


def written(*more: str, **changes: str | None) -> Planned:
    """Return a machine that writes a unit."""
    return machine(config(unit(*more, **changes)))


def script(content: str) -> str:
    """Return a script that writes a unit."""
    return f"#!/bin/sh\ncat >{PATH} <<'EOF'\n{content}EOF\nsystemctl daemon-reload\n"


def encoded(content: str) -> str:
    """Return a cloud-config that writes a unit in base64."""
    return config(base64.b64encode(content.encode()).decode(), encoding="b64")


ROOT = unit(User=None)
MULTIPART = (
    'Content-Type: multipart/mixed; boundary="x"\nMIME-Version: 1.0\n\n--x\n'
    f"Content-Type: text/cloud-config\n\n{config(ROOT)}\n--x--\n"
)
ELSEWHERE = "#cloud-config\n" + json.dumps({"write_files": [{"path": PATH, "source": {"uri": "https://x.example/u"}}]})
KUBE = "#cloud-config\n" + json.dumps(
    {"write_files": [{"path": "/etc/containers/systemd/shop.kube", "content": "[Kube]\nYaml=shop.yaml\n"}]}
)

QUADLETS: dict[str, Cases] = {
    "machine-non-root": Cases(
        good=[
            written(),
            written(User="10001:10001"),
            written("User=0", "User=10001"),
            machine(script(unit())),
            machine(encoded(unit())),
            machine("#!/bin/sh\ndnf install -y podman\npodman secret create token -\n# docker run example/shop\n"),
            machine("#!/bin/sh\ndocker run -d --user 10001 example/shop\n"),
            Planned(TEMPLATE),
        ],
        bad=[
            machine(config(ROOT)),
            written(User="root"),
            written(User="0:0"),
            written("User=0"),
            written("PodmanArgs=--user root"),
            written("PodmanArgs=-u 0"),
            written("User=\\", "root"),
            machine(script(ROOT)),
            machine(encoded(ROOT)),
            machine(gzip.compress(config(ROOT).encode(), mtime=0)),
            machine(MULTIPART),
            machine(ELSEWHERE),
            machine("#include\nhttps://x.example/user-data\n"),
            machine(KUBE),
            machine("#!/bin/sh\ndocker run -d --privileged example/agent\n"),
            machine("#!/bin/sh\npodman run \\\n  --user=0 example/agent\n"),
            machine("#cloud-config\nruncmd: [[podman, --log-level=warn, run, example/agent]]\n"),
        ],
    ),
    "machine-confined": Cases(
        good=[written(), written("Volume=/etc/shop:/etc/shop:ro"), written("Network=podman")],
        bad=[
            written(NoNewPrivileges=None),
            written("PodmanArgs=--privileged"),
            written("AddCapability=SYS_ADMIN"),
            written("AddDevice=/dev/sda"),
            written("Network=host"),
            written("PodmanArgs=--pid host"),
            written("PodmanArgs=--net=host"),
            written("SeccompProfile=unconfined"),
            written("SecurityLabelDisable=true"),
            written("Volume=/run/podman/podman.sock:/run/podman.sock"),
            written("Mount=type=bind,source=/var/run/docker.sock,target=/run/docker.sock"),
        ],
        foreign=[machine("#!/bin/sh\nuptime\n"), Planned(TEMPLATE)],
    ),
    "machine-drop-capabilities": Cases(
        good=[written(), written(DropCapability="ALL")],
        bad=[written(DropCapability=None), written("DropCapability="), written(DropCapability="NET_RAW")],
        foreign=[machine("#!/bin/sh\nuptime\n")],
    ),
}
