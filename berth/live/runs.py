"""One run of a job, begun by hand: by its state machine on ECS, from its CronJob on EKS."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from berth.errors import ConfigError
from berth.live import ecs, kubernetes
from berth.live.aws import Aws
from berth.live.kubectl import Kubectl
from berth.live.log_lines import LogLine, new_lines
from berth.live.place import Place, leading
from berth.live.status import JobRun

LAST_LOOKS: Final = 5
"""Looks for lines after the end: the containers' log driver sends what it has every five seconds."""
LONGEST_NAME: Final = 52
"""Of a Kubernetes job, so that its pods' names begin with all of it: theirs are cut to 63, with 6 of their own."""


class Started(Protocol):
    """A run that was begun."""

    name: str

    def now(self) -> JobRun:
        """Ask how it goes."""

    def wrote(self, line: LogLine) -> bool:
        """Say whether a line of the job's is of this run."""


def job_place(places: Sequence[Place]) -> Place:
    """Return where a job is to run: at the berth with the highest weight.

    Raises:
        ConfigError: The service is no job.
    """
    place = leading(places)
    if place.kind != "job":
        raise ConfigError(
            f"{place.service} is a {place.kind} service and runs all the time; `berth run` starts jobs (kind: job)."
        )
    return place


def run_name(service: str, now: datetime) -> str:
    """Return a name that no other run has, e.g. ``report-20261125-0800-3f2a``. Pure but for its last part."""
    end = f"-{now:%Y%m%d-%H%M}-{secrets.token_hex(2)}"
    return service[: LONGEST_NAME - len(end)].rstrip("-") + end


class EcsRun:
    """An execution of the job's state machine."""

    def __init__(self, aws: Aws, place: Place) -> None:
        """Start it.

        Raises:
            AbsentError: There is no such state machine.
            LiveError: AWS refuses.
        """
        self._aws, self._place = aws, place
        self._tasks: set[str] = set()
        self.name = run_name(place.service, datetime.now(UTC))
        machine = aws.state_machine(place.name)
        started = aws.call("stepfunctions", "start_execution", stateMachineArn=machine, name=self.name)
        self._arn = started["executionArn"]

    def now(self) -> JobRun:
        """Ask how it goes, and which tasks it has; each further attempt is another one."""
        found = self._aws.call("stepfunctions", "describe_execution", executionArn=self._arn)
        history = self._aws.call("stepfunctions", "get_execution_history", executionArn=self._arn, maxResults=1000)
        self._tasks |= set(tasks_of(history["events"]))
        return ecs.job_run(found)

    def wrote(self, line: LogLine) -> bool:
        """A task's lines stand in streams that end with its id."""
        return line.instance in self._tasks


def tasks_of(events: Sequence[Any]) -> Iterator[str]:
    """Yield the ids of the tasks that an execution started, from its history. Pure."""
    for event in events:
        output = event.get("taskSubmittedEventDetails", {}).get("output")
        for task in json.loads(output).get("Tasks", ()) if output else ():
            yield str(task["TaskArn"]).rpartition("/")[2]


class KubernetesRun:
    """A job made from the CronJob."""

    def __init__(self, kubectl: Kubectl, place: Place) -> None:
        """Start it.

        Raises:
            AbsentError: There is no such CronJob.
            LiveError: The cluster is not reached, or refuses.
        """
        self._kubectl, self._place = kubectl, place
        self.name = run_name(place.service, datetime.now(UTC))
        kubectl.say(place.service, "create", "job", self.name, f"--from=cronjob/{place.service}")

    def now(self) -> JobRun:
        """Ask how it goes."""
        (job,) = self._kubectl.get(self._place.service, f"job/{self.name}")
        pods = self._kubectl.get(self._place.service, "pods", f"--selector={kubernetes.JOB_NAME}={self.name}")
        return kubernetes.job_run(job, pods)

    def wrote(self, line: LogLine) -> bool:
        """A job's pods have its name, and five characters of their own."""
        return line.instance.rpartition("-")[0] == self.name


def watch(aws: Aws, place: Place, run: Started, tell: Callable[[LogLine], None]) -> JobRun:
    """Wait for a run's end, telling its lines as they come; return how it ended.

    Raises:
        LiveError: AWS or the cluster cannot be asked any more; the run goes on.
    """
    last = run.now()
    looks = 0

    def done() -> bool:
        nonlocal last, looks
        if last.result == "running":
            last = run.now()
        looks += last.result != "running"
        return looks > LAST_LOOKS

    for line in new_lines(aws, [place], last.started or datetime.now(UTC), lambda _: None, done):
        if run.wrote(line):
            tell(line)
    return last
