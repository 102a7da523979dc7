"""What a machine does at its start, as cloud-init's user data: pure, and known whole at preview.

It holds names of parameters and secrets, never a value: whoever may describe a launch template reads it.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pulumi
import yaml

from components.berths.ec2.units import FILES, FOLDER, LOGS, VALUES, Place, containers, unit_name, units
from components.service.spec import ServiceSpec, Source

PROGRAMS: Final = "/usr/local/lib/berth"
NEEDS: Final = "/etc/berth/needs.json"
CREDENTIALS: Final = "berth_credentials"
MOST_BYTES: Final = 16 * 1024
"""Of user data, before base64 (EC2 user guide, "Run commands when you launch an EC2 instance with user data")."""
ADDRESS: Final = "169.254.170.2"
"""Where AWS's SDKs ask for a container's credentials (SDKs and tools reference guide, "Container credentials")."""
_HERE: Final = Path(__file__).parent / "machine"


class _Readable(yaml.SafeDumper):
    """Writes text of several lines as it is."""


_Readable.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


def user_data(
    service: ServiceSpec, place: Place, *, group: str, log_group: str, registries: Sequence[str], role: str
) -> str:
    """Return the cloud-config that makes a machine of Amazon Linux 2023 run the service.

    Args:
        service: what runs.
        place: what its units refer to.
        group: name of the auto scaling group.
        log_group: where its output goes.
        registries: hosts of ECR that images come from.
        role: ARN of the service's role; empty where it has no rights.
    """
    needs = {
        "region": place.region,
        "registries": list(registries),
        "secrets": {name: _where(source) for source, name in place.secrets.items()},
    }
    written = {
        **{f"{FOLDER}/{name}": text for name, text in units(service, place).items()},
        **{
            f"{FILES}/{number}": file.content
            for number, file in enumerate(service.files)
            if not isinstance(file.content, Source)
        },
        NEEDS: json.dumps(needs, sort_keys=True),
        "/etc/berth/logs.json": json.dumps(_logs(service, log_group), sort_keys=True),
        "/etc/logrotate.d/berth": f"{LOGS}/*.log {{\n  size 64M\n  rotate 1\n  copytruncate\n  missingok\n}}\n",
        "/etc/systemd/system/logrotate.timer.d/berth.conf": "[Timer]\nOnCalendar=\nOnCalendar=hourly\n",
        f"/etc/systemd/system/{VALUES}.service": _unit(
            "Newest values of the secrets",
            ["Type=oneshot", f"ExecStart=/usr/bin/python3 {PROGRAMS}/values.py {NEEDS}"],
        ),
        f"{PROGRAMS}/values.py": _program("values.py"),
    }
    if role:
        written[f"/etc/systemd/system/{CREDENTIALS}.service"] = _unit(
            "Credentials of the service's role",
            [
                f"ExecStartPre=+/usr/sbin/ip address replace {ADDRESS}/32 dev lo",
                f"ExecStart=/usr/bin/python3 {PROGRAMS}/credentials.py {role} {place.region}",
                "DynamicUser=yes",
                "AmbientCapabilities=CAP_NET_BIND_SERVICE",
                "Restart=always",
                "RestartSec=2",
                "\n[Install]\nWantedBy=multi-user.target",
            ],
        )
        written[f"{PROGRAMS}/credentials.py"] = _program("credentials.py")
    urls = [f"http://127.0.0.1:{one.port}{one.health_path}" for one in service.endpoints]
    config = {
        "write_files": [
            *({"path": path, "content": text} for path, text in written.items()),
            {"path": f"{PROGRAMS}/start", "content": _program("start"), "permissions": "0755"},
        ],
        "runcmd": [[f"{PROGRAMS}/start", place.region, group, f"{unit_name(service.name)}.service", *urls]],
    }
    return "#cloud-config\n" + yaml.dump(config, Dumper=_Readable, allow_unicode=True, sort_keys=False, width=10**6)


def encoded(text: str) -> str:
    """Return user data as a launch template takes it.

    Raises:
        pulumi.RunError: it is longer than EC2 takes.
    """
    size = len(text.encode())
    if size > MOST_BYTES:
        raise pulumi.RunError(
            f"The user data of berth ec2 has {size} bytes, and EC2 takes {MOST_BYTES}.\n"
            "It holds the service's environment, commands and sidecars, and the project's files of service.files.\n"
            "Put larger files into the image, e.g. COPY app.yaml /etc/shop/app.yaml in its Dockerfile."
        )
    return base64.b64encode(text.encode()).decode()


def _program(name: str) -> str:
    """Return a program without what only its readers need: there is not much room."""
    text = re.sub(r'^ *"""[\s\S]*?"""\n', "", (_HERE / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return re.sub(r"^(?: *#[^!].*)?\n", "", text, flags=re.MULTILINE)


def _unit(description: str, service: Sequence[str]) -> str:
    online = "Wants=network-online.target\nAfter=network-online.target\n"
    return f"[Unit]\nDescription={description}\n{online}\n[Service]\n" + "".join(f"{line}\n" for line in service)


def _where(source: Source) -> dict[str, str]:
    given = {"parameter": source.parameter, "secret": source.secret, "field": source.field}
    return {key: value for key, value in given.items() if value is not None}


def _logs(service: ServiceSpec, log_group: str) -> dict[str, Any]:
    """What the CloudWatch agent sends, and where: a stream for each container, and one for the machine's start."""
    files = [
        {"file_path": f"{LOGS}/{name}.log", "log_group_name": log_group, "log_stream_name": f"{name}/{{instance_id}}"}
        for name in [*containers(service), "machine"]
    ]
    return {"agent": {"run_as_user": "cwagent"}, "logs": {"logs_collected": {"files": {"collect_list": files}}}}
