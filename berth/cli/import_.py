"""``berth import``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from berth.cli.options import VIOLATED, Json, planned, write
from berth.config import PROJECT_FILE
from berth.errors import ConfigError

if TYPE_CHECKING:
    from berth.importing.draft import Stack
    from berth.importing.sources import Source


def import_(
    source: Annotated[
        Path,
        typer.Argument(
            help="A folder with copilot/ in it, a compose.yaml or a score.yaml.", show_default=False, metavar="SOURCE"
        ),
    ],
    root: Path,
    stack: Annotated[
        str | None,
        typer.Option(
            "--stack",
            metavar="NAME",
            help="Name of the stack of a compose.yaml or score.yaml. [its folder's name, -dev]",
        ),
    ] = None,
    environment: Annotated[
        list[str] | None,
        typer.Option(
            "--environment", metavar="NAME", help="This environment of Copilot only; may be given again. [all]"
        ),
    ] = None,
    backend: Annotated[str, typer.Option("--backend", metavar="BERTH", help="Where the services run.")] = "ecs-fargate",
    region: Annotated[
        str | None,
        typer.Option(
            "--region",
            metavar="REGION",
            help="AWS region. [what the manifests' certificates or zones name, else AWS_REGION]",
            show_default=False,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over stack files that are there.")] = False,
    json: Json = False,
) -> None:
    """Make stack files of a Copilot application, a compose.yaml or a score.yaml, and preview them.

    One way, once. Each key that is not carried is listed, with why and what to write instead. Nothing is written unless
    all of it can be used.
    """
    from berth.importing import view
    from berth.importing.sources import find

    stacks = _carried(find(source), root, stack, environment or [], backend, region)
    taken = [file.name for one in stacks if (file := _file(root, one)).exists()]
    if taken and not force:
        raise ConfigError(
            f"{', '.join(taken)} {'is' if len(taken) == 1 else 'are'} there already, and nothing was written.\n"
            "Add --force to write over it, or choose others: --environment NAME or --stack NAME."
        )
    unusable = _problems(stacks, root)
    if not json:
        from berth.render.terminal import show

        show(view.sections(stacks))
    if unusable:
        raise ConfigError(f"{unusable}\n\nNothing was written. Change what the keys are made of, and import again.")
    previews: dict[str, Any] = {}
    stops = False
    for one in stacks:
        from berth.importing.stack_file import text

        _file(root, one).write_text(text(one))
        plan, judgement = planned(one.name, root, None)
        stops |= judgement.stops
        if json:
            from berth.views.plan_json import document

            previews[one.name] = {"violations": document(plan, judgement.violations)["violations"]}
        else:
            from berth.views.common import MANDATORY
            from berth.views.plan_view import findings, notices, policies

            stopping = [violation for violation in judgement.violations if violation.level == MANDATORY]
            found = policies(plan, judgement.violations, judgement.rules, judgement.resources)
            found = replace(found, blocks=[findings(stopping, plan.resources)] if stopping else [])
            typer.echo(f"\n{_file(root, one).name} is written. `berth preview {one.name}` shows all of it.")
            show([found, *notices(plan)])
    if json:
        write(view.as_json(stacks, previews))
    else:
        typer.echo(f"\nNext: berth rehearse {stacks[0].name}")
    if stops:
        raise typer.Exit(VIOLATED)


def _file(root: Path, stack: Stack) -> Path:
    return root / f"Pulumi.{stack.name}.yaml"


def _carried(
    source: Source, root: Path, name: str | None, environments: Sequence[str], backend: str, region: str | None
) -> list[Stack]:
    """Return the stacks that a source becomes: of Copilot's one an environment, else one."""
    known = region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if source.format == "copilot":
        from berth.importing.copilot import application, carry

        if name:
            raise ConfigError("A stack of Copilot's has the name of its environment.\nExample: --environment test")
        return carry.stacks(application.load(source.path), root, environments, backend, region, known)
    if environments:
        raise ConfigError("Only Copilot has environments.\nExample: --stack test")
    if known is None:
        raise ConfigError("Nothing says in which region it is.\nExample: --region eu-central-1")
    stack = name or f"{source.path.resolve().parent.name}-dev"
    if source.format == "compose":
        from berth.importing.compose import carry as compose
        from berth.importing.compose.file import load

        return [compose.carried(load(source.path), root, stack, backend, known)]
    from berth.importing.score import carry as score

    return [score.carried(source.path, root, stack, backend, known)]


def _problems(stacks: Sequence[Stack], root: Path) -> str:
    """Return what the program's own settings say against the stack files; empty if nothing."""
    from berth.importing.check import problems
    from berth.yaml_file import read

    project = str(read(root / PROJECT_FILE).value["name"])
    return "\n\n".join(text for one in stacks if (text := problems(one, root, project)))
