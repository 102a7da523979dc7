"""The daily commands on a real cluster: what kubectl really answers, complains of and makes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from berth.live import kubernetes, shell
from berth.live.aws import Aws
from berth.live.errors import AbsentError, LiveError
from berth.live.kubectl import Kubectl
from berth.live.place import Access, Place
from berth.live.runs import KubernetesRun
from berth.live.status import JobRun, Status, problems
from components.service.spec import ContainerSecurity

from .node.api import wait_for
from .node.config import PAUSE_IMAGE
from .service import Service

pytestmark = pytest.mark.cluster
ACCESS = Access("eks-dev", "eu-central-1")
AWS = Aws(ACCESS)
"""Never asked: the places here have no target group."""


@pytest.fixture
def place(service: Service) -> Place:
    name = service.workload.name
    return Place(name, name, "eks", 1, 100, "worker", "kubernetes", "node", "", containers=(name,))


@pytest.fixture
def kubectl(service: Service, monkeypatch: pytest.MonkeyPatch) -> Kubectl:
    """The machine's own kubectl, logged in to the node instead of to EKS."""
    found = Kubectl(ACCESS, "node", service.cluster.kubeconfig)

    @contextlib.contextmanager
    def logged_in(_access: Access, _cluster: str) -> Iterator[Kubectl]:
        yield found

    monkeypatch.setattr(shell, "logged_in", logged_in)
    return found


def test_a_service_that_is_well(kubectl: Kubectl, place: Place, service: Service) -> None:
    found = kubernetes.status(kubectl, AWS, place)
    assert (found.desired, found.running, problems(found)) == (2, 2, [])
    # A deployment is complete when its pods have been ready for a while, as is planned.
    wait_for("it is complete", lambda: deployed(kubernetes.status(kubectl, AWS, place)), 90, service.cluster.explain)
    assert found.deployment and found.deployment.image == service.values["image"]["reference"].rpartition(":")[2]


def deployed(status: Status) -> bool:
    return status.deployment is not None and status.deployment.state == "completed"


def test_what_is_not_there(kubectl: Kubectl, place: Place) -> None:
    nowhere = Place("no", "nowhere", "eks", 1, 100, "worker", "kubernetes", "node", "")
    assert not kubernetes.status(kubectl, AWS, nowhere).present
    with pytest.raises(AbsentError, match="not found: the stack eks-dev is not up"):
        KubernetesRun(kubectl, nowhere)


@pytest.fixture
def bare(service: Service) -> Iterator[Place]:
    """A pod, and nothing else, whose image is one program."""
    api, name = service.cluster.api, "bare"
    meta = {"name": name, "namespace": name, "labels": {"app.kubernetes.io/name": name}}
    api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    pod = {"containers": [{"name": name, "image": PAUSE_IMAGE, "imagePullPolicy": "Never"}]}
    api.create({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": pod})
    path = f"/api/v1/namespaces/{name}/pods/{name}"
    wait_for("it runs", lambda: api.get(path)["status"]["phase"] == "Running", 60, service.cluster.explain)
    yield Place(name, name, "eks", 1, 100, "worker", "kubernetes", "node", "")
    service.cluster.kubectl("delete", "namespace", name)


def test_an_image_without_a_shell_is_found_out(kubectl: Kubectl, bare: Place) -> None:
    with pytest.raises(LiveError, match="its image brings no shell"):
        shell.on_kubernetes(AWS, bare, bare.service, shell.SHELL, print)


def test_a_shell_reads_what_it_is_told(
    kubectl: Kubectl, place: Place, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "told").write_text("echo $((6 * 7))\nexit 3\n")
    with (tmp_path / "told").open() as told:
        monkeypatch.setattr("sys.stdin", told)
        before = os.dup(0)
        os.dup2(told.fileno(), 0)
        try:
            code = shell.on_kubernetes(AWS, place, place.service, shell.SHELL, lambda _: None)
        finally:
            os.dup2(before, 0)
    assert (code, capfd.readouterr().out) == (3, "42\n")


def test_a_program_that_it_has_runs_as_its_user(
    kubectl: Kubectl, place: Place, capfd: pytest.CaptureFixture[str]
) -> None:
    command = "python3 -c 'import os; print(os.getuid()); raise SystemExit(7)'"
    assert shell.on_kubernetes(AWS, place, place.service, command, lambda _: None) == 7
    assert capfd.readouterr().out == "10001\n"


@pytest.fixture
def cron_job(service: Service) -> Iterator[Any]:
    """Create CronJobs that run Python in the service's image and namespace, with its confinement."""
    api, workload, security = service.cluster.api, service.workload, ContainerSecurity()
    made = []

    def create(name: str, code: str) -> None:
        pod = {
            "restartPolicy": "Never",
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": security.uid,
                "seccompProfile": {"type": security.seccomp_profile},
            },
            "containers": [
                {
                    "name": name,
                    "image": service.values["image"]["reference"],
                    "command": ["python3", "-c", code],
                    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                }
            ],
        }
        spec = {"schedule": "0 3 1 1 *", "timeZone": "Europe/Berlin", "suspend": True}
        job = {"backoffLimit": 0, "template": {"spec": pod}}
        api.create(
            {
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "metadata": {"name": name, "namespace": workload.namespace},
                "spec": {**spec, "jobTemplate": {"spec": job}},
            }
        )
        made.append(name)

    yield create
    service.cluster.kubectl("delete", "cronjob", *made, f"--namespace={workload.namespace}")


@pytest.mark.parametrize(("code", "result"), [("print(1)", "succeeded"), ("raise SystemExit(3)", "failed")])
def test_a_job_is_made_from_its_cron_job_and_watched(
    kubectl: Kubectl, place: Place, service: Service, cron_job: Any, code: str, result: str
) -> None:
    cron_job(place.service, code)
    job = Place(place.name, place.service, "eks", 1, 100, "job", "kubernetes", "node", "")
    run = KubernetesRun(kubectl, job)
    assert run.now().result == "running"
    wait_for("the job ends", lambda: run.now().result != "running", 60, service.cluster.explain)
    ended: JobRun = run.now()
    assert ended.result == result and ended.ended is not None
    assert ("exit code 3" in ended.reason) == (result == "failed")
    found = kubernetes.status(kubectl, AWS, job)
    assert [(one.name, one.result) for one in found.runs] == [(run.name, result)]
    assert found.schedule == "", "it is suspended"
