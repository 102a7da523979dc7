"""A shell, or another program, in a task or pod that runs."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from berth.errors import ConfigError
from berth.live.aws import Aws
from berth.live.commands import on_terminal, require
from berth.live.errors import AbsentError, LiveError
from berth.live.kubectl import condition, explanation, logged_in
from berth.live.machines import on_machine
from berth.live.place import Orchestrator, Place, leading

SHELL: Final = "/bin/sh"
_AGENT: Final = "ExecuteCommandAgent"
_NO_SUCH_PROGRAM: Final = ("no such file or directory", "executable file not found", "exec format error")


def shell_place(places: Sequence[Place], container: str | None) -> tuple[Place, str]:
    """Return the place with the highest weight, and the container there.

    Raises:
        ConfigError: The service is a job or a function, or has no such container.
    """
    place = leading(places)
    if place.kind == "job":
        raise ConfigError(
            f"{place.service} is a job: nothing of it runs between its runs. `berth run` starts it and shows its logs."
        )
    if place.orchestrator == "function":
        raise ConfigError(
            f"{place} is a function of Lambda: nobody can enter one. `berth logs` shows what it writes;"
            " `berth rehearse` runs it on this machine."
        )
    if container is not None and container not in place.containers:
        raise ConfigError(
            f'{place.service} has no container "{container}".\nAllowed: {", ".join(place.containers)}\n'
            f"Example: --container {place.service}"
        )
    return place, container or place.service


def on_ecs(aws: Aws, place: Place, container: str, command: str, tell: Callable[[str], None]) -> int:
    """Run a command in a task by ECS Exec, on this terminal.

    ECS Exec runs it as root of the container, whatever its user, with the container's own confinement (ECS developer
    guide, "ECS Exec").

    Args:
        aws: who is asked.
        place: the service.
        container: name of the container.
        command: what runs there.
        tell: is told which task it is.

    Returns:
        The exit code of the ``aws`` command, which does not hand on the program's own.

    Raises:
        LiveError: ECS Exec is switched off, a command is missing, no task runs, or AWS refuses.
    """
    if not place.exec:
        raise LiveError(
            f"ECS Exec is switched off at {place.berth}, so no shell can be opened in {place.service}.\n"
            f"Write `berth:{place.berth}: {{exec: true}}` into Pulumi.{aws.access.stack}.yaml and run `pulumi up`."
        )
    require("aws", "session-manager-plugin")
    cluster, service = place.cluster, place.running
    running = aws.call("ecs", "list_tasks", cluster=cluster, serviceName=service, desiredStatus="RUNNING")["taskArns"]
    tasks = aws.call("ecs", "describe_tasks", cluster=cluster, tasks=running)["tasks"] if running else []
    task = task_for(tasks, place, container)
    tell(f"{place}, task {task.rpartition('/')[2]}, container {container}")
    words = ["aws", "ecs", "execute-command", "--cluster", cluster, "--task", task, "--container", container]
    words += [*aws.access.options, "--interactive", "--command", command]
    code, complaint = on_terminal(words, aws.access, complaints=True)
    if code and complaint:
        raise explanation(complaint, aws.access, cluster)
    return code


def task_for(tasks: Sequence[Mapping[str, Any]], place: Place, container: str) -> str:
    """Return the ARN of the newest task that a shell can be opened in. Pure.

    Raises:
        LiveError: There is none; the text says why.
    """
    running = sorted(
        (one for one in tasks if one.get("lastStatus") == "RUNNING"),
        key=lambda one: str(one.get("startedAt", "")),
        reverse=True,
    )
    if not running:
        raise AbsentError(f"No task of {place} runs now; `berth status` says why.")
    for task in running:
        own: Mapping[str, Any] = next((one for one in task.get("containers", ()) if one["name"] == container), {})
        agents = {one["name"]: one.get("lastStatus") for one in own.get("managedAgents", ())}
        if agents.get(_AGENT) == "RUNNING":
            return str(task["taskArn"])
    if not any(task.get("enableExecuteCommand") for task in running):
        raise LiveError(
            f"The tasks of {place} began before ECS Exec was switched on there.\n"
            f"`aws ecs update-service --cluster {place.cluster} --service {place.running} --force-new-deployment`"
            " replaces them."
        )
    raise LiveError(
        f"ECS Exec's agent does not run in the container {container} of {place}; a new task takes a minute.\n"
        "If it stays so, the task cannot reach AWS's ssmmessages endpoint, or the container has ended."
    )


def on_kubernetes(aws: Aws, place: Place, container: str, command: str, tell: Callable[[str], None]) -> int:
    """Run a command in a pod by ``kubectl exec``, on this terminal, as the container's own user; see ``on_ecs``.

    Returns:
        The exit code of the command.

    Raises:
        LiveError: A command is missing, no pod runs, the image has no shell, or the cluster refuses.
    """
    with logged_in(aws.access, place.cluster) as kubectl:
        pods = kubectl.get(place.service, "pods", f"--selector=app.kubernetes.io/name={place.service}")
        pod = pod_for(pods, place)
        inside = ["exec", pod, f"--container={container}"]
        if command == SHELL:
            code, complaint = kubectl.attempt(place.service, *inside, "--", SHELL, "-c", ":")
            if code and any(one in complaint for one in _NO_SUCH_PROGRAM):
                raise LiveError(
                    f"There is no {SHELL} in the container {container} of {pod}: its image brings no shell.\n"
                    "Run a program that it has, e.g. --command 'python3 -V'; or bring one along: `kubectl debug -it"
                    f" --namespace {place.service} {pod} --profile=restricted --image=busybox --target={container}`."
                )
            if code:
                raise explanation(complaint, aws.access, place.cluster)
        tell(f"{place}, pod {pod}, container {container}")
        terminal = ["--stdin", "--tty"] if sys.stdin.isatty() else ["--stdin"]
        return kubectl.interact(place.service, *inside, *terminal, "--", *shlex.split(command))


def pod_for(pods: Sequence[Any], place: Place) -> str:
    """Return the newest pod that is ready, else the newest that runs. Pure.

    Raises:
        AbsentError: None runs.
    """
    running = [one for one in pods if one.get("status", {}).get("phase") == "Running"]
    if not running:
        raise AbsentError(f"No pod of {place} runs now; `berth status` says why.")
    newest = max(
        running,
        key=lambda one: (condition(one, "Ready").get("status") == "True", one["metadata"].get("creationTimestamp", "")),
    )
    return str(newest["metadata"]["name"])


INTO: Final[Mapping[Orchestrator, Callable[[Aws, Place, str, str, Callable[[str], None]], int]]] = {
    "ecs": on_ecs,
    "kubernetes": on_kubernetes,
    "machines": on_machine,
    "environment": on_machine,
}
"""What runs a command in a container, by what runs the service."""
