"""The cases of the rules on bundles of Elastic Beanstalk, and on the environments that run them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from ..support import REMOVED, Planned, edited
from ..table import TOPIC, Cases

OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
ENVIRONMENT = "aws:elasticbeanstalk/environment:Environment"
VERSION = "aws:elasticbeanstalk/applicationVersion:ApplicationVersion"
GOOD = {
    "services": {
        "app": {
            "image": "example/app:1",
            "user": "10001:10001",
            "read_only": True,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges:true"],
            "environment": {"LEVEL": "info", "KEPT_TOKEN": None},
            "volumes": ["data:/data", "/srv/files:/files:ro", {"type": "bind", "source": "/srv/data", "target": "/b"}],
            "network_mode": "service:agent",
        }
    },
    "volumes": {"data": {}},
    "configs": {"app": {"file": "./app.yaml"}},
}


def bundle(text: str | None, **others: str) -> Planned:
    """Return the object of a bundle with this Compose file and other files."""
    files = {**({"docker-compose.yml": text} if text is not None else {}), **others}
    assets = {name: {"asset": {"text": one}} for name, one in files.items()}
    return Planned(OBJECT, {"key": "it.zip", "source": {"archive": {"assets": assets}}})


def compose(path: str = "image", value: Any = "example/app:1") -> Planned:
    """Return a bundle with a good container, one place of which is edited."""
    return bundle(json.dumps(edited(GOOD, f"services.app.{path}", value)))


def beside(path: str, value: Any) -> Planned:
    """Return a bundle with a good container, and something beside it."""
    return bundle(json.dumps(edited(GOOD, path, value)))


def environment(*settings: tuple[str, str]) -> Planned:
    """Return an environment with these options of its machines."""
    machines = "aws:autoscaling:launchconfiguration"
    return Planned(
        ENVIRONMENT, {"settings": [{"namespace": machines, "name": name, "value": value} for name, value in settings]}
    )


def running(object_: Planned, *keys: str) -> Planned:
    """Return an environment whose version is made of an object."""
    made = replace(object_, name="bundle")
    version = Planned(VERSION, {"key": "it.zip"}, "version", property_dependencies={key: [made.urn] for key in keys})
    return Planned(ENVIRONMENT, property_dependencies={"version": [version.urn]}, beside=(version, made))


FOREIGN = [TOPIC, Planned(OBJECT, {"content": "hello"}), bundle(None, **{"index.html": "<p>"})]
YAML = """
services:
  app:
    image: example/app:1
    user: 10001:10001
"""
HOOK = ".platform/hooks/postdeploy/it.sh"
COMPOSE: dict[str, Cases] = {
    "docker-compose-non-root": Cases(
        good=[compose(), compose("user", "app"), bundle(YAML)],
        bad=[
            *(compose("user", one) for one in (REMOVED, "0", "root:root", "${USER:-0}", "$USER", 0, "")),
            bundle(YAML + "    <<: {user: root}\n"),
            bundle(YAML + '    user: "0"\n'),
            bundle("services: {}"),
        ],
        foreign=FOREIGN,
    ),
    "docker-compose-not-privileged": Cases(
        good=[compose(), compose("privileged", False)],
        bad=[compose("privileged", True), compose("privileged", "${IT}")],
        foreign=FOREIGN,
    ),
    "docker-compose-no-added-capabilities": Cases(
        good=[compose(), compose("cap_add", [])], bad=[compose("cap_add", ["SYS_ADMIN"])], foreign=FOREIGN
    ),
    "docker-compose-drop-capabilities": Cases(
        good=[compose()], bad=[compose("cap_drop", REMOVED), compose("cap_drop", ["NET_RAW"])], foreign=FOREIGN
    ),
    "docker-compose-read-only-root": Cases(
        good=[compose()], bad=[compose("read_only", REMOVED), compose("read_only", False)], foreign=FOREIGN
    ),
    "docker-compose-confined": Cases(
        good=[compose()],
        bad=[compose("security_opt", ["seccomp:unconfined"]), compose("security_opt", ["seccomp:${IT}"])],
        foreign=FOREIGN,
    ),
    "docker-compose-no-new-privileges": Cases(
        good=[compose(), compose("security_opt", ["no-new-privileges"])],
        bad=[compose("security_opt", REMOVED), compose("security_opt", ["no-new-privileges:false"])],
        foreign=FOREIGN,
    ),
    "docker-compose-no-host-namespaces": Cases(
        good=[compose(), compose("network_mode", "bridge")],
        bad=[
            *(compose(key, "host") for key in ("network_mode", "pid", "ipc", "uts", "userns_mode", "cgroup")),
            compose("network_mode", "${IT}"),
        ],
        foreign=FOREIGN,
    ),
    "docker-compose-no-host-devices": Cases(
        good=[compose(), compose("devices", [])],
        bad=[compose("devices", ["/dev/sda:/dev/sda"]), compose("device_cgroup_rules", ["a *:* rwm"])],
        foreign=FOREIGN,
    ),
    "docker-compose-no-plain-secrets": Cases(
        good=[compose(), compose("environment", ["LEVEL=info", "TOKEN"])],
        bad=[compose("environment.DB_PASSWORD", "hunter2"), compose("environment", ["API_KEY=hunter2"])],
        foreign=FOREIGN,
    ),
    "docker-compose-no-runtime-socket": Cases(
        good=[compose(), beside("volumes.data", {"driver_opts": {"type": "nfs", "device": ":/srv"}})],
        bad=[
            compose("volumes", ["/var/run/docker.sock:/var/run/docker.sock"]),
            compose("volumes", ["${SOCKET}:/it"]),
            compose("volumes", [{"type": "bind", "source": "/run", "target": "/it"}]),
            beside("volumes.data", {"driver_opts": {"type": "none", "o": "bind", "device": "/run"}}),
            beside("configs.app.file", "/run/docker.sock"),
        ],
        foreign=FOREIGN,
    ),
    "docker-compose-nothing-opaque": Cases(
        good=[compose(), bundle(YAML, **{HOOK: "docker ps\ndocker login example\ncat docker-compose.yml\n"})],
        bad=[
            *(compose(key, "it") for key in ("build", "extends", "deploy", "use_api_socket", "runtime", "post_start")),
            beside("include", ["other.yml"]),
            bundle(None, **{"Dockerrun.aws.json": "{}"}),
            bundle(YAML, **{"docker-compose.override.yml": "services: {}"}),
            bundle(YAML, **{HOOK: "docker run --user 0 example/app:1"}),
            bundle(YAML, **{".ebextensions/it.config": "commands: {a: {command: podman   run example/app:1}}"}),
            bundle(YAML, **{HOOK: "docker-compose -f it.yml up"}),
            bundle(YAML, **{HOOK: 'run(["docker", "run", "example/app:1"])'}),
        ],
        foreign=FOREIGN,
    ),
    "aws-beanstalk-imds-v2": Cases(
        good=[environment(("DisableIMDSv1", "true"), ("SecurityGroups", "sg-1"))],
        bad=[Planned(ENVIRONMENT), environment(("DisableIMDSv1", "true"), ("DisableIMDSv1", "false"))],
    ),
    "aws-beanstalk-judged": Cases(
        good=[running(compose(), "key"), running(compose(), "bucket")],
        bad=[
            Planned(ENVIRONMENT),
            running(Planned(OBJECT, {"source": "it.zip"}), "key"),
            running(bundle(None, **{"index.html": "<p>"}), "key"),
            running(compose()),
        ],
    ),
}
