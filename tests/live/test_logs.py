"""``berth logs`` against an AWS on loopback: every berth, in the order of time, and each error in plain words."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from berth.live.aws import Aws
from berth.live.duration import duration
from berth.live.log_lines import log_line, new_lines
from berth.live.place import Place
from tests.live.conftest import Run

Cloud = Callable[[str], Any]
TASK = "0b69d5c0d5614c4e9e7b2a7c2f6a7d11"


def otlp(text: str, source: str) -> str:
    """An event as CloudWatch's OTLP endpoint keeps what the collector on EKS sends."""
    return json.dumps({"resource": {}, "scope": {}, "body": text, "attributes": {"instance": source, "job": "loki"}})


def write(cloud: Cloud, place: Place, stream: str, *lines: tuple[int, str]) -> None:
    """Write lines into a place's log group, each so many seconds ago."""
    logs = cloud("logs")
    if not logs.describe_log_groups(logGroupNamePrefix=place.log_group)["logGroups"]:
        logs.create_log_group(logGroupName=place.log_group)
    logs.create_log_stream(logGroupName=place.log_group, logStreamName=stream)
    now = datetime.now(UTC)
    events = [
        {"timestamp": int((now - timedelta(seconds=ago)).timestamp() * 1000), "message": text}
        for ago, text in sorted(lines, reverse=True)
    ]
    logs.put_log_events(logGroupName=place.log_group, logStreamName=stream, logEvents=events)


@pytest.fixture
def written(cloud: Cloud, named: dict[str, Place]) -> None:
    write(cloud, named["shop@ecs-fargate"], f"shop/shop/{TASK}", (300, "first"), (100, "third"))
    write(cloud, named["shop@ecs-fargate"], f"shop/shop-init/{TASK}", (301, "migrated"))
    write(cloud, named["shop@eks"], "pods", (200, otlp("second", "shop/shop-6d4c-x2x:shop")), (7200, "long ago"))
    for name in ("billing@ecs-fargate", "billing@eks"):
        cloud("logs").create_log_group(logGroupName=named[name].log_group)


def test_lines_of_all_berths_stand_in_the_order_of_time_with_who_wrote_them(run: Run, written: None) -> None:
    result = run("logs", "live")
    assert result.exit_code == 0, result.output
    assert [line.split(" ", 1)[1] for line in result.stdout.splitlines()] == [
        "shop@ecs-fargate/shop-init | migrated",
        "shop@ecs-fargate | first",
        "shop@eks | second",
        "shop@ecs-fargate | third",
    ]


def test_one_place_needs_no_name_before_its_lines(run: Run, written: None) -> None:
    result = run("logs", "live", "shop", "--berth", "eks", "--since", "3h")
    assert [line.split(" ", 1)[1] for line in result.stdout.splitlines()] == ["long ago", "second"]
    [first, *_] = result.stdout.split()
    ago = datetime.now(UTC) - datetime.fromisoformat(first)
    assert timedelta(hours=2) <= ago < timedelta(hours=2, minutes=10)


def test_json_is_an_object_a_line(run: Run, written: None) -> None:
    found = [json.loads(line) for line in run("logs", "live", "--json", "--grep", "r").stdout.splitlines()]
    assert [(one["berth"], one["container"], one["instance"], one["message"]) for one in found] == [
        ("ecs-fargate", "shop-init", TASK, "migrated"),
        ("ecs-fargate", "shop", TASK, "first"),
        ("ecs-fargate", "shop", TASK, "third"),
    ]


def test_grep_looks_at_the_line_and_not_at_the_json_around_it(run: Run, written: None) -> None:
    result = run("logs", "live", "--grep", "attributes")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "--since 1d looks further back" in result.stderr


def test_a_service_that_is_not_up_yet_is_named_and_the_others_are_shown(
    run: Run, cloud: Cloud, named: dict[str, Place]
) -> None:
    write(cloud, named["shop@ecs-fargate"], f"shop/shop/{TASK}", (30, "here"))
    result = run("logs", "live", "shop")
    assert (result.exit_code, result.stdout.split(" ", 1)[1]) == (0, "shop@ecs-fargate | here\n")
    assert f"shop at eks has no logs: the log group {named['shop@eks'].log_group} is not there." in result.stderr


def test_many_pages_are_read_to_their_end(run: Run, cloud: Cloud, named: dict[str, Place]) -> None:
    for part in range(3):
        write(cloud, named["shop@ecs-fargate"], f"shop/shop/{part}", *[(60, f"{part} {one}") for one in range(4000)])
    result = run("logs", "live", "shop", "--berth", "ecs-fargate")
    assert len(set(result.stdout.splitlines())) == 12000


def test_new_lines_come_once_each_even_when_late(
    monkeypatch: pytest.MonkeyPatch, cloud: Cloud, aws: Aws, named: dict[str, Place]
) -> None:
    place = named["shop@ecs-fargate"]
    write(cloud, place, f"shop/shop/{TASK}", (60, "old"), (10, "before"))
    late = iter([[(12, "late")], [(5, "new"), (4, "newer")], []])

    def pause(_seconds: float) -> None:
        if more := next(late):
            write(cloud, place, f"shop/shop/{more[0][1]}", *more)

    monkeypatch.setattr("berth.live.log_lines.sleep", pause)
    looks = iter([False, False, False, True])
    found = new_lines(aws, [place], datetime.now(UTC) - timedelta(seconds=30), lambda _: None, lambda: next(looks))
    assert [one.text for one in found] == ["before", "late", "new", "newer"]


def test_follow_ends_by_ctrl_c(
    run: Run, written: None, monkeypatch: pytest.MonkeyPatch, named: dict[str, Place]
) -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("berth.live.log_lines.sleep", interrupted)
    result = run("logs", "live", "--follow")
    assert result.exit_code == 130
    assert "third" in result.stdout and "Traceback" not in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["shpo"], 'The stack live has no service "shpo". Did you mean shop?\nAllowed: billing, mailer, report, shop'),
        (["shop", "--berth", "lambda"], 'The stack live has no berth "lambda".\nAllowed: ecs-fargate, eks'),
        (["shop", "--since", "soon"], '"soon" is no duration. Allowed: a number above 0 and s, m, h, d or w.'),
    ],
)
def test_a_wrong_name_is_told_before_aws_is_asked(run: Run, arguments: list[str], said: str) -> None:
    result = run("logs", "live", *arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split(" "))
    assert not result.stdout


def test_without_credentials_it_says_how_to_log_in(run: Run) -> None:
    result = run("logs", "live")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("There are no usable AWS credentials: Unable to locate credentials\nLog in")


def test_a_stack_that_is_not_up_is_said_to_be_so(run: Run, cloud: Cloud) -> None:
    result = run("logs", "live")
    assert result.exit_code == 2
    assert "the stack live is not up in eu-central-1" in result.stderr
    assert "`pulumi up --stack live`" in result.stderr


@pytest.mark.parametrize(
    ("code", "message", "said"),
    [
        ("ExpiredTokenException", "The security token included in the request is expired", "credentials have expired"),
        (
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            "does not accept the credentials",
        ),
        (
            "AccessDeniedException",
            "User: arn:aws:iam::123456789012:user/a is not authorized to perform: logs:FilterLogEvents on resource: *",
            "may not call logs:FilterLogEvents:",
        ),
        ("InvalidParameterException", "no", "AWS refused FilterLogEvents in eu-central-1 (InvalidParameterException)"),
    ],
)
def test_what_aws_refuses_is_explained(
    run: Run, refusing: Callable[[str, str], None], code: str, message: str, said: str
) -> None:
    refusing(code, message)
    result = run("logs", "live")
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr and len(result.stderr.splitlines()) <= 2


def test_aws_out_of_reach_is_explained(run: Run, credentials: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    result = run("logs", "live")
    assert result.exit_code == 2
    assert "AWS is not reached in eu-central-1" in result.stderr


@pytest.mark.parametrize("text", ["", "5", "h", "0m", "1.5h", "1 h", "-1h", "\uff11h", "1h30m"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="Example: 1h"):
        duration(text)


@pytest.mark.parametrize("message", ["plain", '{"level": "info"}', "[1]", '{"body": 3, "attributes": null}', ""])
def test_on_eks_a_line_that_is_not_the_collectors_is_shown_as_it_is(named: dict[str, Place], message: str) -> None:
    event = {"eventId": "1", "timestamp": 0, "message": message, "logStreamName": "pods"}
    line = log_line(event, named["shop@eks"])
    assert (line.text, line.container, line.instance) == (message, "", "pods")


def test_a_state_machines_own_lines_are_not_a_containers(run: Run, cloud: Cloud, named: dict[str, Place]) -> None:
    place = named["shop@ecs-fargate"]
    write(cloud, place, "states/berth-live-ecs-fargate-shop/2026-11-25-08-00/0123abcd", (5, "ExecutionFailed"))
    result = run("logs", "live", "shop", "--berth", "ecs-fargate")
    assert result.stdout.split(" ", 1)[1] == "shop/states | ExecutionFailed\n"
