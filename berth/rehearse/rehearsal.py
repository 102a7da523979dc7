"""One rehearsal from beginning to end: image, database, workload, health, record, checks, removal."""

from __future__ import annotations

import os
import platform
import secrets
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from berth.plan import Plan
from berth.rehearse import health, postgres, record, summary
from berth.rehearse.checks import Check, judge
from berth.rehearse.claims import choose_runners, left_out
from berth.rehearse.errors import RehearsalError, RehearsalFailed
from berth.rehearse.images import ARCHITECTURES, Images, find_dockerfile
from berth.rehearse.local import HOST, LocalDatabase, database_for, local_value
from berth.rehearse.observe import observe, require_local
from berth.rehearse.podman import Podman
from berth.rehearse.runner import Fill, Runner
from berth.rehearse.session import Session, one_at_a_time, shield, signals_end_it
from berth.rehearse.summary import Progress, Rehearsal
from berth.rehearse.workload import Container, ImageBuild, Probe, find_build, find_load_balancer, show
from components.service import ContainerSecurity

SAMPLE = Path("sample/record.json")
DEFAULT_CONTEXT = "services/biometric"
KILLED = 137
"""Exit status of a process that SIGKILL ended."""


@dataclass(frozen=True)
class Options:
    """What a user may set."""

    record: Path | None = None
    """The sample record; by default the one in the image's build context."""
    timeout: float = 180.0
    """Seconds that the workload may take to be well."""
    security: ContainerSecurity = field(default_factory=ContainerSecurity)
    """What is promised of every container."""


def run(plan: Plan, *, keep: bool, console: Console, project_root: Path, options: Options | None = None) -> Rehearsal:
    """Rehearse a stack: run the workload that its Plan declares, on this machine, and judge it.

    Args:
        plan: The stack's Plan.
        keep: Leave everything up.
        console: Where progress and the summary are written.
        project_root: The project's folder, which paths in the Plan start from.
        options: What a user may set.

    Returns:
        What came of it; everything is as promised.

    Raises:
        RehearsalFailed: Something is not as promised; the summary has been printed.
        RehearsalError: It could not be carried through; everything it had made is removed.
    """
    podman = Podman()
    try:
        require_local(podman)
        session = Session(podman, plan.stack)
        with session.locked(), signals_end_it():
            rehearsal = _Stage(podman, session, plan, console, project_root, options or Options()).perform(keep)
    except OSError as error:
        raise RehearsalError(f"the rehearsal of {plan.stack!r} could not go on: {error}") from error
    finally:
        podman.close()
    summary.show(rehearsal, console)
    if not rehearsal.ok:
        raise RehearsalFailed(rehearsal.stack, rehearsal.broken)
    return rehearsal


def clean(stack: str, *, console: Console) -> None:
    """Remove what a rehearsal with ``keep`` left up, or one that was killed.

    Args:
        stack: The stack's name.
        console: Where it is said what was removed.

    Raises:
        RehearsalError: Something could not be removed, or a rehearsal is under way.
    """
    podman = Podman()
    try:
        session = Session(podman, stack)
        with session.locked():
            found = [f"{kind} {name}" for kind, names in session.leftovers().items() for name in names]
            _remove(session)
    finally:
        podman.close()
    console.print(f"removed: {', '.join(found)}" if found else "there was nothing to remove", highlight=False)


def _remove(session: Session) -> None:
    """Remove everything, or say what would not go."""
    if left := session.remove():
        raise RehearsalError(f"these could not be removed: {', '.join(left)}\n  see: podman ps --all --pod")


class _Stage:
    """The steps of one rehearsal, in order."""

    def __init__(
        self, podman: Podman, session: Session, plan: Plan, console: Console, root: Path, options: Options
    ) -> None:
        self._podman = podman
        self._session = session
        self._plan = plan
        self._root = root
        self._options = options
        self._security = options.security
        self._progress = Progress(console)
        self._images = Images(podman, self._progress.say)
        self._problems: list[str] = []

    def perform(self, keep: bool) -> Rehearsal:
        """Carry it through, and remove everything whatever happens."""
        runners = choose_runners(self._podman, self._session, self._plan, self._security)
        if keep and len(runners) > 1:
            backends = " and ".join(runner.backend for runner in runners)
            raise RehearsalError(f"only one workload can be left running, and {self._plan.stack!r} has {backends}")
        build = find_build(self._plan, {container.image for runner in runners for container in runner.containers})
        if self._session.leftovers():
            self._progress.say("removing what an earlier rehearsal left up")
            _remove(self._session)
        done = False
        try:
            with self._prepared(runners, build) as postgres_image:
                checks = self._image_checks(runners, build)
                differences: tuple[str, ...] | None = None
                for runner in runners:
                    if runner is not runners[0]:
                        _remove(self._session)
                    with TemporaryDirectory() as folder:
                        found, differs, url = self._play(runner, build, postgres_image, Path(folder), keep)
                    name = f"{runner.backend}: " if len(runners) > 1 else ""
                    checks += [replace(check, container=name + check.container) for check in found]
                    if differs is not None:
                        differences = (*(differences or ()), *(name + line for line in differs))
                done = True
        finally:
            if not (done and keep):
                shield()
                with self._progress.step("remove"):
                    self._podman.resume()
                    _remove(self._session)
        return Rehearsal(
            stack=self._plan.stack,
            checks=tuple(checks),
            record=differences,
            timings=tuple(self._progress.timings),
            not_rehearsed=self._not_rehearsed(runners, build, differences),
            left_out=tuple(left_out(self._plan)),
            notes=tuple(dict.fromkeys(self._images.notes)),
            url=url if keep else None,
            problems=tuple(self._problems),
        )

    @contextmanager
    def _prepared(self, runners: Sequence[Runner], build: ImageBuild | None) -> Iterator[str]:
        """Provide all images, PostgreSQL's beside the workload's own; end what runs if the block fails."""
        with ThreadPoolExecutor(1) as pool:
            try:
                with self._progress.step("image") as timing, one_at_a_time("images"):
                    database = Images(self._podman, self._progress.say)
                    future = pool.submit(postgres.image, database, postgres.planned_version(self._plan))
                    references = [container.image for runner in runners for container in runner.containers]
                    timing.note = self._images.provide(references, build, self._root)
                    image = future.result()
                    self._images.notes += database.notes
                yield image
            except BaseException:
                self._podman.interrupt()
                raise

    def _image_checks(self, runners: Sequence[Runner], build: ImageBuild | None) -> list[Check]:
        """Judge the images themselves, and refuse what a backend would refuse."""
        images = {container.image for runner in runners for container in runner.containers}
        configs = {image: self._images.config(image) for image in images}
        users = {image: str(config.get("User") or "") for image, config in configs.items()}
        if refused := [line for runner in runners for line in runner.refusals(users)]:
            raise RehearsalError("\n".join(refused))
        checks = []
        if build is not None:
            dockerfile = find_dockerfile(build, self._root).relative_to(self._root)
            user = users[build.name]
            kept = user.partition(":")[0] == str(self._security.uid)
            promised = str(self._security.uid)
            checks.append(
                Check("image", "user", promised, user or "root", kept, f"{dockerfile}: USER is {show(user or None)}")
            )
            if any(runner.needs_volumes for runner in runners):
                volumes = sorted(configs[build.name].get("Volumes") or {})
                lost = [path for path in self._security.writable_paths if path not in volumes]
                place = f"{dockerfile}: no VOLUME {' '.join(lost)}; on Fargate root owns a volume mounted there"
                promised = ", ".join(self._security.writable_paths)
                checks.append(Check("image", "volumes", promised, ", ".join(volumes) or "none", not lost, place))
        return checks

    def _play(
        self, runner: Runner, build: ImageBuild | None, postgres_image: str, folder: Path, keep: bool
    ) -> tuple[list[Check], tuple[str, ...] | None, str]:
        """Run the workload beside its database, and look at it."""
        publish = (runner.service.ports[0], free_port())
        url = f"http://{HOST}:{publish[1]}"
        # Letters and digits only: it must survive every way a service may build its connection from it.
        database = database_for(
            runner.known_environment(), runner.asked_environment(), secrets.token_hex(16), secrets.token_hex(16)
        )
        server = postgres.Postgres(self._podman, self._session.name("postgres"))
        with self._progress.step("database") as timing:
            # Mounted when the pod is made, filled when the server has its certificate; containers that are left up keep
            # it when it is gone from here.
            authorities = folder / "authorities.pem"
            authorities.touch()
            authorities.chmod(0o644)
            pod = runner.create(publish, self._filler(database), authorities)
            server.start(postgres_image, pod, database, self._session.label_options, self._session.name("secret-"))
            timing.note = f"PostgreSQL {server.wait(database)}, TLS only"
            authorities.write_text(server.certificate())
        deadline = time.monotonic() + self._options.timeout
        try:
            with self._progress.step("start"):
                runner.start(deadline)
            with self._progress.step("health") as timing:
                timing.note = self._health(runner, publish, deadline)
            differences = None
            if path := self._sample(build):
                with self._progress.step("record"):
                    differences = tuple(record.rehearse(url, path))
        except RehearsalError as error:
            # What is declared wrongly is the likeliest reason, and nobody would see it otherwise.
            broken = [check for check in self._checks(runner, look=False) if not check.kept]
            lines = "".join(f"\n  {check.container}: {check.promise}: {check.place}" for check in broken)
            raise RehearsalError(
                f"{error}" + (f"\nmoreover these promises are broken:{lines}" if lines else "")
            ) from None
        with self._progress.step("checks"):
            checks = self._checks(runner)
        if not keep:
            self._stop(runner)
        return checks, differences, url

    def _filler(self, database: LocalDatabase) -> Fill:
        environ: Mapping[str, str] = os.environ
        return lambda variable, place: local_value(variable, place, database, environ)

    def _health(self, runner: Runner, publish: tuple[int, int], deadline: float) -> str:
        """Wait until every container and the load balancer say that all is well; return who was asked."""
        asked = []

        def wait(container: Container, probe: Probe) -> None:
            name = runner.podman_name(container)
            health.wait(self._podman, name, probe, publish, deadline, self._progress.say)

        for container in runner.containers:
            if container.init:
                continue
            for probe in container.probes:
                if probe.kind != "exec" and probe.port != publish[0]:
                    self._images.notes.append(f"{container.place}.{probe.name} was not asked: port {probe.port}")
                    continue
                wait(container, probe)
                asked.append(probe.name)
        if balancer := find_load_balancer(self._plan):
            statuses = balancer.statuses
            wait(runner.service, Probe("target group", "http", balancer.path, publish[0], (), 5.0, 300.0, statuses))
            asked.append(f"target group {balancer.path}")
        if not asked:
            wait(runner.service, Probe("port", "tcp", port=publish[0], patience=300.0))
            asked.append("port")
        return ", ".join(asked)

    def _checks(self, runner: Runner, look: bool = True) -> list[Check]:
        """Judge every container by what is declared and what is seen."""
        checks = []
        for container in runner.containers:
            seen = runner.observations.get(container.name)
            if look and not container.init:
                seen = observe(self._podman, runner.podman_name(container), self._security.writable_paths)
            checks += judge(container, seen, self._security, runner.backend_note)
        return checks

    def _stop(self, runner: Runner) -> None:
        """Stop the service as its backend would, and see whether it obeys."""
        service = runner.service
        name = runner.podman_name(service)
        with self._progress.step("stop"):
            self._podman.run("stop", f"--time={service.stop_seconds}", name, timeout=service.stop_seconds + 30)
        if health.state(self._podman, name)[1] == KILLED:
            self._problems.append(
                f"{service.place} did not end within {service.stop_seconds} s of SIGTERM and was killed: requests"
                " under way would be lost"
            )

    def _sample(self, build: ImageBuild | None) -> Path | None:
        """Return the sample record, None if there is none and none was asked for."""
        if self._options.record is not None:
            return self._options.record
        path = self._root / (build.context if build else DEFAULT_CONTEXT) / SAMPLE
        return path if path.is_file() else None

    def _not_rehearsed(
        self, runners: Sequence[Runner], build: ImageBuild | None, differences: tuple[str, ...] | None
    ) -> tuple[str, ...]:
        """Name everything that was left out of what was run."""
        lines = [line for runner in runners for line in runner.not_rehearsed]
        if differences is None:
            lines.append(f"no record was posted: there is no {SAMPLE} in the build context")
        here = f"linux/{ARCHITECTURES.get(platform.machine(), platform.machine())}"
        if build is not None and build.platform not in (None, here):
            lines.append(f"{build.platform}: the image is built for this machine's own processor, {here}")
        return tuple(lines)


def free_port() -> int:
    """Return a port of the loopback that nothing listens on."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])
