"""Images: the workload's own built as the Plan builds it, base images pulled or made from Debian packages.

What is made here stays in podman's storage, so that a second rehearsal finds it.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from berth.rehearse.bases import IMPORT_PATH, JAVA, STAND_INS, Recipe, base_images, canonical, stand_in, stand_in_crate
from berth.rehearse.drivers.lambda_.tools import adapter
from berth.rehearse.errors import RehearsalError
from berth.rehearse.podman import Podman, require, shortened
from berth.rehearse.proc import parse_mounts
from berth.rehearse.trust import JAVA_AUTHORITIES, this_machine
from berth.rehearse.workload import ImageBuild
from policy.rules.docker.lex import Unresolvable

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
BUILD_SECONDS = 900.0
PULL_SECONDS = 600.0
# A registry that is reached says so within this time; what is behind it may then take longer.
REACH_SECONDS = 8.0
REMOVAL_ATTEMPTS = 20
FOLLOW_SECONDS = 0.2
STEP = re.compile(r"(\[\d+/\d+\] )?STEP \d+/\d+: ")
"""How podman announces a step of a Dockerfile."""
# The first lines podman writes once a registry has answered.
REACHED = re.compile(
    r"Getting image source signatures|Copying (blob|config)|Writing manifest|^[0-9a-f]{64}$", re.MULTILINE
)
Say = Callable[[str], None]
"""Tells the user what is happening."""


class Images:
    """Provides images, and remembers within one run which registries are not reached."""

    def __init__(self, podman: Podman, say: Say) -> None:
        """Keep what it works with.

        Args:
            podman: Runs everything.
            say: Tells the user what is happening.
        """
        self._podman = podman
        self._say = say
        self._unreached: dict[str, str] = {}
        self.notes: list[str] = []

    def pull(self, reference: str) -> str | None:
        """Pull an image; return None if it is there now, otherwise why not."""
        if self._podman.image_exists(reference):
            return None
        registry = reference.partition("/")[0]
        if registry in self._unreached:
            return self._unreached[registry]
        log = self._podman.scratch / f"pull-{hashlib.sha256(reference.encode()).hexdigest()[:8]}"
        with log.open("w") as sink:
            process = self._podman.start(self._podman.command("pull", reference), stdout=sink, stderr=subprocess.STDOUT)
            status = self._watch(process, log)
        self._podman.forget(process)
        if status == 0:
            return None
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
        reason = f"no answer within {REACH_SECONDS:g} s" if status is None else lines[-1] if lines else "no message"
        if status is None or not REACHED.search("\n".join(lines)):
            self._unreached[registry] = reason
        return reason

    def _watch(self, process: subprocess.Popen[str], log: Path) -> int | None:
        """Wait for a pull; give up early where the registry does not answer. None stands for given up."""
        started = time.monotonic()
        reached = False
        while (status := process.poll()) is None:
            elapsed = time.monotonic() - started
            reached = reached or bool(REACHED.search(log.read_text(errors="replace")))
            if elapsed > (PULL_SECONDS if reached else REACH_SECONDS):
                process.terminate()
                process.wait(10)
                return None
            time.sleep(0.05)
        return status

    def from_packages(self, recipe: Recipe, why: str) -> str:
        """Return a base image made from Debian packages; made once.

        Args:
            recipe: What is in it.
            why: Why it could not be pulled, for the message.

        Raises:
            RehearsalError: mmdebstrap is missing or failed.
        """
        if self._podman.image_exists(recipe.tag):
            return recipe.tag
        if platform.system() != "Linux":
            raise RehearsalError(
                f"{why}\n  without a registry the image is made from Debian packages by mmdebstrap, which needs Linux"
            )
        mmdebstrap = require("mmdebstrap", "mmdebstrap", f"no registry is reached ({why}), so it makes the base image")
        self._say(f"making {recipe.tag} from Debian packages ({', '.join(recipe.packages)})")
        log = self._podman.scratch / f"mmdebstrap-{recipe.name}"
        with _debris_removed() as folder:
            # A file between the two: podman would take half an archive for a whole one.
            archive = folder / "root.tar"
            environment = {"TMPDIR": str(folder)}
            with log.open("w") as sink:
                command = self._command(mmdebstrap, recipe, archive)
                process = self._podman.start(command, stdout=sink, stderr=sink, extra=environment)
                try:
                    status = process.wait(BUILD_SECONDS)
                except subprocess.TimeoutExpired:
                    self._podman.end(process)
                    status = process.returncode or 1
            self._podman.forget(process)
            if status:
                raise RehearsalError(
                    f"mmdebstrap could not make {recipe.tag} from the packages of Debian {recipe.suite}:\n"
                    + shortened(log.read_text(errors="replace").splitlines(), 8)
                )
            arguments = ("import", "--quiet", f"--change={IMPORT_PATH}", str(archive), recipe.tag)
            output = self._podman.attempt(*arguments, timeout=BUILD_SECONDS, extra=environment)
            if output.status:
                raise RehearsalError(f"podman could not import {recipe.tag}: {output.last_error}")
        return recipe.tag

    def _command(self, mmdebstrap: str, recipe: Recipe, archive: Path) -> list[str]:
        """Return the command that writes a recipe's archive."""
        mirror = [os.environ["BERTH_DEBIAN_MIRROR"]] if os.environ.get("BERTH_DEBIAN_MIRROR") else []
        include = f"--include={','.join(recipe.packages)}"
        return [mmdebstrap, "--variant=minbase", include, *recipe.options, recipe.suite, str(archive), *mirror]

    def base(self, reference: str, recipe: Recipe | None = None) -> str:
        """Return a base image: the wanted one where its registry is reached, otherwise one made from packages.

        Args:
            reference: The wanted image.
            recipe: What stands in for it; by default what the table of stand-ins has.

        Raises:
            RehearsalError: It cannot be pulled, and there is nothing to stand in for it.
        """
        wanted = canonical(reference)
        if self._podman.image_exists(wanted):
            return wanted
        if recipe is None and (crate := stand_in_crate(wanted)):
            return self._from_crate(wanted, *crate)
        recipe = recipe or stand_in(wanted)
        made = recipe is not None and self._podman.image_exists(recipe.tag)
        why = None if made else self.pull(wanted)
        if not made and why is None:
            return wanted
        if recipe is None:
            raise RehearsalError(
                f"the base image {reference} cannot be pulled: {why}\n"
                f"  let podman reach its registry, or bring it from a machine that does: podman pull {wanted};"
                f" podman save {wanted} | ssh THIS-MACHINE podman load\n"
                f"  without it only these can be made, from Debian's packages: {', '.join(STAND_INS)}"
            )
        self.notes.append(f"{recipe.tag}, made from Debian's packages, stands in for {wanted}")
        return recipe.tag if made else self.from_packages(recipe, f"{wanted} cannot be pulled: {why}")

    def _from_crate(self, wanted: str, file: str, version: str) -> str:
        """Return an image of one program: the wanted one, or one that cargo makes where no registry is reached."""
        tag = f"localhost/berth{file}:{version}"
        if self._podman.image_exists(tag) or self.pull(wanted) is not None:
            self.notes.append(f"{tag}, made by cargo, stands in for {wanted}")
            if not self._podman.image_exists(tag):
                self._say(f"making {tag} by cargo, which takes minutes the first time")
                archive = self._podman.scratch / "program.tar"
                with tarfile.open(archive, "w") as packed:
                    packed.add(adapter(version), file)
                self._podman.run("import", "--quiet", str(archive), tag, timeout=BUILD_SECONDS)
            return tag
        return wanted

    def provide(self, references: Iterable[str], builds: Mapping[str, ImageBuild], root: Path) -> str:
        """See to it that every image of the workload is there, and say how.

        Args:
            references: What the containers name.
            builds: How the Plan builds those that it does, by name.
            root: The project's folder, which the builds' paths start from.

        Raises:
            RehearsalError: One can be neither found, built nor pulled.
        """
        done = []
        for reference in dict.fromkeys(references):
            if self._podman.image_exists(reference):
                done.append("there already")
            elif reference in builds:
                self.build(builds[reference], root)
                done.append("built")
            elif (why := self.pull(reference)) is not None:
                raise RehearsalError(
                    f"the image {reference} is prebuilt, so it must be pulled, and that failed: {why}\n"
                    "  log in (podman login), or load it by hand (podman load, podman tag)"
                )
            else:
                done.append("pulled")
        return ", ".join(done)

    def build(self, build: ImageBuild, root: Path, *, options: Sequence[str] = (), progress: Say | None = None) -> None:
        """Build an image for this machine's own processor, under the very name that it is referred to.

        In podman's own format unless the options say otherwise: it leaves HEALTHCHECK out, and so it is rehearsed,
        because neither ECS nor Kubernetes heeds an image's own.

        Args:
            build: What to build.
            root: The project's folder, which the build's paths start from.
            options: More options of ``podman build``.
            progress: Is told each step of the Dockerfile as it begins.

        Raises:
            RehearsalError: It cannot be built; carries the end of the log.
        """
        if build.starts_from and not self._podman.image_exists(build.starts_from.name):
            self.build(build.starts_from, root, options=options, progress=progress)
        dockerfile = find_dockerfile(build, root)
        text = dockerfile.read_text()
        arguments = dict(build.args)
        bases: dict[str, str] = {}
        with suppress(Unresolvable):  # whatever it starts from: podman will find it, or say better what is wrong
            bases = {image: self.base(image) for image in base_images(text, build.args)}
        if (wanted := wanted_base(build, text)) in bases:
            arguments["BASE_IMAGE"] = bases[str(wanted)]
        by_java = JAVA.tag in bases.values() and Path(JAVA_AUTHORITIES).is_file()
        self._say(f"building {build.name}")
        with _followed(self._podman.scratch / "build.log", progress) as log:
            output = self._podman.attempt(
                "build",
                # Steps see this machine's network and certificates, and need no container run time of their own.
                "--isolation=chroot",
                "--pull=missing",
                *[f"--build-context={image}=container-image://{found}" for image, found in bases.items()],
                f"--file={dockerfile}",
                f"--tag={build.name}",
                f"--logfile={log}",
                *([f"--target={build.target}"] if build.target else []),
                *[f"--build-arg={key}={value}" for key, value in arguments.items()],
                *this_machine(os.environ).options(self._podman.scratch),
                *([f"--volume={JAVA_AUTHORITIES}:{JAVA_AUTHORITIES}:ro"] if by_java else []),
                *options,
                str(root / build.context),
                timeout=BUILD_SECONDS,
            )
            lines = [*log.read_text(errors="replace").splitlines(), *output.err.splitlines()]
        if output.status:
            raise RehearsalError(f"{dockerfile} could not be built:\n{shortened(lines, 20)}")

    def config(self, reference: str) -> dict[str, Any]:
        """Return an image's settings: ``User``, ``Volumes`` and so on."""
        config: dict[str, Any] = self._podman.json("image", "inspect", "--format={{json .Config}}", reference)
        return config


@contextmanager
def _debris_removed() -> Iterator[Path]:
    """Give mmdebstrap a folder to work in, and remove what it leaves there when it is ended in the middle.

    Run as root it mounts the kernel's interfaces into the tree it makes: those are unmounted first, and nothing that is
    still mounted is ever entered.
    """
    # Not /tmp, which may be memory: a tree and its archive take 700 MB.
    folder = Path(tempfile.mkdtemp(prefix="berth-debian-", dir="/var/tmp"))
    # apt downloads as a user of its own.
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        for _ in range(REMOVAL_ATTEMPTS):
            mounted = [mount.path for mount in parse_mounts(Path("/proc/self/mountinfo").read_text())]
            for path in sorted((path for path in mounted if path.startswith(f"{folder}/")), reverse=True):
                subprocess.run(["umount", "--lazy", path], check=False, capture_output=True)
            # Without root the files belong to the user's subordinate ids.
            own = [] if os.geteuid() == 0 else ["podman", "unshare"]
            remove = [*own, "rm", "-rf", "--one-file-system", str(folder)]
            if subprocess.run(remove, check=False, capture_output=True).returncode == 0:
                break
            time.sleep(0.5)  # mmdebstrap's children are still at their own removal


@contextmanager
def _followed(path: Path, progress: Say | None) -> Iterator[Path]:
    """Give an empty log for the block to fill, and tell of each step in it as it is written."""
    path.write_text("")
    ended = threading.Event()

    def follow(tell: Say) -> None:
        with path.open(errors="replace") as log:
            last = False
            while not last:
                last = ended.wait(FOLLOW_SECONDS)  # what was written before the end is still told
                for line in log:
                    if STEP.match(line):
                        tell(line.strip())

    thread = threading.Thread(target=follow, args=(progress,), daemon=True) if progress else None
    if thread:
        thread.start()
    try:
        yield path
    finally:
        ended.set()
        if thread:
            thread.join()


def wanted_base(build: ImageBuild, dockerfile: str) -> str | None:
    """Return the base image that a build asks for by ``BASE_IMAGE``, None if its Dockerfile has no such argument.

    Args:
        build: What to build.
        dockerfile: The Dockerfile's text.
    """
    default = re.search(r"^ARG\s+BASE_IMAGE=(\S+)", dockerfile, re.MULTILINE)
    return build.args.get("BASE_IMAGE") or (default[1].strip("\"'") if default else None)


def find_dockerfile(build: ImageBuild, root: Path) -> Path:
    """Return the Dockerfile; its path starts from the program's folder, as the provider reads it.

    Raises:
        RehearsalError: It is not there.
    """
    context = root / build.context
    candidates = [root / build.dockerfile, context / build.dockerfile] if build.dockerfile else [context / "Dockerfile"]
    for path in candidates:
        if path.is_file():
            return path
    raise RehearsalError(f"there is no Dockerfile at {candidates[0]}: the plan builds {build.name} from it")
