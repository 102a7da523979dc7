"""Workers, jobs and the clock on a real node: what stops, ends, is read and is scaled as the chart says."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from components.berths.eks import files, manifests
from components.berths.eks.chart import Release, chart_values, render, secrets_name
from components.berths.eks.timetable import IMAGE as KUBECTL
from components.berths.eks.timetable import timetable
from components.service.spec import File, Job, Scale, Scheduled, ServiceSpec, Sidecar, Source

from .node import parts
from .node.api import wait_for
from .node.cluster import Cluster
from .service import Service
from .workload import for_this_machine

pytestmark = pytest.mark.cluster
PORT = 9100
SIDECAR = f"""
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", {PORT}), Handler).serve_forever()
"""
ASK = f"import urllib.request; assert urllib.request.urlopen('http://127.0.0.1:{PORT}').status == 204"
AGENT = Sidecar(
    "agent", "", 64, 64, entrypoint=("python3", "-c", SIDECAR), port=PORT, health_command=("python3", "-c", ASK)
)
READ = """
import json, os, stat, sys
def seen(path):
    found = os.stat(path)
    return [open(path).read(), stat.S_IMODE(found.st_mode), os.access(path, os.W_OK)]
print(json.dumps({
    "uid": os.getuid(),
    "token": os.environ["TOKEN"],
    "files": {path: seen(path) for path in ("/etc/kinds/app.yaml", "/etc/kinds/key.pem")},
    "folder": sorted(name for name in os.listdir("/etc/kinds") if not name.startswith(".")),
}))
"""
FILES = (File("/etc/kinds/app.yaml", "level: info\n"), File("/etc/kinds/key.pem", Source(secret="kinds/tls")))


class Installed:
    """A service of a kind of its own on the node, in a namespace of its name."""

    def __init__(self, cluster: Cluster, spec: ServiceSpec) -> None:
        """Create the objects as the berth does, with this machine's values for what only AWS knows."""
        self.cluster, self.spec, self.name = cluster, spec, spec.name
        values = for_this_machine(chart_values(spec, Release("", "", "", [])))
        secrets = {secrets_name(spec.name): {"TOKEN": "s3cret"}, files.files_name(spec.name): {"1-key.pem": "PEM"}}
        cluster.api.create(manifests.namespace(spec.name))
        for name, data in secrets.items():
            meta = {"name": name, "namespace": spec.name}
            cluster.api.create({"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": data})
        plain = {key: one.content for key, one in files.keys(spec.files).items() if isinstance(one.content, str)}
        cluster.api.create(manifests.config_map(files.files_name(spec.name), spec.name, plain))
        for manifest in (*render(spec.name, spec.name, values), *timetable(spec)):
            cluster.api.create(manifest)

    def kubectl(self, *arguments: str, timeout: float = 60) -> str:
        """Run kubectl in the namespace."""
        return self.cluster.kubectl(f"--namespace={self.name}", *arguments, timeout=timeout)

    def get(self, what: str, *options: str) -> Any:
        """Read an object or a list."""
        return json.loads(self.kubectl("get", what, "--output=json", *options))

    def pods(self) -> list[Any]:
        """Return the service's own pods."""
        found: list[Any] = self.get("pods", f"--selector=app.kubernetes.io/name={self.name}")["items"]
        return found

    def running(self) -> list[str]:
        """Return the names of the pods all of whose containers are ready and that are not leaving."""
        return [
            pod["metadata"]["name"]
            for pod in self.pods()
            if "deletionTimestamp" not in pod["metadata"]
            and all(one["ready"] for one in pod["status"].get("containerStatuses") or [{"ready": False}])
        ]

    def begin(self, cron_job: str) -> str:
        """Begin a job by hand, as the command does that the stack shows; return its name."""
        self.kubectl("create", "job", f"{cron_job}-now", f"--from=cronjob/{cron_job}")
        return f"{cron_job}-now"

    def ended(self, job: str, how: str, seconds: float = 90) -> Any:
        """Wait until a job has ended, and return it.

        Args:
            job: its name.
            how: Complete or Failed.
            seconds: how long.
        """

        def has() -> bool:
            conditions = self.get(f"job/{job}")["status"].get("conditions") or []
            return any(one["type"] == how and one["status"] == "True" for one in conditions)

        wait_for(f"{job} is {how}", has, seconds, self.cluster.explain)
        return self.get(f"job/{job}")


@pytest.fixture
def install(service: Service) -> Iterator[Any]:
    """Install services, each with the sample's image, and remove them afterwards."""
    made: list[Installed] = []

    def create(name: str, code: str, **changes: Any) -> Installed:
        image = service.workload.image
        changes["sidecars"] = tuple(Sidecar(**{**vars(one), "image": image}) for one in changes.get("sidecars", ()))
        spec = ServiceSpec(
            name=name,
            image=image,
            architecture="amd64",
            cpu=128,
            memory=192,
            entrypoint=("python3", "-uc", code),
            **changes,
        )
        made.append(Installed(service.cluster, spec))
        return made[-1]

    yield create
    for one in made:
        service.cluster.kubectl("delete", "namespace", one.name, "--wait=false")


def test_a_job_ends_beside_a_sidecar_and_reads_what_it_was_given(install: Any) -> None:
    job: Installed = install(
        "reader",
        READ,
        job=Job("0 0 1 1 *"),
        sidecars=(AGENT,),
        files=FILES,
        secrets={"TOKEN": Source(parameter="/token")},
    )
    name = job.begin("reader")
    assert job.ended(name, "Complete")["status"]["succeeded"] == 1
    [pod] = job.pods()
    assert [one["name"] for one in pod["status"]["initContainerStatuses"]] == ["agent"]
    assert json.loads(job.kubectl("logs", pod["metadata"]["name"], "--container=reader")) == {
        "uid": 10001,
        "token": "s3cret",
        "files": {
            "/etc/kinds/app.yaml": ["level: info\n", 0o440, False],
            "/etc/kinds/key.pem": ["PEM", 0o440, False],
        },
        "folder": ["app.yaml", "key.pem"],
    }


@pytest.mark.parametrize(
    ("code", "timeout", "reason"),
    [("raise SystemExit(3)", 60, "Error"), ("import time; time.sleep(600)", 3, "DeadlineExceeded")],
)
def test_each_attempt_of_a_job_has_its_own_time(install: Any, code: str, timeout: int, reason: str) -> None:
    job: Installed = install(f"failing-{timeout}", code, job=Job(None, timeout_seconds=timeout, retries=1))
    assert job.get(f"cronjob/{job.name}")["spec"]["suspend"] is True
    ended = job.ended(job.begin(job.name), "Failed")
    assert ended["status"]["failed"] == 2
    assert ended["status"]["conditions"][-1]["reason"] == "BackoffLimitExceeded"
    for pod in job.pods():
        state = pod["status"]["containerStatuses"][0]["state"].get("terminated", {})
        assert reason in (pod["status"].get("reason"), state.get("reason"))


LEAVING = f"""
import signal, sys, time, urllib.request
def leave(*_):
    time.sleep(3)
    print("sidecar", urllib.request.urlopen("http://127.0.0.1:{PORT}").status, flush=True)
    print("drained", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("working", flush=True)
while True:
    time.sleep(1)
"""


def test_a_worker_that_is_stopped_finishes_with_its_sidecar_still_there(install: Any) -> None:
    worker: Installed = install(
        "worker", LEAVING, scale=Scale(1, 2), sidecars=(AGENT,), shutdown_seconds=30, health_command=("python3", "-V")
    )
    wait_for("it runs", lambda: len(worker.running()) == 1, 90, worker.cluster.explain)
    [pod] = worker.running()
    lines: list[str] = []
    follow = threading.Thread(
        target=lambda: lines.extend(
            worker.kubectl("logs", "--follow", pod, "--container=worker", timeout=60).splitlines()
        )
    )
    follow.start()
    worker.kubectl("delete", "pod", pod, timeout=60)
    follow.join(60)
    assert lines == ["working", "sidecar 204", "drained"]


@pytest.fixture(scope="module")
def kubectl_image(service: Service) -> None:
    """Give the node the image that the clock runs: kubectl and nothing else, as upstream's."""
    programs = parts.kubernetes(print)
    text = 'FROM scratch\nCOPY kubectl /bin/kubectl\nENTRYPOINT ["/bin/kubectl"]\n'
    command = ["podman", "build", "--quiet", f"--tag={KUBECTL}", "--file=-", str(programs)]
    subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    service.cluster.load_image(KUBECTL)
    # It has upstream's name, which nobody else here should take it for.
    subprocess.run(["podman", "rmi", KUBECTL], capture_output=True, check=True)


def test_the_clock_brings_replicas_takes_them_all_and_may_nothing_else(install: Any, kubectl_image: None) -> None:
    day, night = Scheduled("0 0 1 1 *", "Europe/Berlin", 2, 3), Scheduled("0 0 1 1 *", "UTC", 0, 0)
    worker: Installed = install("clocked", LEAVING, scale=Scale(0, 5, scheduled=(day, night)), sidecars=(AGENT,))
    assert worker.pods() == [] and bounds(worker) == {"minReplicas": 1, "maxReplicas": 5}
    worker.ended(worker.begin("clocked-clock-0"), "Complete")
    assert bounds(worker) == {"minReplicas": 2, "maxReplicas": 3}
    wait_for("both run", lambda: len(worker.running()) == 2, 90, worker.cluster.explain)
    worker.ended(worker.begin("clocked-clock-1"), "Complete")
    wait_for("none is left", lambda: worker.pods() == [], 60, worker.cluster.explain)
    assert [may(worker, *asked) for asked in ALLOWED] == [True] * len(ALLOWED)
    assert [may(worker, *asked) for asked in REFUSED] == [False] * len(REFUSED)


ALLOWED = (
    ("patch", "autoscaling", "horizontalpodautoscalers", "clocked"),
    ("patch", "apps", "deployments/scale", "clocked"),
)
REFUSED = (
    ("patch", "autoscaling", "horizontalpodautoscalers", "other"),
    ("patch", "apps", "deployments", "clocked"),
    ("get", "", "secrets", "clocked-secrets"),
    ("create", "", "pods", ""),
)


def bounds(worker: Installed) -> Mapping[str, int]:
    """Return what the autoscaler keeps to."""
    spec = worker.get("hpa/clocked")["spec"]
    return {key: spec[key] for key in ("minReplicas", "maxReplicas")}


def may(worker: Installed, verb: str, group: str, what: str, name: str) -> bool:
    """Return what the server says that the clock's account may do."""
    resource, _, below = what.partition("/")
    asked = {"namespace": worker.name, "verb": verb, "group": group, "resource": resource, "subresource": below}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": "system:serviceaccount:clocked:clocked-clock", "resourceAttributes": {**asked, "name": name}},
    }
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    return bool(worker.cluster.api.do("POST", path, review)["status"]["allowed"])
