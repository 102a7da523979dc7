"""``berth status`` against moto, and a cluster of EKS that is a kubectl of the test's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import berth.live.place
from berth.live import ecs, kubernetes
from berth.live.aws import Aws
from berth.live.kubectl import Kubectl
from berth.live.place import Place, access
from berth.live.status import Deployment, JobRun, Status, Target, problems, version
from berth.live.status_view import section
from berth.plan import Plan
from berth.views.section import Table, plain
from tests.live import ecs_world
from tests.live.conftest import Commands, Run

Cloud = Callable[[str], Any]
NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)

DEPLOYMENT = {
    "kind": "Deployment",
    "metadata": {"name": "shop", "generation": 3, "annotations": {"deployment.kubernetes.io/revision": "3"}},
    "spec": {
        "replicas": 2,
        "template": {
            "spec": {
                "containers": [{"name": "shop", "image": "registry.example.com/shop:1.4.2"}],
                "initContainers": [{"name": "shop-init", "image": "registry.example.com/shop:1.4.2"}],
            }
        },
    },
    "status": {
        "observedGeneration": 3,
        "replicas": 2,
        "updatedReplicas": 2,
        "readyReplicas": 2,
        "conditions": [
            {
                "type": "Progressing",
                "status": "True",
                "reason": "NewReplicaSetAvailable",
                "message": 'ReplicaSet "shop-6d4c" has successfully progressed.',
                "lastUpdateTime": "2026-11-25T05:00:00Z",
            }
        ],
    },
}


WHEN_DESCRIBED = "An error occurred ({}) when calling the DescribeCluster operation:"


def listed(*items: Any) -> dict[str, Any]:
    return {"kind": "List", "apiVersion": "v1", "items": list(items)}


@pytest.fixture
def well(cloud: Cloud, named: dict[str, Place], commands: Commands, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The service shop, up and well at both berths."""
    place = named["shop@ecs-fargate"]
    ecs_world.cluster(cloud, place)
    made = ecs_world.service(cloud, place, "registry.example.com/shop:1.4.2")
    for name in ("shop@ecs-fargate", "shop@eks"):
        ecs_world.target_group(cloud, named[name])
    ecs_world.health(monkeypatch.setattr, ("healthy", ""), ("healthy", ""))
    commands.answer("kubectl", "deployments,pods", out=listed(DEPLOYMENT))
    return made


def test_a_service_that_is_well_at_both_berths(run: Run, well: Any, commands: Commands) -> None:
    result = run("status", "live", "shop")
    assert result.exit_code == 0, result.output
    assert "Status of live: all well" in result.stdout
    rows = {line.split()[1]: line for line in result.stdout.splitlines() if " shop " in f" {line} "}
    for at, share in (("ecs-fargate", "90 %"), ("eks", "10 %")):
        for said in (share, "2 of 2", "completed", "1.4.2", "2 healthy"):
            assert said in rows[at]
    update = next(call for call in commands.calls if call[0] == "aws")
    assert update[1:7] == [
        "eks",
        "update-kubeconfig",
        "--name",
        "berth-live-eks",
        "--region",
        "eu-central-1",
    ]
    assert all(call[1].startswith("--kubeconfig=/") for call in commands.calls if call[0] == "kubectl")
    assert not any("events" in call for call in commands.calls), "a healthy service's events are not asked for"


def test_json_holds_all_of_it(run: Run, well: Any) -> None:
    result = run("status", "live", "shop", "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["healthy"]) == (0, True)
    on_ecs, on_eks = found["services"]
    assert (on_ecs["berth"], on_ecs["weight"], on_ecs["running"], on_ecs["problems"]) == ("ecs-fargate", 90, 2, [])
    assert on_eks["deployment"] == {
        "id": "revision 3",
        "state": "completed",
        "image": "1.4.2",
        "since": "2026-11-25T05:00:00+00:00",
        "reason": 'ReplicaSet "shop-6d4c" has successfully progressed.',
    }
    assert on_eks["targets"][0] == {"id": "10.0.0.1:8080", "state": "healthy", "reason": ""}


def test_what_is_wrong_on_ecs_is_said_with_why_tasks_stopped(
    run: Run, cloud: Cloud, well: Any, named: dict[str, Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = named["shop@ecs-fargate"]
    well.running_count, well.pending_count = 1, 1
    reason = "ECS deployment circuit breaker: tasks failed."
    well.deployments[0] |= {"rolloutState": "FAILED", "rolloutStateReason": reason}
    well.events = [{"id": "1", "createdAt": NOW, "message": "(service shop) was unable to place a task."}]
    arn = ecs_world.task(cloud, place)
    cloud("ecs").stop_task(cluster=place.cluster, task=arn, reason="Essential container in task exited")
    ecs_world.memory(place, arn).containers = [{"name": "shop", "exitCode": 137, "reason": "OutOfMemoryError"}]
    ecs_world.health(monkeypatch.setattr, ("healthy", ""), ("unhealthy", "failed with these codes: [503]"))
    result = run("status", "live", "shop", "--berth", "ecs-fargate")
    assert result.exit_code == 1, result.output
    for said in (
        "1 of 1 not well",
        "1 of 2, 1 starting",
        "1 healthy, 1 unhealthy",
        "- 1 of 2 tasks run.",
        f"- The deployment failed: {reason}",
        "- The load balancer finds 10.0.0.2:8080 unhealthy: failed with these codes: [503]",
        f"- {arn.rpartition('/')[2][:8]} stopped: Essential container in task exited; "
        "shop: exit code 137, OutOfMemoryError",
        "- (service shop) was unable to place a task.",
    ):
        assert said in result.stdout


def test_what_is_wrong_on_eks_is_said_with_what_pods_and_events_say(
    run: Run, well: Any, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    pod = {
        "kind": "Pod",
        "metadata": {"name": "shop-6d4c-x2x"},
        "status": {
            "containerStatuses": [
                {
                    "name": "shop",
                    "ready": False,
                    "restartCount": 5,
                    "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 2m40s"}},
                    "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}},
                }
            ]
        },
    }
    pending = {
        "kind": "Pod",
        "metadata": {"name": "shop-6d4c-y3y"},
        "status": {
            "conditions": [
                {
                    "type": "PodScheduled",
                    "status": "False",
                    "reason": "Unschedulable",
                    "message": "0/2 nodes fit",
                }
            ]
        },
    }
    events = [
        {
            "metadata": {"creationTimestamp": f"2026-11-25T07:0{number}:00Z"},
            "lastTimestamp": f"2026-11-25T07:0{number}:00Z",
            "involvedObject": {"kind": "Pod", "name": "shop-6d4c-x2x"},
            "reason": "BackOff",
            "message": f"restarting, {number}",
        }
        for number in range(8)
    ]
    deployment = json.loads(json.dumps(DEPLOYMENT))
    deployment["status"]["readyReplicas"] = 0
    commands.answer("kubectl", "deployments,pods", out=listed(deployment, pod, pending))
    commands.answer("kubectl", "events", "--field-selector=type=Warning", out=listed(*events))
    ecs_world.health(monkeypatch.setattr)
    result = run("status", "live", "shop")
    assert result.exit_code == 1, result.output
    bullets = [line for line in result.stdout.splitlines() if line.lstrip().startswith("-")]
    eks = bullets[bullets.index("  - 0 of 2 pods run.") :]
    assert eks == [
        "  - 0 of 2 pods run.",
        "  - The load balancer has no healthy target for it.",
        "  - shop-6d4c-x2x, shop: CrashLoopBackOff: back-off 2m40s; exit code 1 (Error); 5 restarts",
        "  - shop-6d4c-y3y: Unschedulable: 0/2 nodes fit",
        *[f"  - Pod shop-6d4c-x2x: BackOff: restarting, {number}" for number in (7, 6, 5, 4, 3)],
    ]


def test_a_service_that_is_not_there_yet_does_not_hide_the_others(run: Run, well: Any, commands: Commands) -> None:
    commands.answer("kubectl", "cronjobs,jobs,pods", out=listed())
    result = run("status", "live", "--json")
    found = {f"{one['service']}@{one['berth']}": one for one in json.loads(result.stdout)["services"]}
    assert result.exit_code == 1
    assert [name for name, one in found.items() if one["present"]] == ["shop@ecs-fargate", "shop@eks"]
    assert len(found) == 8
    assert "not there" in run("status", "live").stdout


def test_a_stack_that_is_not_up(run: Run, cloud: Cloud, commands: Commands) -> None:
    commands.answer("aws", err=f"{WHEN_DESCRIBED.format('ResourceNotFoundException')} No cluster found: x.\n", code=254)
    result = run("status", "live", "shop")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(
        "There is no shop at ecs-fargate and no shop at eks: the stack live is not up in eu-central-1"
    )


@pytest.mark.parametrize(
    ("command", "complaint", "said"),
    [
        ("aws", "Unable to locate credentials. You can configure them.", "no usable AWS credentials"),
        ("aws", f"{WHEN_DESCRIBED.format('ExpiredTokenException')} expired", "credentials have expired"),
        (
            "aws",
            f"{WHEN_DESCRIBED.format('AccessDeniedException')} x may not perform: eks:DescribeCluster on y",
            "may not call eks:DescribeCluster",
        ),
        ("aws", "The config profile (x) could not be found", "no AWS profile"),
        ("kubectl", "Unable to connect to the server: dial tcp 10.0.1.7:443: i/o timeout", "eks.publicAccessCidrs"),
        ("kubectl", "error: You must be logged in to the server (Unauthorized)", "berth:eks.adminPrincipalArns"),
        ("kubectl", 'Error from server (Forbidden): User "x" cannot list "pods"', "does not allow it"),
        ("kubectl", "error: something else", "cannot be asked: error: something else"),
    ],
)
def test_what_aws_and_kubectl_complain_of_is_explained(
    run: Run, cloud: Cloud, commands: Commands, command: str, complaint: str, said: str
) -> None:
    commands.answer(command, err=f"\n{complaint}\n", code=1)
    result = run("status", "live", "shop", "--berth", "eks")
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr and len(result.stderr.splitlines()) <= 2


def test_a_cluster_out_of_reach_does_not_hide_the_way_to_the_other_berth(
    run: Run, well: Any, commands: Commands
) -> None:
    commands.answer("kubectl", err="Unable to connect to the server: dial tcp: i/o timeout\n", code=1)
    result = run("status", "live", "shop")
    assert result.exit_code == 2
    assert result.stderr.endswith("\n--berth ecs-fargate asks only there.\n")
    assert run("status", "live", "shop", "--berth", "ecs-fargate").exit_code == 0


def test_a_missing_command_is_named_with_where_to_get_it(run: Run, cloud: Cloud, commands: Commands) -> None:
    (commands.folder / "kubectl").unlink()
    result = run("status", "live", "shop", "--berth", "eks")
    assert result.exit_code == 2
    assert result.stderr == "kubectl is not installed, or not on the PATH: https://kubernetes.io/docs/tasks/tools/\n"


def test_the_stacks_profile_wins_over_the_environments_credentials(
    run: Run, cloud: Cloud, commands: Commands, plan: Plan, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "aws-config").write_text("[profile shop]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = x\n")
    monkeypatch.setattr(berth.live.place, "access", lambda plan: replace(access(plan), profile="shop"))
    commands.answer("kubectl", "deployments,pods", out=listed())
    run("status", "live", "shop", "--berth", "eks")
    assert commands.calls[0][7:9] == ["--profile", "shop"]
    assert not any("AWS_ACCESS_KEY_ID" in one for one in commands.environments)


def test_a_profile_that_is_not_there(run: Run, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(berth.live.place, "access", lambda plan: replace(access(plan), profile="shop"))
    result = run("status", "live")
    assert result.exit_code == 2
    assert "There is no AWS profile shop on this machine, which aws:profile names." in result.stderr


@pytest.fixture
def job(named: dict[str, Place]) -> Place:
    return named["report@ecs-fargate"]


def execution(cloud: Cloud, place: Place) -> str:
    """Make the job's state machine and start it."""
    machine = cloud("stepfunctions").create_state_machine(
        name=place.name,
        definition='{"StartAt": "x", "States": {"x": {"Type": "Succeed"}}}',
        roleArn="arn:aws:iam::123456789012:role/x",
    )["stateMachineArn"]
    arn: str = cloud("stepfunctions").start_execution(stateMachineArn=machine)["executionArn"]
    return arn


def test_a_job_on_ecs_has_its_schedule_and_its_runs(cloud: Cloud, aws: Aws, job: Place) -> None:
    execution(cloud, job)
    cloud("scheduler").create_schedule(
        Name=job.name,
        ScheduleExpression="cron(0 3 * * ? *)",
        ScheduleExpressionTimezone="Europe/Berlin",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": "arn:aws:states:eu-central-1:123456789012:stateMachine:x", "RoleArn": "arn:aws:iam::1:role/x"},
    )
    found = ecs.status(aws, job)
    assert found.schedule == "cron(0 3 * * ? *) Europe/Berlin"
    assert [one.result for one in found.runs] == ["running"]
    assert problems(found) == []


def test_a_job_without_a_state_machine_is_not_there(aws: Aws, job: Place) -> None:
    assert not ecs.status(aws, job).present


@pytest.mark.parametrize(
    ("execution", "said"),
    [
        ({"status": "TIMED_OUT"}, "it took longer than timeoutSeconds"),
        ({"status": "FAILED", "error": "States.Timeout", "cause": ""}, "it took longer than timeoutSeconds"),
        ({"status": "ABORTED"}, "it was stopped"),
        (
            {
                "status": "FAILED",
                "error": "States.TaskFailed",
                "cause": json.dumps(
                    {
                        "Containers": [{"Name": "shop", "ExitCode": 3}, {"Name": "proxy", "ExitCode": 0}],
                        "StoppedReason": "Essential container in task exited",
                    }
                ),
            },
            "Essential container in task exited; shop: exit code 3",
        ),
        ({"status": "FAILED", "error": "ECS.AccessDenied", "cause": "no"}, "ECS.AccessDenied: no"),
        ({"status": "FAILED"}, "no reason is given"),
    ],
)
def test_why_an_execution_failed(execution: dict[str, Any], said: str) -> None:
    assert ecs.failure(execution) == said


def kubernetes_job(name: str, hour: int, condition: str = "", owner: str = "report") -> dict[str, Any]:
    conditions = [{"type": condition, "status": "True", "lastTransitionTime": f"2026-11-25T0{hour}:01:00Z"}]
    return {
        "kind": "Job",
        "metadata": {
            "name": name,
            "creationTimestamp": f"2026-11-25T0{hour}:00:00Z",
            "ownerReferences": [{"kind": "CronJob", "name": owner}],
        },
        "status": {"startTime": f"2026-11-25T0{hour}:00:00Z", "conditions": conditions if condition else []},
    }


def test_a_job_on_eks_has_its_schedule_and_its_runs(
    aws: Aws, commands: Commands, named: dict[str, Place], tmp_path: Any
) -> None:
    cron = {
        "kind": "CronJob",
        "metadata": {"name": "report"},
        "spec": {"schedule": "0 3 * * *", "timeZone": "Europe/Berlin", "jobTemplate": {}},
    }
    pod = {
        "kind": "Pod",
        "metadata": {"name": "p", "labels": {"batch.kubernetes.io/job-name": "b"}},
        "status": {
            "containerStatuses": [{"name": "report", "state": {"terminated": {"exitCode": 3, "reason": "Error"}}}]
        },
    }
    items = [
        cron, pod, kubernetes_job("a", 1, "Complete"), kubernetes_job("b", 3, "Failed"), kubernetes_job("c", 4),
        kubernetes_job("other", 5, owner="other"),
    ]  # fmt: skip
    commands.answer("kubectl", "cronjobs,jobs,pods", out=listed(*items))
    place = named["report@eks"]
    found = kubernetes.status(Kubectl(aws.access, place.cluster, tmp_path / "config"), aws, place)
    assert found.schedule == "0 3 * * * Europe/Berlin"
    assert [(one.name, one.result) for one in found.runs] == [("c", "running"), ("b", "failed"), ("a", "succeeded")]
    assert problems(found) == ["The last run failed: exit code 3 (Error)"]


@pytest.mark.parametrize("of", ["job", "pod"])
def test_a_job_on_eks_that_took_too_long(of: str) -> None:
    job = kubernetes_job("a", 1, "Failed")
    pod = {"metadata": {"name": "p", "labels": {"batch.kubernetes.io/job-name": "a"}}, "status": {}}
    (pod["status"] if of == "pod" else job["status"]["conditions"][0])["reason"] = "DeadlineExceeded"
    assert kubernetes.job_run(job, [pod]).reason == "it took longer than timeoutSeconds"


def test_services_and_jobs_are_shown_apart_and_ages_are_in_words(named: dict[str, Place]) -> None:
    hours = timedelta(hours=1)
    ran = JobRun("a", "succeeded", NOW - 5 * hours, NOW - 5 * hours + timedelta(seconds=90))
    failed = JobRun("b", "failed", NOW - 72 * hours, NOW, "exit code 1")
    web = Status(
        named["shop@eks"],
        desired=1,
        running=1,
        deployment=Deployment("1", "in progress", "2.0", NOW - timedelta(seconds=1)),
        targets=(Target("10.0.0.1:80", "healthy"), Target("10.0.0.2:80", "initial", "Target registration")),
    )
    worker = Status(named["mailer@eks"], desired=0)
    job = Status(named["report@ecs-fargate"], runs=(ran, failed))
    shown = section("live", [web, worker, job], NOW)
    services, jobs = (block for block in shown.blocks if isinstance(block, Table))
    assert [[plain(cell) for cell in row] for row in services.rows] == [
        ["shop", "eks", "10 %", "1 of 1", "in progress, 1 second old", "2.0", "1 healthy, 1 initial"],
        ["mailer", "eks", "", "0 of 0", "", "", ""],
    ]
    assert [[plain(cell).strip() for cell in row] for row in jobs.rows] == [
        ["report", "ecs-fargate", "on demand only", "succeeded 5 hours ago, took 90 seconds", "failed"]
    ]
    assert (shown.headline, shown.mark) == ("all well", "ok")


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ("registry.example.com:5000/shop:1.4", "1.4"),
        ("registry.example.com:5000/shop", "latest"),
        ("shop@sha256:0123456789abcdef0123", "sha256:0123456789ab"),
        ("shop:1@sha256:0123456789abcdef0123", "sha256:0123456789ab"),
    ],
)
def test_an_images_version(image: str, said: str) -> None:
    assert version(image) == said
