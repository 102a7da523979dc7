"""Services and jobs on EKS: what the cluster knows of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Literal

from berth.live.aws import Aws
from berth.live.kubectl import Kubectl, condition
from berth.live.place import Place
from berth.live.status import TOO_LONG, Deployment, JobRun, Status, problems, version
from berth.live.targets import targets

RUNS: Final = 5
EVENTS: Final = 5
JOB_NAME: Final = "batch.kubernetes.io/job-name"
"""Label of a job's pods."""


def status(kubectl: Kubectl, aws: Aws, place: Place) -> Status:
    """Return what is known of a service or job; one that does not exist is not present.

    Raises:
        LiveError: The cluster or AWS cannot be asked.
    """
    if place.kind == "job":
        return _job(kubectl.get(place.service, "cronjobs,jobs,pods"), place)
    items = kubectl.get(place.service, "deployments,pods", f"--selector=app.kubernetes.io/name={place.service}")
    deployment = next((one for one in _of(items, "Deployment") if one["metadata"]["name"] == place.service), None)
    if deployment is None:
        return Status(place, present=False)
    desired, running = deployment["spec"].get("replicas", 1), deployment["status"].get("readyReplicas", 0)
    found = Status(
        place,
        desired=desired,
        running=running,
        pending=max(deployment["status"].get("replicas", 0) - running, 0),
        deployment=_deployment(deployment, place),
        targets=targets(aws, place),
    )
    if not problems(found):
        return found
    warnings = kubectl.get(place.service, "events", "--field-selector=type=Warning")
    return replace(found, events=(*_pod_troubles(_of(items, "Pod")), *_warnings(warnings)))


def _of(items: Sequence[Any], kind: str) -> list[Any]:
    return [one for one in items if one["kind"] == kind]


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _deployment(deployment: Any, place: Place) -> Deployment:
    """Return the deployment's state: Kubernetes gives up after ``progressDeadlineSeconds`` and rolls nothing back."""
    progress, status_ = condition(deployment, "Progressing"), deployment["status"]
    state: Literal["completed", "in progress", "failed"] = "in progress"
    if progress.get("status") == "False" or condition(deployment, "ReplicaFailure").get("status") == "True":
        state = "failed"
    elif (
        status_.get("observedGeneration") == deployment["metadata"].get("generation")
        and status_.get("updatedReplicas", 0) == status_.get("replicas", 0)
        and progress.get("reason") == "NewReplicaSetAvailable"
    ):
        state = "completed"
    containers = deployment["spec"]["template"]["spec"]["containers"]
    image = next((one["image"] for one in containers if one["name"] == place.service), "")
    revision = deployment["metadata"].get("annotations", {}).get("deployment.kubernetes.io/revision", "")
    since = _time(progress.get("lastUpdateTime"))
    return Deployment(f"revision {revision}", state, version(image), since, progress.get("message", ""))


def _pod_troubles(pods: Sequence[Any]) -> Iterator[str]:
    for pod in pods:
        name, known = pod["metadata"]["name"], pod.get("status", {})
        scheduled = condition(pod, "PodScheduled")
        if scheduled.get("status") == "False":
            yield f"{name}: {scheduled.get('reason', '')}: {scheduled.get('message', '')}"
        for container in (*known.get("initContainerStatuses", ()), *known.get("containerStatuses", ())):
            waiting = container.get("state", {}).get("waiting", {})
            ended = exit_reason(container)
            said = [": ".join(filter(None, (waiting.get("reason"), waiting.get("message")))), ended]
            if any(said) and not container.get("ready"):
                restarts = f"{container.get('restartCount', 0)} restarts" if container.get("restartCount") else ""
                yield f"{name}, {container['name']}: {'; '.join(filter(None, (*said, restarts)))}"


def exit_reason(container: Mapping[str, Any]) -> str:
    """Say how a container's status says that it ended, now or the last time; empty where it did well. Pure."""
    for state in ("state", "lastState"):
        ended = container.get(state, {}).get("terminated", {})
        if ended.get("exitCode"):
            return f"exit code {ended['exitCode']} ({ended.get('reason', 'Error')})"
    return ""


def _warnings(events: Sequence[Any]) -> Iterator[str]:
    def when(event: Any) -> str:
        return event.get("lastTimestamp") or event.get("eventTime") or event["metadata"]["creationTimestamp"] or ""

    for event in sorted(events, key=when, reverse=True)[:EVENTS]:
        about = event["involvedObject"]
        yield f"{about['kind']} {about['name']}: {event.get('reason', '')}: {event.get('message', '')}"


def _job(items: Sequence[Any], place: Place) -> Status:
    cron = next((one for one in _of(items, "CronJob") if one["metadata"]["name"] == place.service), None)
    if cron is None:
        return Status(place, present=False)
    jobs = [job for job in _of(items, "Job") if owned(job, place.service)]
    jobs.sort(key=lambda job: job["metadata"]["creationTimestamp"], reverse=True)
    suspended = cron["spec"].get("suspend", False)
    schedule = f"{cron['spec']['schedule']} {cron['spec'].get('timeZone', 'UTC')}"
    return Status(
        place,
        schedule="" if suspended else schedule,
        runs=tuple(job_run(job, _of(items, "Pod")) for job in jobs[:RUNS]),
    )


def owned(job: Any, cron_job: str) -> bool:
    """Say whether a CronJob made a job, by its schedule or by ``kubectl create job --from``. Pure."""
    return any(
        one["kind"] == "CronJob" and one["name"] == cron_job for one in job["metadata"].get("ownerReferences", ())
    )


def job_run(job: Any, pods: Sequence[Any]) -> JobRun:
    """Return how a job went; of one that failed, how its pods ended. Pure."""
    name, known = job["metadata"]["name"], job.get("status", {})
    started = _time(known.get("startTime") or job["metadata"].get("creationTimestamp"))
    done, failed = condition(job, "Complete"), condition(job, "Failed")
    if done.get("status") == "True":
        return JobRun(name, "succeeded", started, _time(known.get("completionTime")))
    if failed.get("status") == "True":
        own = [pod["status"] for pod in pods if pod["metadata"].get("labels", {}).get(JOB_NAME) == name]
        late = any(one.get("reason") == "DeadlineExceeded" for one in (failed, *own))
        ends = [exit_reason(one) for status in own for one in status.get("containerStatuses", ())]
        said = dict.fromkeys(filter(None, (TOO_LONG if late else failed.get("message"), *ends)))
        return JobRun(name, "failed", started, _time(failed.get("lastTransitionTime")), "; ".join(said))
    return JobRun(name, "running", started)
