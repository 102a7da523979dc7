"""Which keys go with which kind of service, and what its containers share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from components.berths.registry import BERTHS
from components.service.cron import cron, eventbridge_cron, kubernetes_cron, times_a_month
from components.service.settings import ServiceSettings
from components.settings import SETTINGS, parse
from tests.settings.judging import Judge

IMAGE = {"image": "registry.example/shop:1.4.2"}


def found(judge: Judge, **service: Any) -> dict[str, str]:
    problems = judge(service={**IMAGE, **service})
    return {problem.key.removeprefix("berth:service."): problem.problem for problem in problems}


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        *[("worker", key, value) for key, value in (("port", 8081), ("healthPath", "/x"), ("path", "/x"))],
        ("job", "stripPath", False),
        *[("worker", key, value) for key, value in (("exposure", "internal"), ("schedule", "0 3 * * *"))],
        *[("job", key, value) for key, value in (("requestsTarget", 5), ("minReplicas", 1), ("schedules", []))],
        *[("web", key, value) for key, value in (("schedule", "0 3 * * *"), ("retries", 1), ("timeoutSeconds", 60))],
    ],
)
def test_a_key_of_another_kind_would_do_nothing(judge: Judge, kind: str, key: str, value: Any) -> None:
    assert "this key would do nothing" in found(judge, kind=kind, **{key: value})[key]
    allowed = {"web": "worker", "worker": "web", "job": "web"}[kind] if key not in ("schedule", "retries") else "job"
    if key != "timeoutSeconds":
        assert found(judge, kind=allowed, **{key: value}) == {}


def test_a_web_service_always_has_a_replica_and_a_worker_some_time(judge: Judge) -> None:
    night = {"cron": "0 20 * * *", "minReplicas": 0, "maxReplicas": 2}
    morning = {"cron": "0 8 * * *", "minReplicas": 2, "maxReplicas": 4}
    assert "would answer no request" in found(judge, minReplicas=0)["minReplicas"]
    assert "would answer no request" in found(judge, schedules=[night])["schedules"]
    assert "nothing would ever start one" in found(judge, kind="worker", minReplicas=0)["minReplicas"]
    assert found(judge, kind="worker", minReplicas=0, schedules=[morning, night]) == {}
    wrong = {**morning, "maxReplicas": 1}
    assert "minReplicas is 2, and maxReplicas 1" in found(judge, kind="worker", schedules=[wrong])["schedules"]


def test_containers_share_ports_names_and_memory(judge: Judge) -> None:
    agent = {"image": "registry.example/agent:1", "port": 9000}
    assert found(judge, sidecars={"agent": agent}, ports={"admin": {"port": 9001, "path": "/admin"}}) == {}
    assert "service.port is 8080" in found(judge, ports={"admin": {"port": 8080}})["ports.admin.port"]
    both = found(judge, sidecars={"agent": agent}, ports={"admin": {"port": 9000}})
    assert "service.ports.admin.port is 9000" in both["sidecars.agent.port"]
    assert "own container has the name" in found(judge, sidecars={"biometric": agent})["sidecars"]
    assert "nothing is left" in found(judge, memory=512, sidecars={"agent": {**agent, "memory": 512}})["memory"]


def test_two_ports_are_not_reached_in_one_way(judge: Judge) -> None:
    ports = {"admin": {"port": 9000, "exposure": "public"}}
    assert "is reached in the same way: public, every path" in found(judge, ports=ports)["ports.admin.path"]


def test_only_a_path_can_be_taken_off(judge: Judge) -> None:
    assert "no service.path" in found(judge, stripPath=True)["stripPath"]
    assert found(judge, stripPath=True, path="/shop") == {}
    ports = {"admin": {"port": 9000, "stripPath": True}}
    assert "no service.ports.admin.path" in found(judge, ports=ports)["ports.admin.stripPath"]


def test_no_two_addresses_have_one_variable(judge: Judge) -> None:
    admin = {**IMAGE, "path": "/shop", "ports": {"admin": {"port": 9000}}}
    other = {**IMAGE, "exposure": "internal", "path": "/other"}
    mail = {**IMAGE, "kind": "worker", "uses": ["shop", "shop-admin"]}
    problems = judge(services={"shop": admin, "shop-admin": other, "mail": mail})
    assert {(one.key, one.problem.partition(" ")[0]) for one in problems} == {
        ("berth:services.mail.environment", "SHOP_ADMIN_URL")
    }


def test_a_secret_lies_in_one_place(judge: Judge) -> None:
    def said(**source: str) -> str:
        return found(judge, secrets={"TOKEN": source}).get("secrets", "")

    assert said(secret="shop/token", field="key") == said(parameter="/shop/token") == ""
    assert "names none of them; exactly one of secret or parameter" in said()
    assert "names secret and parameter" in said(secret="x", parameter="y")
    assert "there is no secret" in said(parameter="/x", field="key")
    twice = found(judge, secrets={"MODE": {"secret": "x"}}, environment={"MODE": "1"})
    assert twice["secrets"] == "MODE stands in environment as well."
    assert "PORT is the program's own" in found(judge, secrets={"PORT": {"secret": "x"}})["secrets"]


def test_a_file_has_a_folder_of_its_own(judge: Judge) -> None:
    def said(*files: dict[str, str]) -> str:
        return found(judge, files=list(files)).get("files", "")

    assert said({"path": "/etc/shop/a", "parameter": "/a"}, {"path": "/etc/shop/b", "secret": "b"}) == ""
    assert "There is no file config/app.yaml beside" in said({"path": "/etc/shop/a", "source": "config/app.yaml"})
    assert "names none of them; exactly one of source or secret or parameter" in said({"path": "/etc/shop/a"})
    assert "stands there twice" in said(*[{"path": "/etc/shop/a", "secret": "a"}] * 2)
    inner = said({"path": "/etc/shop/a", "secret": "a"}, {"path": "/etc/shop/keys/b", "secret": "b"})
    assert "/etc/shop/keys lies in /etc/shop" in inner
    for path in ("/etc/passwd", "/tmp/x/a", "etc/shop/a", "/app", "/etc/shop/../a"):
        assert said({"path": path, "secret": "a"}), path


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("0 3 * * *", "cron(0 3 * * ? *)"),
        ("*/5 * * * *", "cron(0/5 * * * ? *)"),
        ("0 8 * * 1-5", "cron(0 8 ? * MON,TUE,WED,THU,FRI *)"),
        ("0 8 * * mon-wed", "cron(0 8 ? * MON,TUE,WED *)"),
        ("0 0 * * 0,7", "cron(0 0 ? * SUN *)"),
        ("0 0 * * 5-7", "cron(0 0 ? * FRI,SAT,SUN *)"),
        ("0 0 1 */2 *", "cron(0 0 1 1/2 ? *)"),
        ("15,45 9-17/4 * JAN-MAR *", "cron(15,45 9,13,17 * 1,2,3 ? *)"),
        ("5/20 * * * *", "cron(5,25,45 * * * ? *)"),
    ],
)
def test_cron_in_eventbridges_words(text: str, expression: str) -> None:
    assert not list(cron.find(text))
    assert eventbridge_cron(text) == expression


@pytest.mark.parametrize("text", ["", "@daily", "* * * *", "60 * * * *", "0 24 * * *", "0 0 0 * *", "0 0 L * *"])
def test_what_is_no_time(text: str) -> None:
    assert list(cron.find(text))


@pytest.mark.parametrize("text", ["0 0 1 * 1", "0 0 * * 1#2", "9-3 * * * *", "*/0 * * * *", "0 0 * FOO *"])
def test_what_the_two_would_not_both_understand(text: str) -> None:
    assert list(cron.find(text))


def test_a_job_leads_at_the_berth_with_the_greatest_share(judge: Judge) -> None:
    def first(**berths: int) -> str:
        given = {name.replace("_", "-"): weight for name, weight in berths.items()}
        config = {"aws:region": "us-east-1", "berth:berths": given, "berth:service": {**IMAGE, "kind": "job"}}
        settings = parse("dev", config, judge.root)
        assert isinstance(settings, SETTINGS) and not settings.answers
        assert isinstance(job := settings.services["biometric"], ServiceSettings) and job.max_replicas == 1
        return settings.first_berth

    assert first(eks=1, ecs_fargate=9) == "ecs-fargate"
    assert first(eks=5, ecs_fargate=5) == "ecs-fargate"
    assert first(eks=6, ecs_fargate=5) == "eks"


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("0 3 * * *", 365 / 12),
        ("*/15 * * * *", 2920),
        ("0 8,18 * * 1-5", 365 / 12 * 2 * 5 / 7),
        ("0 0 1 1-6 *", 0.5),
        ("0 0 * * 0,7", 365 / 84),
    ],
)
def test_how_often_a_schedule_comes(text: str, times: float) -> None:
    assert float(times_a_month(text)) == pytest.approx(times)


def test_files_of_the_project_are_text_and_fit(judge: Judge) -> None:
    (judge.root / "blob").write_bytes(b"\xff\xfe\x00")
    (judge.root / "large").write_text("a" * 700_000)
    assert "no text in UTF-8" in found(judge, files=[{"path": "/etc/shop/blob", "source": "blob"}])["files"]
    twice = {"image": IMAGE["image"], "files": [{"path": f"/etc/shop/{name}", "source": "large"} for name in "ab"]}
    [problem] = judge(backend="eks", service=twice)
    assert problem.key == "berth:service.files" and "1,400,000 bytes" in problem.problem
    assert judge(backend="eks", service={**twice, "files": twice["files"][:1]}) == []


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("0 3 * * *", "0 3 * * *"),
        ("0 8 7 * *", "0 8 7 * *"),
        ("0 8 * JAN MON-FRI", "0 8 * JAN MON-FRI"),
        ("0 0 * * 7", "0 0 * * 0"),
        ("0 0 * * 5-7", "0 0 * * 0,5,6"),
        ("0  0 * * */7", "0 0 * * */7"),
    ],
)
def test_cron_in_kubernetes_words(text: str, expression: str) -> None:
    """Its parser knows days 0 to 6 (robfig/cron v3, spec.go)."""
    assert kubernetes_cron(text) == expression


def test_a_service_that_a_berth_cannot_run_is_refused(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    raft = replace(BERTHS["ecs-ec2"], title="A raft", kinds=("web",), without={"sidecars": "there is no room"})
    monkeypatch.setitem(BERTHS, "ecs-ec2", raft)
    sidecars = {"agent": {"image": "registry.example.com/agent:1"}}
    service = {**IMAGE, "kind": "worker", "sidecars": sidecars}
    kind, key = judge(service=service, backend="ecs-ec2")
    assert kind.key == "berth:service.kind" and "A raft runs no worker." in kind.problem
    assert key.key == "berth:service.sidecars" and "there is no room" in key.problem
    berths = {"aws:region": "us-east-1", "berth:berths": {"ecs-ec2": 0, "ecs-fargate": 1}}
    assert [one.key for one in judge(berths, service=service)] == [kind.key, key.key]
    assert judge(service=service) == []
