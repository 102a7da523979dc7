"""``berth init``."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from berth.cli.options import VIOLATED, Directory, planned
from berth.config import check_name, find_root, read_stack_file, stacks
from berth.errors import ConfigError

if TYPE_CHECKING:
    from berth.moving_in.answers import Answers
    from berth.moving_in.lacks import Lack
    from berth.moving_in.survey import Survey

Option = typer.Option
REGION = "us-east-1"
BACKEND = "ecs-fargate"


def init(
    folder: Annotated[Path, typer.Argument(help="The service's folder, inside the project.")] = Path(),
    stack: Annotated[str | None, Option(help="The stack that it goes into. [<name>-dev]")] = None,
    name: Annotated[str | None, Option(help="The service's name. [the folder's]")] = None,
    backend: Annotated[str | None, Option(help="Where it runs: eks, ecs-fargate or ecs-ec2. [ecs-fargate]")] = None,
    region: Annotated[str | None, Option(help="AWS region. [AWS_REGION, or what other stacks have]")] = None,
    kind: Annotated[str | None, Option(help="web, worker or job. [found out]")] = None,
    port: Annotated[int | None, Option(help="Where it listens, 1024 or more. [found out]")] = None,
    health_path: Annotated[str | None, Option(help="Path that answers 200 while it is alive. [found out]")] = None,
    ready_path: Annotated[
        str | None, Option(help="Path that answers 200 while it can serve. [found out, or --health-path]")
    ] = None,
    database: Annotated[
        bool | None, Option("--database/--no-database", help="Whether it uses PostgreSQL. [found out]")
    ] = None,
    path: Annotated[
        str | None, Option(help="Beginning of its paths, beside other services. [/<name>, if one has all others]")
    ] = None,
    internal: Annotated[bool, Option("--internal", help="Only the stack's other services reach it.")] = False,
    dockerfile: Annotated[str | None, Option(help="Its Dockerfile, relative to FOLDER. [found]")] = None,
    yes: Annotated[bool, Option("--yes", "-y", help="Ask nothing: what is not found takes its default.")] = False,
    force: Annotated[bool, Option("--force", help="Write the stack file anew if it is there.")] = False,
    directory: Directory = Path(),
) -> None:
    """Move a service in: write a stack for the image or source in FOLDER, and preview it.

    Finds out what the Dockerfile and the source say, and asks the rest; each answer has an option.
    Writes Pulumi.STACK.yaml, or adds the service to it, and a Dockerfile where there is none. Says
    what the image lacks, with the lines to add.
    """
    from berth.moving_in import places, stack_file
    from berth.moving_in.answers import Given, answered, keys
    from berth.moving_in.lacks import lacks
    from berth.moving_in.survey import survey

    root = _root(folder, directory)
    project = places.project_name(root)
    inside = places.inside(folder, root)
    found = survey(root, inside, dockerfile)

    if not yes:
        typer.echo(f"{inside}: {found.about}")

    def ask(question: str, default: str) -> str:
        return default if yes else _asked(question, default)

    # What the names of AWS's load balancers leave for the service's.
    name = name or ask("Name of the service", places.service_name(inside.name, max(28 - len(f"{project}--dev"), 8)))
    stack = stack or ask("Stack", f"{name}-dev")
    check_name(root, stack)
    file = root / f"Pulumi.{stack}.yaml"
    adds = file.exists() and not force
    others: Mapping[str, Any] = stack_file.services_of(_config(file)) if adds else {}
    if name in others:
        raise ConfigError(_there_already(file.name, name, folder, len(others)))
    if not adds:
        backend = backend or ask("Where does it run: eks, ecs-fargate or ecs-ec2", BACKEND)
        region = region or ask("AWS region", _region(root))
    given = Given(kind, port, health_path, ready_path, database, path, internal)
    answers = answered(found, given, ask, others, name)
    service = keys(answers, found)
    _show_findings(name, found, answers)
    for new, text in found.new.items():
        (root / found.context / new).write_text(text)
        typer.echo(f"Wrote {found.context / new}.")
    text = _text(file, adds, name, service, region, backend)
    with _kept_if_good(file, text):
        plan, judgement = planned(stack, root, None)
    typer.echo(f"{'Added it to' if adds else 'Wrote'} {file.name}:\n")
    typer.echo(
        "".join(f"    {line}\n" for line in (stack_file.entry(name, service, "") if adds else text.splitlines()))
    )
    from berth.render.terminal import show
    from berth.views.plan_view import sections

    show(sections(plan, judgement.violations, judgement.rules, judgement.resources))
    _show_lacks(lacks(found, answers.listens_on, answers.is_web), found)
    typer.echo(f"\nNext, run it here, as it is planned: berth rehearse {stack}")
    if judgement.stops:
        raise typer.Exit(VIOLATED)


def _asked(question: str, default: str) -> str:
    try:
        return str(typer.prompt(question, default=default))
    except typer.Abort:
        raise ConfigError(
            f"\nThere was no answer to: {question}."
            "\n--yes takes the defaults; each answer has an option, too: berth init -h"
        ) from None


def _root(folder: Path, directory: Path) -> Path:
    """Return the project that the folder lies in, else the one that the command is run in."""
    try:
        return find_root(folder)
    except ConfigError:
        try:
            return find_root(directory)
        except ConfigError as error:
            raise ConfigError(
                f"{error}\nA service moves into a copy of Berth: go there, or give its folder with -C."
            ) from None


def _config(file: Path) -> Mapping[str, Any]:
    config = read_stack_file(file)[0].get("config")
    return config if isinstance(config, Mapping) else {}


def _region(root: Path) -> str:
    """Return the region that the environment names, or most stacks have."""
    if told := os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"):
        return told
    regions = Counter(str(_config(root / f"Pulumi.{one}.yaml").get("aws:region", REGION)) for one in stacks(root))
    return regions.most_common(1)[0][0] if regions else REGION


def _text(
    file: Path, adds: bool, name: str, service: Mapping[str, Any], region: str | None, backend: str | None
) -> str:
    """Return the stack file's new text."""
    from berth.moving_in import stack_file

    if not adds:
        return stack_file.written(str(region), str(backend), name, service)
    try:
        return stack_file.added(file.read_text(), name, service)
    except stack_file.CannotAddError as error:
        lines = "\n".join(stack_file.entry(name, service, "    "))
        raise ConfigError(
            f"{file.name} is left as it is: {error}.\nUnder config: these lines make the service, beside those that are"
            f" to stay:\n\n  {stack_file.SERVICES}:\n{lines}\n\n"
            f"Then: berth preview {file.name.split('.')[1]}. Or choose another stack: --stack {name}-dev"
        ) from None


def _there_already(file: str, name: str, folder: Path, services: int) -> str:
    stack = file.removeprefix("Pulumi.").removesuffix(".yaml")
    lost = f", without the other {services - 1}" if services > 1 else ""
    return (
        f"{file} has the service {name} already, and is left as it is.\n"
        f"  berth preview {stack}   shows what it would create\n"
        f"  berth init {folder} --stack {name}-test   makes another stack of it\n"
        f"  berth init {folder} --stack {stack} --force   writes the file anew{lost}"
    )


@contextlib.contextmanager
def _kept_if_good(file: Path, text: str) -> Iterator[None]:
    """Write a stack file, and take it back if the block finds that it cannot be used."""
    before = file.read_bytes() if file.exists() else None
    file.write_text(text)
    try:
        yield
    except BaseException:
        if before is None:
            file.unlink(missing_ok=True)
        else:
            file.write_bytes(before)
        raise


def _show_findings(name: str, found: Survey, answers: Answers) -> None:
    from berth.render.terminal import show
    from berth.views.section import Section, Table

    rows = [("image", found.file, "written now" if "Dockerfile" in found.new else f"FROM {found.image.base}")]
    if found.project:
        rows.append(("source", found.project.name, found.folder.as_posix()))
    told = {
        "kind": answers.kind,
        "port": answers.port,
        "health path": answers.health,
        "ready path": answers.ready,
        "database": answers.database,
    }
    rows += [(what, one.value, one.place) for what, one in told.items() if one]
    show([Section(name, [Table(("", "", "found in"), rows)])])


def _show_lacks(found: Sequence[Lack], survey: Survey) -> None:
    if not found:
        typer.echo("\nThe image has all that it needs.")
        return
    things = "1 thing" if len(found) == 1 else f"{len(found)} things"
    typer.echo(f"\n{survey.folder} lacks {things}:")
    for one in found:
        mark = typer.style("✗", fg="red") if one.needed else typer.style("!", fg="yellow")
        typer.echo(f"\n{mark} {typer.style(one.what, bold=True)}: {one.why}")
        typer.echo(typer.style(f"  {one.where}:", dim=True))
        for line in one.lines:
            typer.echo(f"      {line}")
