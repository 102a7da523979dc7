"""The berth EC2: what a machine is told, and what its programs do with it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import botocore.session
import pulumi
import pytest
import yaml
from botocore.validate import ParamValidator

from berth.cost.estimator import estimate
from berth.cost.pricelist import load_prices
from berth.cost.usage import Usage
from berth.live.place import places
from berth.plan import Plan, Resource
from berth.rehearse.drivers.ec2.units import parse, words
from components.berths.ec2 import machine
from components.berths.ec2.group import identity
from components.berths.ec2.machine import MOST_BYTES, encoded, user_data
from components.berths.ec2.settings import PlacementSettings
from components.berths.ec2.units import Place, quoted, secret_names, units
from components.service.cron import times_a_month
from components.service.spec import File, Scale, Sidecar, Source
from policy.judge import judge
from tests.components.specs import service
from tests.policy.support import Planned
from tests.programs import Record

PROGRAMS = Path(machine.__file__).parent / "machine"
ODD = ["a b", "100%", "%h", "$HOME", "${A}", 'q"q', "it's", "back\\slash", "x\ny\tz", "größe 😀", "", "-", "\x7f"]
SIDECAR = Sidecar("agent", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/agent:1", cpu=64, memory=128)
SERVICES = """\
  berth:services:
    shop:
      image: "registry.example.com/shop:1.4.2"
      ports: {admin: {port: 9000, path: /admin}}
      schedules: [{cron: "0 8 * * MON-FRI", timezone: Europe/Berlin, minReplicas: 3, maxReplicas: 9}]
    mail:
      kind: worker
      image: "registry.example.com/mail:1"
      minReplicas: 0
      schedules: [{cron: "0 8 * * 1", minReplicas: 1, maxReplicas: 2}]
"""


def place(spec: Any, **parameters: str) -> Place:
    return Place(secret_names(spec, parameters), parameters, "eu-central-1")


def data(spec: Any, role: str = "") -> str:
    return user_data(
        spec,
        place(spec),
        group="g",
        log_group="/berth/x",
        registries=["123456789012.dkr.ecr.eu-west-1.amazonaws.com"],
        role=role,
    )


def test_every_word_reaches_systemd_as_it_is() -> None:
    spec = service(
        environment={f"V{number:02}": word for number, word in enumerate(ODD)},
        command=("serve", *ODD),
        entrypoint=("/bin/sh", *ODD),
        health_command=("check", *ODD),
    )
    own = parse(units(spec, place(spec))["berth-biometric.container"])["Container"]
    told = [word for text in own["Environment"] for word in words(text)]
    assert told == [f"V{number:02}={word}" for number, word in enumerate(ODD)]
    assert [word for text in own["Exec"] for word in words(text)] == ["serve", *ODD]
    for key, first in (("Entrypoint", "/bin/sh"), ("HealthCmd", "check")):
        assert json.loads(own[key][0].replace("%%", "%").replace("$$", "$")) == [first, *ODD]
    assert [words(quoted(word)) for word in ODD] == [[word] for word in ODD]


def test_the_user_data_is_read_back_as_it_was_meant() -> None:
    spec = service(
        environment={"ODD": "größe 😀 100%"}, files=(File("/etc/shop/app.yaml", "größe: 😀\r\n\n- x \n\ty"),)
    )
    config = yaml.safe_load(data(spec))
    written = {one["path"]: one["content"] for one in config["write_files"]}
    assert written["/etc/berth/files/0"] == "größe: 😀\r\n\n- x \n\ty"
    assert (
        written["/etc/containers/systemd/berth-biometric.container"]
        == units(spec, place(spec))["berth-biometric.container"]
    )
    [start] = [one for one in config["write_files"] if one["path"] == config["runcmd"][0][0]]
    assert start["permissions"] == "0755"


def test_containers_start_one_after_the_other_and_share_a_network_where_there_are_several() -> None:
    spec = service(sidecars=(SIDECAR,))
    found = {name: parse(text) for name, text in units(spec, place(spec)).items()}
    own, init = found["berth-biometric.container"], found["berth-biometric-init.container"]
    assert own["Unit"]["Requires"] == ["berth-agent.service", "berth-biometric-init.service"]
    assert init["Unit"]["Requires"] == ["berth-agent.service"]
    assert {"berth-agent.service", "berth-biometric-init.service"} <= set(own["Unit"]["After"])
    assert found["berth-biometric.pod"]["Pod"]["PublishPort"] == ["8080:8080"]
    assert all(one["Container"]["Pod"] == ["berth-biometric.pod"] for name, one in found.items() if "pod" not in name)
    assert "\nPod=" not in units(service(), place(service()))["berth-biometric.container"]


def test_no_secret_stands_in_the_user_data_and_each_is_named_once() -> None:
    token = Source(parameter="/shop/token")
    spec = service(secrets={"A": token, "B": token}, files=(File("/etc/shop/key", Source("shop/tls", "key")),))
    names = place(spec, DATABASE_PASSWORD="/berth/x/database-password")
    assert len(set(names.secrets.values())) == len(names.secrets) == 3
    text = user_data(spec, names, group="g", log_group="/l", registries=[], role="")
    assert "hunter2" not in text and "/berth/x/database-password" in text
    [needs] = [one["content"] for one in yaml.safe_load(text)["write_files"] if one["path"] == machine.NEEDS]
    assert {"secret": "shop/tls", "field": "key"} in json.loads(needs)["secrets"].values()


def test_user_data_that_ec2_would_refuse_is_an_error_that_tells_what_to_do() -> None:
    limit = botocore.session.get_session().get_service_model("ec2")  # states no length: the guide does
    assert limit.shape_for("RequestLaunchTemplateData").members["UserData"].type_name == "string"
    encoded("x" * MOST_BYTES)
    with pytest.raises(pulumi.RunError, match=f"{MOST_BYTES + 1} bytes") as error:
        encoded("x" * (MOST_BYTES + 1))
    assert "service.files" in str(error.value) and "COPY" in str(error.value)


# --- the group ---


@pytest.fixture(scope="module")
def plan(record: Record) -> Plan:
    return record("ec2", "  berth:ec2: {instanceType: m7i.large, placement: {strategy: cluster}}\n" + SERVICES)


def one(plan: Plan, service: str, ending: str) -> Resource:
    [mooring] = [one for one in plan.moorings if one.service == service]
    [found] = [one for one in plan.inside(mooring.urn) if one.type.endswith(ending)]
    return found


def test_each_replica_is_a_machine_that_gets_requests_when_its_service_runs(plan: Plan) -> None:
    shop, mail = (one(plan, name, ":Group").inputs for name in ("shop", "mail"))
    assert (shop["minSize"], shop["maxSize"], shop["healthCheckType"], shop["minElbCapacity"]) == (2, 4, "ELB", 2)
    assert (mail["minSize"], mail["maxSize"], mail["healthCheckType"]) == (0, 4, "EC2")
    assert len(shop["targetGroupArns"]) == 2 and not mail["targetGroupArns"]
    [hook] = shop["initialLifecycleHooks"]
    assert (hook["name"], hook["defaultResult"]) == ("launch", "ABANDON")
    refresh = shop["instanceRefresh"]["preferences"]
    assert (refresh["minHealthyPercentage"], refresh["autoRollback"]) == (100, True)
    # AWS goes back to numbered versions and images only, never to an alias of either.
    template = one(plan, "shop", ":LaunchTemplate")
    assert shop["launchTemplate"]["version"] not in ("$Latest", "$Default")
    assert not str(template.inputs["imageId"]).startswith("resolve:")
    group = [item for item in plan.of_type("aws:lb/targetGroup:TargetGroup") if "shop" in item.name]
    assert {item.inputs["targetType"] for item in group} == {"instance"}


def test_a_schedule_moves_the_bounds_and_nothing_else(plan: Plan) -> None:
    schedule = one(plan, "shop", ":Schedule").inputs
    assert (schedule["minSize"], schedule["maxSize"], schedule["desiredCapacity"]) == (3, 9, -1)
    assert (schedule["recurrence"], schedule["timeZone"]) == ("0 8 * * MON-FRI", "Europe/Berlin")
    assert times_a_month(schedule["recurrence"])


def test_a_cluster_is_one_zone_and_another_one_when_it_has_another_size(plan: Plan) -> None:
    group, placement = one(plan, "shop", ":Group").inputs, one(plan, "shop", ":PlacementGroup").inputs
    assert len(group["vpcZoneIdentifiers"]) == 1
    assert group["placementGroup"] == placement["name"] == group["name"] != one(plan, "mail", ":Group").inputs["name"]
    cluster, spread = PlacementSettings(strategy="cluster"), PlacementSettings(strategy="spread")
    sizes = (Scale(2, 4), Scale(2, 8), Scale(3, 4))
    names = {identity(cluster, "m7i.large", size) for size in sizes} | {identity(cluster, "c7i.large", sizes[0])}
    assert len(names) == 4
    assert len({identity(spread, "m7i.large", size) for size in sizes}) == 1
    assert identity(None, "m7i.large", sizes[0]) == ""


def test_the_placement_is_what_aws_takes(plan: Plan) -> None:
    shape = botocore.session.get_session().get_service_model("ec2").shape_for("CreatePlacementGroupRequest")
    asked: dict[str, Any] = {"GroupName": one(plan, "shop", ":PlacementGroup").inputs["name"], "Strategy": "cluster"}
    assert not ParamValidator().validate(asked, shape).has_errors()
    literal = PlacementSettings.model_fields["strategy"].annotation.__args__  # type: ignore[union-attr]
    assert set(literal) == set(shape.members["Strategy"].enum) - {"precision-time"}


def test_a_container_cannot_speak_as_the_machine(plan: Plan) -> None:
    options = one(plan, "shop", ":LaunchTemplate").inputs["metadataOptions"]
    assert (options["httpTokens"], options["httpPutResponseHopLimit"]) == ("required", 1)
    assert "path: /etc/systemd/system/berth_credentials.service" not in data(service())
    assert "path: /etc/systemd/system/berth_credentials.service" in data(service(), role="arn:aws:iam::1:role/shop")


def test_the_pack_finds_nothing_and_finds_what_is_taken_away(plan: Plan) -> None:
    template = one(plan, "shop", ":LaunchTemplate")
    text = base64.b64decode(template.inputs["userData"]).decode()
    assert judge([Planned(template.type, dict(template.inputs))]) == []
    for line, write in (
        ("User=10001", "User=0"),
        ("User=10001", ""),
        ("DropCapability=all", ""),
        ("NoNewPrivileges=true", ""),
        ("Network=podman", "Network=host"),
        ("PodmanArgs=", "PodmanArgs=--privileged "),
    ):
        assert line in text
        worse = base64.b64encode(text.replace(line, write).encode()).decode()
        assert judge([Planned(template.type, {**template.inputs, "userData": worse})]), (line, write)


def test_the_commands_of_day_two_find_group_containers_and_version(record: Record) -> None:
    more = '  berth:service: {sidecars: {agent: {image: "registry.example.com/agent:1"}}}\n'
    planned = record("ec2", more)
    [found] = places(planned)
    assert (found.orchestrator, found.cluster) == ("machines", one(planned, "biometric", ":Group").inputs["name"])
    assert found.containers == ("biometric", "agent", "biometric-init")
    assert found.image == planned.outputs["images"]["biometric"]
    assert found.log_group == "/berth/berth-same-ec2-biometric"


@pytest.mark.parametrize(("replicas", "machines"), [(None, 2), (5, 5)])
def test_each_replica_is_paid_as_a_machine(record: Record, replicas: int | None, machines: int) -> None:
    found = estimate(record("ec2"), load_prices("eu-central-1"), Usage(replicas=replicas))
    lines = {line.what: line for line in found.lines if line.type == "aws:autoscaling/group:Group"}
    assert f"{machines} x t3.small" in lines and f"{machines} disks of 20 GB" in lines


# --- the machine's programs ---


def command(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f'#!/bin/sh\necho {name} "$@" >>{folder}/called\n{script}\n')
    path.chmod(0o755)


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "PATH": f"{folder}:/usr/bin:/bin"}


ANSWERS = """case "$*" in
*get-parameters*none*) printf %s '{"Parameters": []}';;
*get-parameters*) printf %s '{"Parameters": [{"Value": "hunter2\\n"}]}';;
*get-secret-value*) printf %s '{"SecretString": "{\\"key\\": \\"hunter3\\", \\"port\\": 5}"}';;
*get-login-password*) printf hunter4;;
*) echo "unknown: $*" >&2; exit 1;;
esac"""


def given(folder: Path, needs: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    command(folder, "aws", ANSWERS)
    command(folder, "podman", f'cat >"{folder}/given-$(echo "$*" | tr " /" "__")"')
    (folder / "needs.json").write_text(json.dumps(needs))
    return subprocess.run(
        [sys.executable, str(PROGRAMS / "values.py"), str(folder / "needs.json")],
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )


def test_podman_is_given_each_value_and_no_command_line_holds_one(tmp_path: Path) -> None:
    secrets = {
        "berth-0": {"parameter": "/shop/token"},
        "berth-1": {"secret": "shop/api", "field": "key"},
        "berth-2": {"secret": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/tls-a1B2c3"},
        "berth-3": {"secret": "shop/api", "field": "port"},
    }
    registry = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
    done = given(tmp_path, {"region": "eu-central-1", "secrets": secrets, "registries": [registry]})
    assert done.returncode == 0, done.stderr
    read = {path.name: path.read_text() for path in tmp_path.glob("given-*")}
    values = {name: read[f"given-secret_create_--replace_{name}_-"] for name in secrets}
    whole = '{"key": "hunter3", "port": 5}'
    assert values == {"berth-0": "hunter2\n", "berth-1": "hunter3", "berth-2": whole, "berth-3": "5"}
    assert read[f"given-login_--username=AWS_--password-stdin_{registry}"] == "hunter4"
    called = (tmp_path / "called").read_text()
    assert "hunter" not in called + done.stdout + done.stderr
    assert "--region eu-west-1 --output json secretsmanager" in called and "--region eu-west-1 ecr" in called


def test_a_value_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = given(tmp_path, {"region": "x", "secrets": {"berth-0": {"parameter": "/none"}}, "registries": []})
    assert (done.returncode, done.stderr.strip()) == (1, "there is no parameter /none")
    done = given(tmp_path, {"region": "x", "secrets": {}, "registries": []})
    assert done.returncode == 0
    command(tmp_path, "podman", "exit 7")
    (tmp_path / "needs.json").write_text(
        json.dumps({"region": "x", "secrets": {"berth-0": {"parameter": "/shop/token"}}, "registries": []})
    )
    run = [sys.executable, str(PROGRAMS / "values.py"), str(tmp_path / "needs.json")]
    done = subprocess.run(run, env=environment(tmp_path), capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "ended with 7" in done.stderr and "Traceback" not in done.stderr


@contextmanager
def served(folder: Path) -> Iterator[str]:
    from berth.rehearse.drivers.driver import free_port

    port = free_port()
    arn = "arn:aws:iam::123456789012:role/shop"
    run = [sys.executable, str(PROGRAMS / "credentials.py"), arn, "eu-central-1", "127.0.0.1", str(port)]
    process = subprocess.Popen(run, env=environment(folder), stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}/role"
    finally:
        process.kill()
        process.wait()


def asked(url: str) -> tuple[int, dict[str, str]]:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=60) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        except urllib.error.URLError:
            assert time.monotonic() < deadline, "it does not listen"
            time.sleep(0.05)


def session(folder: Path, seconds: int) -> None:
    end = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + seconds))
    keys = {"AccessKeyId": "ASIA", "SecretAccessKey": "hunter2", "SessionToken": "t", "Expiration": end}
    command(folder, "aws", f"echo '{json.dumps({'Credentials': keys})}'")


def test_credentials_are_what_an_sdk_reads_and_are_new_before_they_end(tmp_path: Path) -> None:
    session(tmp_path, 3600)
    with served(tmp_path) as url:
        status, first = asked(url)
        assert status == 200 and asked(url) == (200, first)
        assert (tmp_path / "called").read_text().count("assume-role") == 1
        assert first["Expiration"].endswith("Z")
        # botocore's own reader of this answer.
        from botocore.credentials import ContainerProvider

        class Fetcher:
            def full_url(self, path: str) -> str:
                return url

            def retrieve_full_uri(self, _: str, headers: Any = None) -> dict[str, str]:
                return asked(url)[1]

        provider = ContainerProvider({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/role"}, Fetcher())
        assert provider.load().access_key == "ASIA"
    session(tmp_path, 600)
    (tmp_path / "called").unlink()
    with served(tmp_path) as url:
        asked(url), asked(url)
        assert (tmp_path / "called").read_text().count("assume-role") == 2


def test_credentials_that_aws_refuses_are_no_end(tmp_path: Path) -> None:
    command(tmp_path, "aws", "exit 1")
    with served(tmp_path) as url:
        assert asked(url)[0] == 503
        session(tmp_path, 3600)
        assert asked(url)[0] == 200


@pytest.mark.parametrize(("broken", "result"), [(None, "CONTINUE"), ("dnf", "ABANDON"), ("systemctl", "ABANDON")])
def test_a_machine_says_whether_its_service_runs(tmp_path: Path, broken: str | None, result: str) -> None:
    for name in ("aws", "dnf", "systemctl", "curl", "agent"):
        command(tmp_path, name, "exit 1" if name == broken else "exit 0")
    command(tmp_path, "cloud-init", "echo i-1")
    command(tmp_path, "sleep", "exit 0")
    text = (PROGRAMS / "start").read_text()
    agent = "/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl"
    assert agent in text and "/var/log/berth" in text
    script = tmp_path / "start"
    script.write_text(text.replace(agent, "agent").replace("/var/log/berth", str(tmp_path / "log")))
    bash = shutil.which("bash")
    assert bash
    run = [bash, str(script), "eu-central-1", "group", "berth-shop.service", "http://127.0.0.1:8080/healthz"]
    done = subprocess.run(run, env=environment(tmp_path), capture_output=True, text=True, check=False)
    called = (tmp_path / "called").read_text().splitlines()
    [answer] = [line for line in called if line.startswith("aws autoscaling complete-lifecycle-action")]
    assert answer.endswith(f"--lifecycle-action-result {result}") and "--instance-id i-1" in answer
    assert (done.returncode == 0) == (result == "CONTINUE")
    if broken is None:
        assert called.index("systemctl start berth-shop.service") < called.index(answer)
        assert any(line.startswith("curl") and line.endswith("/healthz") for line in called)
