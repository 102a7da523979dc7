"""Runs a Pulumi program without the engine and returns its Plan.

The SDK runs the same ``__main__.py`` that ``pulumi up`` runs, as the CLI's language host does: configure, then
``run_in_stack``. Monitor and engine are local objects instead of gRPC connections, so it needs no CLI, plugin or
credential, and nothing leaves the machine.

One process may record several stacks of one project, one after the other. Modules stay imported between them, so the
project's modules (except ``__main__``) must not keep a stack's values.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import runpy
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.settings import Settings

from berth.config import StackConfig, as_text, load
from berth.errors import BerthError, ConfigError, ProgramError, UnsupportedError
from berth.monitor import Listener, Recorder
from berth.plan import Notice, Plan

ORGANIZATION = "organization"
"""The engine's name for the organisation where there is none."""


def record_plan(stack: str, root: Path, instead: Mapping[str, Any] | None = None) -> Plan:
    """Run the program in ``root`` for ``stack`` and return what it declares.

    Args:
        stack: the stack's name.
        root: the project's folder.
        instead: values that stand for those of the stack's config, by full key; None takes a key out. The stack file
            stays as it is.

    Raises:
        ConfigError: If the stack or its config cannot be used; the text lists what is wrong.
        ProgramError: If the program fails; the program's own exception is its cause.
        UnsupportedError: If the program needs the engine or a cloud.
    """
    root = root.resolve()
    config = load(root, stack)
    if instead:
        given = {key: as_text(value) for key, value in instead.items() if value is not None}
        kept = {key: value for key, value in config.values.items() if key not in instead}
        config = replace(config, values=dict(sorted((kept | given).items())))
    return contextvars.copy_context().run(_record, config, root)


def _record(config: StackConfig, root: Path) -> Plan:
    notices = [Notice("warning", text) for text in config.notices]
    recorder = Recorder(config, root)
    pulumi.runtime.reset_options(project=config.project, stack=config.stack, preview=True)
    pulumi.runtime.configure(
        Settings(
            project=config.project,
            stack=config.stack,
            monitor=recorder,
            engine=Listener(notices.append),
            dry_run=True,
            organization=ORGANIZATION,
            root_directory=str(root),
        )
    )
    pulumi.runtime.set_all_config(dict(config.values), sorted(config.secret_keys))
    program = _program(config, root)

    def run() -> None:
        runpy.run_path(str(program), run_name="__main__")

    try:
        # A program's print must not end up in the output of --json.
        with _at_home(program.parent), contextlib.redirect_stdout(sys.stderr):
            _run_in_loop(run)
    except BerthError:
        raise
    except (Exception, SystemExit) as error:
        if recorder.not_known and isinstance(error, AssertionError):
            # The SDK's own, where a lookup that cannot wait for its answer gets none.
            raise UnsupportedError(
                f"The program looks up {', '.join(sorted(recorder.not_known))}, which only a cloud can answer.\n"
                "The function of that name that ends with _output returns an output, which is known after up."
            ) from error
        raise _explain(error, root) from error
    return Plan(
        stack=config.stack,
        resources=tuple(recorder.recorded),
        outputs=recorder.outputs,
        config={key: "***" if key in config.secret_keys else value for key, value in config.values.items()},
        notices=tuple(sorted(set(notices), key=lambda notice: (notice.level, notice.resource or "", notice.message))),
    )


def _program(config: StackConfig, root: Path) -> Path:
    """Return the file that the CLI's language host would run: ``main`` of Pulumi.yaml names it, or its directory."""
    program = (root / config.main).resolve()
    if program.is_dir():
        program /= "__main__.py"
    # The engine as well takes no program from outside of the project.
    if not program.is_file() or not program.is_relative_to(root):
        where = f"in {config.main}, which is `main` in Pulumi.yaml" if config.main else "beside Pulumi.yaml"
        raise ConfigError(f"There is no program: {program.name} does not exist {where}.")
    return program


def _run_in_loop(run: Callable[[], None]) -> None:
    """Run the program as the root stack; ``asyncio.run`` would make Ctrl-C wait for an await that no program has."""
    loop = asyncio.new_event_loop()
    # The first error is raised; the tasks that fail after it only repeat it.
    loop.set_exception_handler(lambda _loop, _context: None)
    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(run))
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()


@contextlib.contextmanager
def _at_home(root: Path) -> Iterator[None]:
    """Give the program the directory and the module path it has under the CLI."""
    path = list(sys.path)
    sys.path.insert(0, str(root))
    try:
        with contextlib.chdir(root):
            yield
    finally:
        sys.path[:] = path


def _explain(error: BaseException, root: Path) -> BerthError:
    """Say what went wrong in the terms of the program's author."""
    # By its name: berth depends on no project's settings, and a project's error is a class of its own.
    is_settings = any(kind.__name__ == "SettingsError" for kind in type(error).__mro__)
    if is_settings or isinstance(error, pulumi.ConfigMissingError | pulumi.ConfigTypeError):
        return ConfigError(str(error))
    where = _place(error, root)
    what = str(error) if isinstance(error, pulumi.RunError) else f"{type(error).__name__}: {error}"
    return ProgramError(f"The program failed{f' at {where}' if where else ''}\n{what}")


def _place(error: BaseException, root: Path) -> str | None:
    """Return the innermost line of the project's own code that the error passed."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if file.is_relative_to(root) and "site-packages" not in file.parts:
            return f"{file.relative_to(root).as_posix()}:{frame.lineno}"
    return None
