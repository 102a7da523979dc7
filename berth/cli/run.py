"""``berth run``."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from berth.cli.live_options import BerthName, note, recorded
from berth.cli.options import VIOLATED, Stack


def run(
    stack: Stack,
    job: Annotated[str, typer.Argument(help="The job, as berth:services names it.", show_default=False)],
    root: Path,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Show its logs and wait for its end.")] = True,
    berth: BerthName = None,
) -> None:
    """Start JOB now, at the berth with the highest weight, show what it writes, and say how it ended.

    As its schedule does: with the same time limit and the same further attempts. Ctrl-C leaves it running. Needs AWS
    credentials; on EKS aws and kubectl as well.
    """
    from berth.live.aws import Aws
    from berth.live.kubectl import logged_in
    from berth.live.log_text import as_text
    from berth.live.place import access, places
    from berth.live.runs import EcsRun, KubernetesRun, Started, job_place, watch
    from berth.live.status_view import length

    plan = recorded(stack, root)
    place = job_place(places(plan, job, berth))
    aws = Aws(access(plan))
    with ExitStack() as opened:
        if place.orchestrator == "ecs":
            started: Started = EcsRun(aws, place)
        else:
            started = KubernetesRun(opened.enter_context(logged_in(aws.access, place.cluster)), place)
        then = "Ctrl-C leaves it running" if wait else f"`berth status {stack} {job}` says how it went"
        note(f"{place}: started {started.name}; {then}.")
        if not wait:
            return
        written = as_text([place])
        ended = watch(aws, place, started, lambda line: print(written(line), flush=True))
    took = f" in {length(ended.ended - ended.started)}" if ended.ended and ended.started else ""
    note(f"{place}: {ended.result}{took}{f': {ended.reason}' if ended.reason else ''}")
    if ended.result != "succeeded":
        raise typer.Exit(VIOLATED)
