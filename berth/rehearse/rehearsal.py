"""One rehearsal from beginning to end: images, database, workloads, health, records, checks, removal."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from rich.console import Console

from berth.plan import Plan
from berth.rehearse import course, postgres, roundtrip, summary
from berth.rehearse.checks import Check
from berth.rehearse.databases import start_database
from berth.rehearse.drivers.claims import choose_drivers, left_out
from berth.rehearse.drivers.driver import Driver
from berth.rehearse.errors import RehearsalError, RehearsalFailed
from berth.rehearse.given import MadeUp, check_services, for_service, split
from berth.rehearse.image_checks import judge_images
from berth.rehearse.images import ARCHITECTURES, Images
from berth.rehearse.local import Local, uses_database
from berth.rehearse.moving import move, story
from berth.rehearse.moving.figures import Moved
from berth.rehearse.observe import require_local
from berth.rehearse.options import Options
from berth.rehearse.podman import Podman
from berth.rehearse.proxy import Proxy, has_choice, is_needed
from berth.rehearse.records import SAMPLE, find_samples, where_to_post
from berth.rehearse.routes import ask_directly, find_targets
from berth.rehearse.session import Session, one_at_a_time, shield, signals_end_it
from berth.rehearse.summary import Progress, Rehearsal
from berth.rehearse.workload import find_builds

T = TypeVar("T")


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
        self._drivers = choose_drivers(podman, session, plan, options.security)
        self._builds = find_builds(plan, {one.image for driver in self._drivers for one in driver.containers})
        self._proxy: Proxy | None = None
        self._moves: list[Moved] = []
        self._made_up = MadeUp()
        services = {one.service for one in plan.moorings}
        check_services([*options.environment, *options.secrets], services)
        self._targets, self._aside = find_targets(self._drivers)
        for one in options.moves:
            move.check(one, plan.stack, self._targets)
        self._samples = find_samples(self._drivers, self._builds, services, root, options.record)

    def perform(self, keep: bool) -> Rehearsal:
        """Carry it through, and remove everything whatever happens."""
        if self._session.leftovers():
            self._progress.say("removing what an earlier rehearsal left up")
            _remove(self._session)
        done = False
        try:
            with self._prepared() as postgres_image:
                checks = judge_images(self._drivers, self._builds, self._images, self._root, self._security)
                with TemporaryDirectory() as folder:
                    found, differences = self._play(postgres_image, Path(folder), keep)
                done = True
        finally:
            if not (done and keep):
                shield()
                with self._progress.step("remove"):
                    self._podman.resume()
                    _remove(self._session)
        own = ", ".join(driver.url for driver in self._drivers if driver.url)
        return Rehearsal(
            stack=self._plan.stack,
            checks=(*checks, *found),
            record=differences,
            timings=tuple(self._progress.timings),
            not_rehearsed=self._not_rehearsed(),
            left_out=tuple(left_out(self._plan)),
            notes=tuple(dict.fromkeys(self._images.notes)),
            moves=tuple(self._moves),
            url=((self._proxy.url if self._proxy else own) or None) if keep else None,
        )

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

    def _at_once(self, work: Callable[[Driver], T], drivers: Sequence[Driver]) -> list[T]:
        """Do the same for these workloads at the same time; the first that fails ends it for all."""

        def named(driver: Driver) -> T:
            try:
                return work(driver)
            except RehearsalError as error:
                raise RehearsalError(f"{self._label(driver)}{error}") from None

        with ThreadPoolExecutor(max(1, len(drivers))) as pool:
            futures = [pool.submit(named, driver) for driver in drivers]
            try:
                for future in as_completed(futures):
                    future.result()
            except BaseException:
                self._podman.interrupt()
                raise
        return [future.result() for future in futures]

    def _play(self, postgres_image: str, folder: Path, keep: bool) -> tuple[list[Check], tuple[str, ...] | None]:
        """Run the workloads beside their database, and look at them."""
        # Containers that are left up keep it when it is gone from here.
        authorities = folder / "authorities.pem"
        authorities.touch()
        authorities.chmod(0o644)
        databases = start_database(
            self._podman, self._session, self._progress, self._drivers, postgres_image, authorities
        )
        if is_needed(self._plan.moorings):
            steered = bool(self._options.moves)
            name, choice = self._session.name("proxy"), has_choice(self._plan)
            self._proxy = Proxy(self._podman, name, self._targets, steered=steered, by_header=choice)
        urls = self._proxy.urls_inside() if self._proxy else {}
        webs, workers, jobs = (
            [driver for driver in self._drivers if driver.kind == kind] for kind in ("web", "worker", "job")
        )
        services = [*webs, *workers]

        def start(driver: Driver) -> None:
            service = driver.unit.mooring.service if driver.unit.mooring else None
            secrets = for_service(self._options.secrets, service)
            local = Local(databases.get(driver), urls, os.environ, secrets, self._made_up)
            driver.create(local.fill, authorities, for_service(self._options.environment, service))
            driver.start(time.monotonic() + self._options.timeout)

        def told(driver: Driver, asked: course.Asked) -> str:
            self._images.notes += asked.notes
            return self._label(driver) + ", ".join(asked.names)

        def wait(driver: Driver) -> str:
            deadline = time.monotonic() + self._options.timeout
            return told(driver, course.until_well(self._podman, driver, deadline, self._progress.say))

        def work(driver: Driver) -> str:
            start(driver)
            return wait(driver)

        def finish(driver: Driver) -> str:
            start(driver)
            return told(driver, course.run_to_end(self._podman, driver, self._options.timeout))

        try:
            if webs:
                with self._progress.step("start"):
                    if self._proxy:
                        self._proxy.start()
                    self._at_once(start, webs)
                with self._progress.step("health") as timing:
                    timing.note = "; ".join(self._at_once(wait, webs))
            routes = self._proxy.judge() if self._proxy else [ask_directly(target) for target in self._targets]
            differences = self._records()
            # Nothing starts them again here, as it would there when they end because whom they call is not there yet.
            for drivers, does, step in ((workers, work, "workers"), (jobs, finish, "jobs")):
                if drivers:
                    with self._progress.step(step) as timing:
                        timing.note = "; ".join(self._at_once(does, drivers))
            for driver in services:
                course.ended(self._podman, driver)
        except RehearsalError as error:
            # What is declared wrongly is the likeliest reason, and nobody would see it otherwise.
            broken = [check for check in self._checks(look=False) if not check.kept]
            lines = "".join(f"\n  {check.container}: {check.promise}: {check.place}" for check in broken)
            raise RehearsalError(
                f"{error}" + (f"\nmoreover these promises are broken:{lines}" if lines else "")
            ) from None
        with self._progress.step("checks"):
            checks = [*self._checks(), *routes]
        if self._proxy and self._options.moves:
            found, gone = self._move(self._proxy, services)
            checks += found
            services = [driver for driver in services if driver not in gone]
        if not keep:
            with self._progress.step("stop"):
                stopped = self._at_once(lambda driver: course.stop(self._podman, driver), services)
                checks += [self._labelled(driver, check) for driver, check in zip(services, stopped, strict=True)]
        return checks, differences

    def _move(self, proxy: Proxy, services: Sequence[Driver]) -> tuple[list[Check], list[Driver]]:
        """Move between the berths under load; return what was seen, and what runs no more."""
        asks = story.find_asks(proxy, self._samples)
        scene = story.Scene(self._podman, proxy, services, asks, self._progress.say)
        checks: list[Check] = []
        gone: list[Driver] = []
        for one in self._options.moves:
            with self._progress.step(f"move {one.name}") as timing:
                self._at_once(self._again, gone)
                moved, found, gone = story.perform(scene, one)
                timing.note = f"{moved.requests:,} requests, {len(moved.failures):,} failed"
            self._moves.append(moved)
            checks += found
        return checks, gone

    def _again(self, driver: Driver) -> None:
        """Start what a move has ended once more, and wait until it is well."""
        course.start_again(self._podman, driver)
        deadline = time.monotonic() + self._options.timeout
        course.until_well(self._podman, driver, deadline, self._progress.say)

    def _checks(self, look: bool = True) -> list[Check]:
        """Judge every container."""
        return [
            self._labelled(driver, check)
            for driver in self._drivers
            for check in course.judge_containers(self._podman, driver, self._security, look=look)
        ]

    def _labelled(self, driver: Driver, check: Check) -> Check:
        return replace(check, container=self._label(driver) + check.container)

    def _records(self) -> tuple[str, ...] | None:
        """Post the sample record to each service that has one, and read it back; return what differs."""
        if not self._samples:
            return None
        questions = where_to_post(self._samples, self._proxy, self._label)
        with self._progress.step("record"):
            return tuple(
                label + line
                for (url, host), (label, path) in questions.items()
                for line in roundtrip.post_and_read(url, path, host)
            )

    def _is_asked(self, name: str) -> bool:
        """Return whether a service asks for a secret by this name."""
        service, variable = split(name)
        return any(
            variable in driver.asked
            for driver in self._drivers
            if service is None or (driver.unit.mooring and driver.unit.mooring.service == service)
        )

    def _not_rehearsed(self) -> tuple[str, ...]:
        """Name everything that was left out of what was run, each once."""
        lines = [line for driver in self._drivers for line in driver.not_rehearsed]
        lines += [
            f"{name} of the secrets given: nobody asks for it"
            for name in self._options.secrets
            if not self._is_asked(name)
        ]
        lines += [f"{place}: it lies in AWS, so a random value stands in (--secrets)" for place in self._made_up.places]
        lines += [
            f"{driver.unit.name}'s {what}: a job is run once, now"
            for driver in self._drivers
            if driver.kind == "job"
            for what in ("schedule", "retries")
        ]
        lines += [
            f"{driver.unit.name}'s time limit: only known after creation"
            for driver in self._drivers
            if driver.kind == "job" and driver.timeout_seconds is None
        ]
        lines += [*(self._proxy.not_rehearsed if self._proxy else ()), *self._aside]
        lines += [
            f"{self._label(driver)}no record was posted: there is no {SAMPLE} in the build context"
            for driver in self._drivers
            if driver.kind == "web" and driver not in self._samples
        ]
        here = f"linux/{ARCHITECTURES.get(platform.machine(), platform.machine())}"
        lines += [
            f"{build.platform}: the image is built for this machine's own processor, {here}"
            for build in self._builds.values()
            if build.platform not in (None, here)
        ]
        return tuple(dict.fromkeys(lines))
