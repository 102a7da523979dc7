"""One rehearsal from beginning to end: images, database, workloads, health, records, checks, removal."""

from __future__ import annotations

import os
import platform
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from rich.console import Console

from berth.plan import Mooring, Plan
from berth.rehearse import health, postgres, roundtrip, summary
from berth.rehearse.checks import Check, judge
from berth.rehearse.drivers.claims import choose_drivers, left_out
from berth.rehearse.drivers.driver import Driver, free_port
from berth.rehearse.errors import RehearsalError, RehearsalFailed
from berth.rehearse.images import ARCHITECTURES, Images, find_dockerfile
from berth.rehearse.local import Local, LocalDatabase, database_for, uses_database
from berth.rehearse.observe import observe, require_local
from berth.rehearse.podman import Podman
from berth.rehearse.proxy import Proxy, Target, is_needed
from berth.rehearse.session import Session, one_at_a_time, shield, signals_end_it
from berth.rehearse.summary import Progress, Rehearsal
from berth.rehearse.workload import Container, Probe, find_builds, find_load_balancer, show
from components.service.spec import ContainerSecurity

T = TypeVar("T")

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
        self._drivers = choose_drivers(podman, session, plan, options.security)
        self._builds = find_builds(plan, {one.image for driver in self._drivers for one in driver.containers})
        self._proxy: Proxy | None = None
        self._aside: list[str] = []

    def perform(self, keep: bool) -> Rehearsal:
        """Carry it through, and remove everything whatever happens."""
        if self._session.leftovers():
            self._progress.say("removing what an earlier rehearsal left up")
            _remove(self._session)
        done = False
        try:
            with self._prepared() as postgres_image:
                checks = self._image_checks()
                with TemporaryDirectory() as folder:
                    found, differences = self._play(postgres_image, Path(folder), keep)
                done = True
        finally:
            if not (done and keep):
                shield()
                with self._progress.step("remove"):
                    self._podman.resume()
                    _remove(self._session)
        own = ", ".join(driver.url for driver in self._drivers)
        return Rehearsal(
            stack=self._plan.stack,
            checks=(*checks, *found),
            record=differences,
            timings=tuple(self._progress.timings),
            not_rehearsed=self._not_rehearsed(),
            left_out=tuple(left_out(self._plan)),
            notes=tuple(dict.fromkeys(self._images.notes)),
            url=(self._proxy.url if self._proxy else own) if keep else None,
            problems=tuple(self._problems),
        )

    def _make_proxy(self) -> Proxy:
        """Return what leads to each mooring, by its first workload."""
        targets: dict[Mooring, Target] = {}
        for driver in self._drivers:
            if (mooring := driver.unit.mooring) in targets:
                self._aside.append(f"{driver.unit.name}: the proxy leads to a mooring's first workload")
            elif mooring:
                balancer = find_load_balancer(driver.unit.surroundings)
                targets[mooring] = Target(mooring, driver.published[1], balancer.path if balancer else "/")
        return Proxy(self._podman, self._session.name("proxy"), list(targets.values()))

    def _label(self, driver: Driver) -> str:
        """Return what tells a workload from the others in a message; nothing where there is one only."""
        return f"{driver.unit.name}: " if len(self._drivers) > 1 else ""

    @contextmanager
    def _prepared(self) -> Iterator[str]:
        """Provide all images, PostgreSQL's beside the workloads' own; end what runs if the block fails."""
        with ThreadPoolExecutor(1) as pool:
            try:
                with self._progress.step("image") as timing, one_at_a_time("images"):
                    database = Images(self._podman, self._progress.say)
                    wanted = any(uses_database(driver.asked) for driver in self._drivers)
                    version = postgres.planned_version(self._plan)
                    future = pool.submit(postgres.image, database, version) if wanted else None
                    references = [container.image for driver in self._drivers for container in driver.containers]
                    timing.note = self._images.provide(references, self._builds, self._root)
                    image = future.result() if future else ""
                    self._images.notes += database.notes
                yield image
            except BaseException:
                self._podman.interrupt()
                raise

    def _at_once(self, work: Callable[[Driver], T]) -> list[T]:
        """Do the same for every workload at the same time; the first that fails ends it for all."""

        def named(driver: Driver) -> T:
            try:
                return work(driver)
            except RehearsalError as error:
                raise RehearsalError(f"{self._label(driver)}{error}") from None

        with ThreadPoolExecutor(len(self._drivers)) as pool:
            futures = [pool.submit(named, driver) for driver in self._drivers]
            try:
                for future in as_completed(futures):
                    future.result()
            except BaseException:
                self._podman.interrupt()
                raise
        return [future.result() for future in futures]

    def _image_checks(self) -> list[Check]:
        """Judge the images themselves, and refuse what a backend would refuse."""
        images = {container.image for driver in self._drivers for container in driver.containers}
        configs = {image: self._images.config(image) for image in images}
        users = {image: str(config.get("User") or "") for image, config in configs.items()}
        if refused := [line for driver in self._drivers for line in driver.refusals(users)]:
            raise RehearsalError("\n".join(refused))
        checks = []
        for build in self._builds.values():
            name = "image" if len(self._builds) == 1 else f"image of {build.context}"
            dockerfile = find_dockerfile(build, self._root).relative_to(self._root)
            user = users[build.name]
            kept = user.partition(":")[0] == str(self._security.uid)
            promised = str(self._security.uid)
            checks.append(
                Check(name, "user", promised, user or "root", kept, f"{dockerfile}: USER is {show(user or None)}")
            )
            on_fargate = [driver for driver in self._drivers if driver.needs_volumes]
            if any(container.image == build.name for driver in on_fargate for container in driver.containers):
                volumes = sorted(configs[build.name].get("Volumes") or {})
                lost = [path for path in self._security.writable_paths if path not in volumes]
                place = f"{dockerfile}: no VOLUME {' '.join(lost)}; on Fargate root owns a volume mounted there"
                promised = ", ".join(self._security.writable_paths)
                checks.append(Check(name, "volumes", promised, ", ".join(volumes) or "none", not lost, place))
        return checks

    def _play(self, postgres_image: str, folder: Path, keep: bool) -> tuple[list[Check], tuple[str, ...] | None]:
        """Run the workloads beside their database, and look at them."""
        # Containers that are left up keep it when it is gone from here.
        authorities = folder / "authorities.pem"
        authorities.touch()
        authorities.chmod(0o644)
        databases = self._database(postgres_image, authorities)
        self._proxy = self._make_proxy() if is_needed(self._plan.moorings) else None
        urls = self._proxy.urls_inside() if self._proxy else {}
        deadline = time.monotonic() + self._options.timeout

        def start(driver: Driver) -> None:
            driver.create(Local(databases.get(driver), urls, os.environ).fill, authorities)
            driver.start(deadline)

        try:
            with self._progress.step("start"):
                if self._proxy:
                    self._proxy.start()
                self._at_once(start)
            with self._progress.step("health") as timing:
                asked = self._at_once(lambda driver: self._label(driver) + self._health(driver, deadline))
                timing.note = "; ".join(asked)
            shares = self._proxy.judge() if self._proxy else []
            differences = self._records()
        except RehearsalError as error:
            # What is declared wrongly is the likeliest reason, and nobody would see it otherwise.
            broken = [check for check in self._checks(look=False) if not check.kept]
            lines = "".join(f"\n  {check.container}: {check.promise}: {check.place}" for check in broken)
            raise RehearsalError(
                f"{error}" + (f"\nmoreover these promises are broken:{lines}" if lines else "")
            ) from None
        with self._progress.step("checks"):
            checks = [*self._checks(), *shares]
        if not keep:
            with self._progress.step("stop"):
                self._at_once(self._stop)
        return checks, differences

    def _database(self, image: str, authorities: Path) -> Mapping[Driver, LocalDatabase]:
        """Start the one PostgreSQL; return what each workload that has a database finds there."""
        # Letters and digits only: they must survive every way a service may build its connection from them.
        passwords = secrets.token_hex(16), secrets.token_hex(16)
        users = [driver for driver in self._drivers if uses_database(driver.asked)]
        if not users:
            return {}
        # What one of them is told after creation only, such as the user, the Plan may tell another one.
        told = {key: text for driver in users for key, text in driver.known.items() if key.startswith("DATABASE_")}
        found = {driver: database_for({**told, **driver.known}, driver.asked, *passwords) for driver in users}
        # Whoever is not told the port expects it where the definition says.
        fixed = {one.port for driver, one in found.items() if "DATABASE_PORT" in set(driver.known) - set(driver.asked)}
        if len(fixed) > 1:
            raise RehearsalError(f"one PostgreSQL cannot have the ports {', '.join(map(str, sorted(fixed)))} at once")
        port = fixed.pop() if fixed else free_port()
        found = {driver: replace(one, port=port) for driver, one in found.items()}
        server = postgres.Postgres(self._podman, self._session.name("postgres"))
        with self._progress.step("database") as timing:
            secret_prefix = self._session.name("secret-")
            server.start(image, port, list(found.values()), self._session.label_options, secret_prefix)
            timing.note = f"PostgreSQL {server.wait(port)}, TLS only"
            authorities.write_text(server.certificate())
        return found

    def _health(self, driver: Driver, deadline: float) -> str:
        """Wait until every container and the load balancer say that all is well; return who was asked."""
        asked = []
        publish = driver.published

        def wait(container: Container, probe: Probe) -> None:
            health.wait(self._podman, driver.podman_name(container), probe, publish, deadline, self._progress.say)

        for container in driver.containers:
            if container.init:
                continue
            for probe in container.probes:
                if probe.kind != "exec" and probe.port != publish[0]:
                    self._images.notes.append(f"{container.place}.{probe.name} was not asked: port {probe.port}")
                    continue
                wait(container, probe)
                asked.append(probe.name)
        if balancer := find_load_balancer(driver.unit.surroundings):
            statuses = balancer.statuses
            wait(driver.service, Probe("target group", "http", balancer.path, publish[0], (), 5.0, 300.0, statuses))
            asked.append(f"target group {balancer.path}")
        if not asked:
            wait(driver.service, Probe("port", "tcp", port=publish[0], patience=300.0))
            asked.append("port")
        return ", ".join(asked)

    def _records(self) -> tuple[str, ...] | None:
        """Post the sample record to each workload that has one, and read it back; return what differs.

        Then once more to each service through the proxy, where the two requests may have two moorings answer.
        """
        samples = {driver: path for driver in self._drivers if (path := self._sample(driver))}
        if not samples:
            return None
        found: dict[tuple[str, str | None], tuple[str, Path]] = {}
        for driver, path in samples.items():
            mooring = driver.unit.mooring
            below, host = (mooring.path or "", mooring.host) if mooring else ("", None)
            found[driver.url + below, host] = self._label(driver), path
            if self._proxy and mooring:
                found[self._proxy.url_of(mooring), host] = f"{mooring.service} through the proxy: ", path
        with self._progress.step("record"):
            return tuple(
                label + line
                for (url, host), (label, path) in found.items()
                for line in roundtrip.post_and_read(url, path, host)
            )

    def _checks(self, look: bool = True) -> list[Check]:
        """Judge every container by what is declared and what is seen."""
        checks = []
        for driver in self._drivers:
            for container in driver.containers:
                seen = driver.observations.get(container.name)
                if look and not container.init:
                    seen = observe(self._podman, driver.podman_name(container), self._security.writable_paths)
                found = judge(container, seen, self._security, driver.backend_note)
                checks += [replace(check, container=self._label(driver) + check.container) for check in found]
        return checks

    def _stop(self, driver: Driver) -> None:
        """Stop the service as its backend would, and see whether it obeys."""
        service = driver.service
        name = driver.podman_name(service)
        self._podman.run("stop", f"--time={service.stop_seconds}", name, timeout=service.stop_seconds + 30)
        if health.state(self._podman, name)[1] == KILLED:
            self._problems.append(
                f"{self._label(driver)}{service.place} did not end within {service.stop_seconds} s of SIGTERM and was"
                " killed: requests under way would be lost"
            )

    def _sample(self, driver: Driver) -> Path | None:
        """Return the sample record of a workload, None if there is none and none was asked for."""
        if self._options.record is not None:
            return self._options.record
        build = self._builds.get(driver.service.image)
        if build is None and len({one.service for one in self._plan.moorings}) > 1:
            return None  # whose record the project's own is, nobody says
        path = self._root / (build.context if build else DEFAULT_CONTEXT) / SAMPLE
        return path if path.is_file() else None

    def _not_rehearsed(self) -> tuple[str, ...]:
        """Name everything that was left out of what was run, each once."""
        lines = [line for driver in self._drivers for line in driver.not_rehearsed]
        lines += [*self._proxy.not_rehearsed, *self._aside] if self._proxy else []
        lines += [
            f"{self._label(driver)}no record was posted: there is no {SAMPLE} in the build context"
            for driver in self._drivers
            if self._sample(driver) is None
        ]
        here = f"linux/{ARCHITECTURES.get(platform.machine(), platform.machine())}"
        lines += [
            f"{build.platform}: the image is built for this machine's own processor, {here}"
            for build in self._builds.values()
            if build.platform not in (None, here)
        ]
        return tuple(dict.fromkeys(lines))
