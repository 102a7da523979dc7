"""``berth logs``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from berth.cli.live_options import AnyService, BerthName, a_time, note, print_lines, recorded
from berth.cli.options import Stack


def logs(
    stack: Stack,
    root: Path,
    service: AnyService = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new lines until Ctrl-C.")] = False,
    since: Annotated[
        timedelta, typer.Option(parser=a_time, metavar="TIME", help="How far back: 90s, 15m, 2h, 3d.")
    ] = "15m",  # type: ignore[assignment]
    grep: Annotated[
        str | None, typer.Option("--grep", metavar="TEXT", help="Only lines that hold this text.", show_default=False)
    ] = None,
    berth: BerthName = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Show what the services of STACK wrote, at all berths, in the order of time.

    From CloudWatch Logs, where every berth keeps it. Needs AWS credentials; the region and the profile are the stack's.
    """
    from berth.live.aws import Aws
    from berth.live.log_lines import matching, new_lines, past_lines
    from berth.live.log_text import as_json, as_text
    from berth.live.place import access, places

    plan = recorded(stack, root)
    chosen = places(plan, service, berth)
    read = new_lines if follow else past_lines
    lines = read(Aws(access(plan)), chosen, datetime.now(UTC) - since, note)
    written = as_json if json else as_text(chosen)
    printed = 0

    def counted() -> Iterator[str]:
        nonlocal printed
        for line in matching(lines, grep) if grep else lines:
            printed += 1
            yield written(line)

    print_lines(counted())
    if not printed:
        note("No line in this time; --since 1d looks further back.")
