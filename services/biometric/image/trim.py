"""Copies the Debian system it runs in, trimmed to what a service needs at run time: ``python3 trim.py ROOT``.

It is a copy, because a build's step sees files of the machine mounted over the system's own (its resolver, maybe its
certificates): those must not get into the image, and cannot be removed where they are.

What a package owned goes with the whole package: dpkg removes it from the copy, and from its own list there. Scanners
read that list, and it must name neither more nor less than what is there.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

UID = GID = 10001

# Package managers and compilers, by the names of their files; a package that owns one of them goes as a whole.
PROGRAMS = (
    *("apt", "apt-*", "aptitude*", "dpkg", "dpkg-*", "dselect", "debconf*", "rpm", "yum", "dnf", "apk", "snap"),
    *("pip", "pip[0-9.]*", "pipx", "easy_install*", "uv", "uvx", "poetry", "conda", "mamba", "npm", "npx", "yarn*"),
    *("corepack", "pnpm", "gem", "bundle", "cargo", "rustup", "cpan*"),
    *("gcc", "gcc-*", "*-gcc", "*-gcc-[0-9]*", "g++*", "*-g++*", "cc", "c++", "c89*", "c99*", "cpp", "cpp-*", "*-cpp*"),
    *("clang*", "llvm-*", "tcc", "rustc", "go", "gofmt", "gfortran*", "javac", "make", "gmake", "cmake", "ninja"),
    *("as", "*-as", "ld", "ld.bfd", "ld.gold", "ld.lld*", "*-ld", "*-ld.*", "perl", "perl5*"),
)
PROGRAM_FOLDERS = ("bin", "sbin", "libexec")
MODULES = (
    *("pip", "pip-*", "setuptools", "setuptools-*", "wheel", "wheel-*", "pkg_resources", "_distutils_hack"),
    *("distutils-precedence.pth", "ensurepip", "uv", "uv-*"),
)
MODULE_FOLDERS = ("python3*", "site-packages", "dist-packages")
BUNDLES = ("*.whl",)

# Packages that administer a machine: accounts, disks, its start, its package sources. No container of a service does.
ADMINISTRATION = (
    *("adduser", "cron", "e2fsprogs", "init-system-helpers", "login", "logsave", "mount", "passwd", "systemd", "udev"),
    *("debian-archive-keyring", "gpgv", "sysvinit-utils", "usrmerge"),
    *("perl-modules-*", "lib*-perl", "python3-distutils", "python3-lib2to3", "python3-venv"),
)
# Libraries of the above; they stay where a package that stays depends on them. None is here that an interpreter or a
# wheel may need (libgdbm, libstdc++), for of those dpkg knows nothing.
LIBRARIES = (
    *("libapt-pkg*", "libgnutls30*", "libgcrypt20", "libgpg-error0", "libhogweed6*", "libnettle8*", "libidn2-0"),
    *("libp11-kit0", "libtasn1-6", "libunistring*", "libgmp10", "libseccomp2", "libsystemd0", "libudev1", "libxxhash0"),
    *("liblz4-1", "libsemanage*", "libsepol2", "libext2fs2*", "libss2*", "libperl5*", "libdebconfclient0"),
    *("libcom-err2", "libaudit*", "libcap-ng0", "libpam*"),
)

# Folders of the kernel's and of run time; never copied.
SPECIAL = ("dev", "proc", "run", "sys", "tmp")
# Everything below these, but for what stands in KEPT.
EMPTIED = (
    *("boot", "root", "media", "mnt", "var/cache", "var/log", "var/tmp"),
    *("var/backups", "var/lib/apt", "var/lib/dpkg", "usr/include", "usr/local/include"),
    *("usr/share/bash-completion", "usr/share/info", "usr/share/lintian", "usr/share/locale", "usr/share/man"),
    *("usr/share/doc", "usr/share/doc-base"),
)
# What is left of the above in /etc, and the names of the machine that made the base.
LEFTOVERS = (
    *("etc/alternatives/*.gz", "etc/apt", "etc/cron*", "etc/dpkg", "etc/init.d", "etc/pam.d", "etc/rc?.d"),
    *("etc/security", "etc/systemd", "etc/hostname", "etc/hosts", "etc/resolv.conf", ".dockerenv"),
)
# The licences, too, which some packages share by a link.
KEPT = ("var/lib/dpkg/status", "usr/share/doc/*", "usr/share/doc/*/copyright")


def matches(name: str, patterns: Collection[str]) -> bool:
    """Tell whether a name matches one of some patterns."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def unwanted(path: str) -> bool:
    """Tell whether a path, relative to the root, is a package manager's or a compiler's."""
    *folders, name = path.split("/")
    parent = folders[-1] if folders else ""
    return (
        (parent in PROGRAM_FOLDERS and matches(name, PROGRAMS))
        or (matches(parent, MODULE_FOLDERS) and matches(name, MODULES))
        or matches(name, BUNDLES)
    )


def paths(root: Path) -> Iterator[str]:
    """Yield every path below a folder, relative to it; links are not followed."""
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            yield (Path(folder) / name).relative_to(root).as_posix()


def remove(path: Path) -> None:
    """Remove whatever is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def mounted(mountinfo: str) -> list[str]:
    """Return where something is mounted, the root excepted; as ``/proc/self/mountinfo`` tells it."""
    return [line.split()[4] for line in mountinfo.splitlines() if line.split()[4] != "/"]


def copy_system(root: Path) -> None:
    """Copy the system that this runs in, but for whatever is mounted in it."""
    root.mkdir(parents=True)
    own = {root.relative_to("/").parts[0], Path(__file__).resolve().relative_to("/").parts[0]}
    for top in Path("/").iterdir():
        if top.name in SPECIAL:
            (root / top.name).mkdir()
            shutil.copystat(top, root / top.name)
        elif top.name not in own:
            subprocess.run(["cp", "--archive", "--one-file-system", str(top), str(root)], check=True)
    for point in mounted(Path("/proc/self/mountinfo").read_text()):
        place = root / point.lstrip("/")
        if place.is_file() and not place.is_symlink():
            place.unlink()
            # The builder has made the folder as well, if there is nothing else in it.
            if not any(place.parent.iterdir()):
                place.parent.rmdir()


def purge(root: Path, packages: Collection[str], *options: str) -> str:
    """Let dpkg remove packages from a root, unless what stays needs them; return what it has against that."""
    command = ["dpkg", f"--root={root}", "--no-triggers", *options, "--purge", *packages]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stderr if done.returncode else ""


def trim(root: Path) -> None:
    """Trim a root file system."""
    info, status = root / "var/lib/dpkg/info", root / "var/lib/dpkg/status"
    for pattern in ("*.pre*", "*.post*"):  # what packages would do at their removal is nothing that a copy needs
        for script in info.glob(pattern):
            script.unlink()
    files = {listing.stem: listing.read_text().splitlines() for listing in info.glob("*.list")}
    names = {package: package.partition(":")[0] for package in files}
    gone = {
        package
        for package, listed in files.items()
        if matches(names[package], ADMINISTRATION) or any(unwanted(path.strip("/")) for path in listed)
    }
    if problem := purge(root, gone, "--force-all"):
        sys.exit(problem)
    purge(root, [package for package in files if package not in gone and matches(names[package], LIBRARIES)])
    # Of a library that stays, dpkg notes that it was to go; and which caches it would renew.
    entries = re.sub(r"^Status: .*$", "Status: install ok installed", status.read_text(), flags=re.MULTILINE)
    status.write_text(re.sub(r"^Triggers-Pending: .*\n", "", entries, flags=re.MULTILINE))

    for path in [path for path in paths(root) if unwanted(path)]:  # nobody's
        remove(root / path)
    for path in sorted(paths(root), reverse=True):  # the deepest first: a folder goes when nothing is left in it
        emptied = any(path.startswith(f"{folder}/") for folder in EMPTIED)
        if emptied and not any(PurePosixPath(path).match(pattern) for pattern in KEPT):
            place = root / path
            if not place.is_dir() or place.is_symlink():
                place.unlink()
            elif not any(place.iterdir()):
                place.rmdir()
    for pattern in LEFTOVERS:
        for place in root.glob(pattern):
            remove(place)
    for path in paths(root):
        place = root / path
        mode = place.lstat().st_mode
        if not stat.S_ISLNK(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
            place.chmod(stat.S_IMODE(mode) & ~(stat.S_ISUID | stat.S_ISGID))
    (root / "tmp").chmod(0o1777)
    os.chown(root / "tmp", UID, GID)


if __name__ == "__main__":
    copy_system(Path(sys.argv[1]))
    trim(Path(sys.argv[1]))
