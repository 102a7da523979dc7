"""From an environment of Elastic Beanstalk to what podman is asked to run; nothing is run here."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from berth.plan import UNKNOWN, Plan, Resource
from berth.rehearse.drivers.beanstalk.composition import COMPOSE, Composition, extract
from berth.rehearse.drivers.beanstalk.driver import BeanstalkDriver
from berth.rehearse.drivers.driver import Unit
from berth.rehearse.errors import RehearsalError
from berth.rehearse.local import ELSEWHERE
from berth.rehearse.podman import Podman
from berth.rehearse.session import Session
from berth.rehearse.workload import Promise
from components.berths.beanstalk.compose import ComposePlace, compose_file
from components.service.spec import ContainerSecurity, File, Sidecar, Source
from tests.components.specs import SITE, service

from . import plans
from .test_kinds import Machine

SECURITY = ContainerSecurity()
PLACE = ComposePlace(SITE, "/berth/it", {"DATABASE_HOST": "/berth/it/database-host"}, "arn:aws:iam::1:role/it")
SPEC = service(
    environment={"PORT": "8080", "PRICE": "$5"},
    secrets={"API_KEY": Source("shop/api-key", "key")},
    files=(File("/etc/shop/app.yaml", "price: $5\n"), File("/etc/shop/key.pem", Source("shop/tls"))),
    sidecars=(Sidecar("agent", "example/agent:1", 64, 128, health_command=("/bin/agent", "--check")),),
)


def environment(change: Callable[[dict[str, Any]], None] = lambda services: None, text: str | None = None) -> Plan:
    """Return the Plan of one environment, with its services changed."""
    document = json.loads(compose_file(SPEC, PLACE))
    change(document["services"])
    assets = {COMPOSE: {"asset": {"text": text if text is not None else json.dumps(document)}}}
    assets[".platform/hooks/prebuild/it.py"] = {"asset": {"text": "print()"}}
    uploaded = plans.resource(
        "aws:s3/bucketObjectv2:BucketObjectv2", "bundle", {"source": {"archive": {"assets": assets}}}
    )
    version = plans.resource("aws:elasticbeanstalk/applicationVersion:ApplicationVersion", "version", {"key": UNKNOWN})
    version = replace(version, property_dependencies={"key": (uploaded.urn,)})
    stack = {"solutionStackName": "64bit Amazon Linux 2023 v4.13.1 running Docker"}
    running = plans.resource("aws:elasticbeanstalk/environment:Environment", "it", stack)
    running = replace(running, property_dependencies={"version": (version.urn,)})
    parameter = plans.resource(
        "aws:ssm/parameter:Parameter",
        "host",
        {"name": "/berth/it/database-host", "type": "String", "value": UNKNOWN},
    )
    return Plan("toy", [uploaded, version, running, parameter], {})


def read(plan: Plan) -> Composition:
    """Return what is read of it."""
    [running] = plan.of_type("aws:elasticbeanstalk/environment:Environment")
    return extract(plan, running, SECURITY, "biometric")


def changed(name: str, **keys: Any) -> Callable[[dict[str, Any]], None]:
    """Change keys of one service; None takes one away."""

    def change(services: dict[str, Any]) -> None:
        services[name] = {key: value for key, value in {**services[name], **keys}.items() if value is not None}

    return change


def test_the_containers_start_in_their_order_with_what_the_file_says() -> None:
    found = read(environment())
    assert [(one.container.name, one.container.init, one.container.sidecar) for one in found.entries] == [
        ("agent", False, True),
        ("biometric-init", True, False),
        ("biometric", False, False),
    ]
    agent, init, own = found.entries
    assert [(one.container, one.condition) for one in own.dependencies] == [
        ("agent", "HEALTHY"),
        ("biometric-init", "SUCCESS"),
    ]
    assert own.container.ports == (8080,) and agent.container.ports == ()
    assert own.environment["PRICE"] == "$5" and init.command == ("python", "-m", "biometric.migrate")
    assert own.secrets["DATABASE_HOST"] == ("/berth/it/database-host", UNKNOWN)
    assert own.secrets["API_KEY"][1] is ELSEWHERE
    assert {
        "--user=10001:10001",
        "--read-only",
        "--read-only-tmpfs=false",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        "--tmpfs=/tmp:rw,noexec,nosuid,nodev,size=64m",
        "--memory=384m",
        "--cpu-shares=192",
        "--stop-timeout=30",
        "--volume=/run/berth/files/0:/etc/shop:ro",
    } <= set(own.options)
    assert [(one.kind, one.command, one.patience) for one in agent.container.probes] == [
        ("exec", ("/bin/agent", "--check"), 60.0)
    ]
    assert all(one.kept for entry in found.entries for one in entry.container.declared.values())
    assert any("no machine here" in one for one in found.not_rehearsed)
    assert any("x-berth.role" in one for one in found.not_rehearsed)


@pytest.mark.parametrize(
    ("keys", "promise", "text"),
    [
        ({"user": "0"}, Promise.USER, 'docker-compose.yml services.biometric.user is "0"'),
        ({"user": None}, Promise.USER, "user is absent"),
        ({"cap_drop": None}, Promise.CAPABILITIES, "cap_drop is absent"),
        ({"cap_add": ["SYS_ADMIN"]}, Promise.CAPABILITIES, 'cap_add is ["SYS_ADMIN"]'),
        ({"privileged": True}, Promise.CAPABILITIES, "privileged is true"),
        ({"security_opt": None}, Promise.NO_NEW_PRIVILEGES, "security_opt is absent"),
        ({"read_only": False}, Promise.READ_ONLY_ROOT, "read_only is false"),
        ({"tmpfs": ["/tmp", "/run"]}, Promise.WRITABLE_PATHS, "/run, /tmp writable"),
    ],
)
def test_a_broken_promise_is_seen_and_its_place_named(keys: dict[str, Any], promise: Promise, text: str) -> None:
    own = read(environment(changed("biometric", **keys))).entries[-1].container
    assert {one for one, said in own.declared.items() if not said.kept} == {promise}
    assert text in own.declared[promise].text


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"deploy": {"replicas": 2}}, "services.biometric.deploy: berth has no translation"),
        ({"network_mode": "host"}, "network_mode is 'host'"),
        ({"security_opt": ["seccomp:unconfined"]}, "security_opt holds 'seccomp:unconfined'"),
        ({"user": "$USER"}, "a variable of the machine"),
        ({"volumes": ["/run:/run"]}, "volumes holds"),
        ({"ports": ["80:8080"]}, "ports holds '80:8080'"),
        ({"depends_on": {"agent": {}}}, "depends_on.agent is {}"),
        ({"depends_on": {"nobody": {"condition": "service_started"}}}, "depends_on names 'nobody'"),
        ({"stop_grace_period": "1m30s"}, "stop_grace_period is '1m30s'"),
        ({"image": None}, "image is absent"),
        ({"healthcheck": {"test": ["NONE"]}}, "healthcheck.test is"),
    ],
)
def test_what_cannot_be_rehearsed_is_an_error_that_names_the_place(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(RehearsalError) as error:
        read(environment(changed("biometric", **keys)))
    assert message in str(error.value)


def test_an_environment_without_a_bundle_of_the_plan_is_an_error() -> None:
    plan = environment()
    lost = [one for one in plan.resources if "ucket" not in one.type]
    with pytest.raises(RehearsalError, match="runs no bundle that the Plan makes"):
        read(Plan("toy", lost, {}))
    with pytest.raises(RehearsalError, match="is no Compose file with services"):
        read(environment(text="services: {}"))


def driver(plan: Plan, machine: Machine) -> BeanstalkDriver:
    [running] = plan.of_type("aws:elasticbeanstalk/environment:Environment")
    podman = cast(Podman, machine)
    return BeanstalkDriver(podman, Session(podman, "toy"), Unit("it", running, plan), 1, SECURITY)


def test_secrets_and_files_come_from_beside_and_are_on_no_command_line(tmp_path: Path) -> None:
    machine = Machine(init="exited 0")
    machine.scratch = tmp_path
    it = driver(environment(), machine)
    assert (it.service.name, it.kind, sorted(it.published)) == ("biometric", "web", [8080])
    assert it.asked == {"DATABASE_HOST", "API_KEY", "/etc/shop/key.pem"}
    it.observations["biometric-init"] = cast(Any, "seen")
    it.create(lambda variable, *_: f"of {variable}", Path("/none"), {})
    volumes = [command for command in machine.commands if command[0] == "volume"]
    assert [command[1] for command in volumes] == ["create", "import"]
    runs = {command[2].rpartition("-")[2]: command for command in machine.commands if command[0] == "run"}
    assert runs == {}
    it.entries = tuple(replace(one, dependencies=()) for one in it.entries)
    it.start(time.monotonic() + 5)
    [own] = [command for command in machine.commands if command[0] == "run" and command[2].endswith("-biometric")]
    assert any(option.startswith(f"--volume={volumes[0][2]}:/etc/shop") for option in own)
    assert not any("of " in word for command in machine.commands for word in command)
    assert {"of DATABASE_HOST", "of API_KEY"} <= set(machine.given)


def test_another_platform_runs_no_containers() -> None:
    other = plans.resource("aws:elasticbeanstalk/environment:Environment", "it", {"platformArn": "…/Python 3.13"})
    docker: Resource = environment().of_type(other.type)[0]
    assert BeanstalkDriver.takes(docker) and not BeanstalkDriver.takes(other)
