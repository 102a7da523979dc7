"""The cluster, once for all tests that ask for it, with the stack's workload on it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from berth.rehearse.drivers.kubernetes.pod import DEPLOYMENT, extract
from berth.rehearse.images import Images
from berth.rehearse.podman import Podman
from components.service.spec import ContainerSecurity

from . import database
from . import workload as workloads
from .node.api import wait_for
from .node.cluster import Cluster, running
from .node.janitor import leftovers
from .node.machine import Say, hindrance
from .service import Service
from .workload import Workload

OWN_NODES = "test_end"
"""The module whose tests start nodes of their own: before the one that all others share, because one runs at a time."""
TIMINGS = pytest.StashKey[dict[str, float]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that start nodes of their own first."""
    items.sort(key=lambda item: item.path.stem != OWN_NODES or item.path.parent != Path(__file__).parent)


@pytest.fixture(scope="session")
def say(request: pytest.FixtureRequest) -> Say:
    """Tell the user what is happening while pytest captures what tests write."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def write(text: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"\n  {text}", end="", flush=True)

    return write


@pytest.fixture(scope="session")
def workload() -> Workload:
    """What the stack plans for its cluster."""
    return workloads.planned()


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest, say: Say) -> Iterator[Cluster]:
    """A node for all tests, and nothing of it afterwards."""
    if why := hindrance():
        pytest.skip(f"no Kubernetes node: {why}")
    with running(say) as node:
        request.config.stash[TIMINGS] = node.timings
        yield node
    # A fixture that fails in its end is an error of the last test that used it.
    assert leftovers() == []


@pytest.fixture(scope="session")
def service(cluster: Cluster, workload: Workload, say: Say) -> Iterator[Service]:
    """The stack's service, installed with Helm and ready, with its PostgreSQL outside the cluster."""
    podman = Podman()
    images = Images(podman, say)
    started = time.monotonic()
    try:
        workloads.provide_image(workload, podman, images, cluster)
        [deployment] = workload.plan.of_type(DEPLOYMENT)
        declared = extract(workload.plan, deployment, ContainerSecurity()).known_environment()
        with database.running(podman, images, workload.plan, declared) as local:
            cluster.timings["image and database"] = time.monotonic() - started
            started = time.monotonic()
            for manifest in workloads.surroundings(workload, local):
                cluster.api.create(manifest)
            values = workloads.for_this_machine(workload.values)
            workloads.install(cluster, workload, values)
            found = Service(cluster, workload, values)
            wait_for("the pods are ready", lambda: len(found.ready_pods()) == 2, 90, cluster.explain)
            cluster.timings["install until ready"] = time.monotonic() - started
            yield found
    finally:
        podman.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how long things took."""
    if timings := config.stash.get(TIMINGS, None):
        terminalreporter.section("cluster")
        for what, seconds in timings.items():
            terminalreporter.write_line(f"{what}: {seconds:.1f} s")
