"""``berth status``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import typer

from berth.cli.live_options import AnyService, BerthName, recorded
from berth.cli.options import VIOLATED, Json, Stack, write


def status(stack: Stack, root: Path, service: AnyService = None, berth: BerthName = None, json: Json = False) -> None:
    """Show how the services of STACK are: what runs, which version, what the load balancer finds, how jobs went.

    Where something is wrong, why tasks or pods stopped. Needs AWS credentials; on EKS aws and kubectl as well.
    """
    from berth.live.aws import Aws
    from berth.live.looking import look
    from berth.live.place import access, places
    from berth.live.status import problems
    from berth.live.status_view import document, section

    plan = recorded(stack, root)
    found = look(Aws(access(plan)), places(plan, service, berth))
    if json:
        from json import dumps

        write(dumps(document(stack, found), indent=2, ensure_ascii=False, default=datetime.isoformat) + "\n")
    else:
        from berth.render.terminal import show

        show([section(stack, found, datetime.now(UTC))])
    if any(problems(one) for one in found):
        raise typer.Exit(VIOLATED)
