"""A worker of a real stack, ended in the middle of its work, loses no message of a queue."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from berth.plan import Plan
from berth.rehearse import course
from berth.rehearse.drivers.claims import choose_drivers
from berth.rehearse.drivers.driver import Driver
from berth.rehearse.images import Images
from berth.rehearse.local import HOST, HOST_INSIDE, Local
from berth.rehearse.podman import Podman
from berth.rehearse.session import Session
from berth.rehearse.workload import find_builds
from components.service.spec import ContainerSecurity
from tests.programs import recorded

from .running import OWN, ROOT

pytestmark = [
    pytest.mark.podman,
    pytest.mark.skipif(shutil.which("podman") is None, reason="podman is not installed"),
]
CONFIG = """\
  aws:region: eu-central-1
  berth:berths: {ecs-fargate: 1, eks: 1}
  berth:services:
    mailer:
      kind: worker
      context: tests/rehearse/services/worker
      shutdownSeconds: 20
      environment:
        QUEUE_URL: https://sqs.eu-central-1.amazonaws.com/123456789012/jobs
        STORE_URL: https://store.example
"""
MESSAGES = 240
PATIENCE = 60.0


class Store(ThreadingHTTPServer):
    """Where effects are stored, each under its key; it counts how often each key was stored."""

    def __init__(self) -> None:
        super().__init__((HOST, 0), Handler)
        self.stored: Counter[str] = Counter()
        self.lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        assert isinstance(self.server, Store)
        with self.server.lock:
            self.server.stored[self.path.lstrip("/")] += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory, podman: Podman) -> Plan:
    """The stack's Plan, whose image is there."""
    found = replace(recorded(tmp_path_factory.mktemp("queue"), "queue", CONFIG), stack=f"queue-{OWN}")
    [name] = {str(one.inputs["imageName"]) for one in found.of_type("docker:index/image:Image")}
    Images(podman, print).provide([name], find_builds(found, {name}), ROOT)
    return found


@pytest.fixture
def store() -> Iterator[Store]:
    server = Store()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


class Queue:
    """A queue of SQS on this machine's loopback."""

    def __init__(self, url: str) -> None:
        self._client = boto3.client(
            "sqs", endpoint_url=url, region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        self._url = self._client.create_queue(QueueName="jobs")["QueueUrl"]
        self.inside = f"{url}/{self._url.split('/', 3)[3]}".replace(HOST, HOST_INSIDE)

    def send(self, keys: list[str]) -> None:
        for start in range(0, len(keys), 10):
            entries = [{"Id": key, "MessageBody": json.dumps({"key": key})} for key in keys[start : start + 10]]
            self._client.send_message_batch(QueueUrl=self._url, Entries=entries)

    def left(self) -> int:
        """Return how many messages it still holds, those that are being handled included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)


@pytest.fixture
def queue() -> Iterator[Queue]:
    server = ThreadedMotoServer(ip_address=HOST, port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield Queue(f"http://{HOST}:{port}")
    server.stop()


def until(reached: Callable[[], bool], what: str) -> None:
    """Wait for something to be so."""
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def started(driver: Driver, values: Mapping[str, str]) -> Driver:
    """Start a replica, with this machine's addresses in place of those planned."""
    driver.create(Local(None, {}, {}).fill, Path("/none"), values)
    driver.start(time.monotonic() + PATIENCE)
    return driver


@pytest.mark.parametrize("end", ["kill", "stop"])
@pytest.mark.parametrize("berth", ["ecs-fargate", "eks"])
def test_no_message_is_lost_when_a_worker_ends_in_the_middle(
    berth: str, end: str, plan: Plan, podman: Podman, queue: Queue, store: Store
) -> None:
    session = Session(podman, f"{plan.stack}-{berth}-{end}")
    security = ContainerSecurity()
    [first] = (
        one
        for one in choose_drivers(podman, session, plan, security)
        if one.unit.mooring and one.unit.mooring.berth == berth
    )
    values = {"QUEUE_URL": queue.inside, "STORE_URL": f"http://{HOST_INSIDE}:{store.server_port}"}
    keys = [f"key-{number}" for number in range(MESSAGES)]
    queue.send(keys)
    try:
        started(first, values)
        until(lambda: len(store.stored) > MESSAGES // 4, "the worker does nothing")
        if end == "kill":
            podman.run("kill", "--signal=KILL", first.podman_name(first.service))
        else:
            check = course.stop(podman, first)
            assert check.kept and "exit status 0" in check.seen, check
        done = len(store.stored)
        assert done < MESSAGES, "it was not in the middle of its work"
        if berth == "eks":
            # As a kubelet does, in the same pod.
            course.start_again(podman, first)
        else:
            # As ECS does: another task.
            started(type(first)(podman, session, first.unit, 9, security), values)
        until(lambda: queue.left() == 0, "not every message is handled")
    finally:
        assert session.remove() == []
    assert set(store.stored) == set(keys)
    twice = [key for key, times in store.stored.items() if times > 1]
    # What was in hand when it was killed comes once more, and changes nothing; at an orderly end it was finished.
    assert len(twice) <= 10 if end == "kill" else twice == []
