"""What the build takes out of its base, decided on small systems made up for it."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from .built import SERVICE
from .scripts import load

trim = load(SERVICE / "image" / "trim.py")
sbom = load(SERVICE / "image" / "sbom.py")


@pytest.mark.parametrize(
    "path",
    [
        *("usr/bin/apt-get", "bin/dpkg", "usr/local/bin/pip3.13", "usr/bin/x86_64-linux-gnu-g++-12", "usr/bin/make"),
        *("usr/bin/x86_64-linux-gnu-ld.bfd", "usr/bin/as", "usr/bin/perl5.36.0", "usr/sbin/dpkg-preconfigure"),
        *("usr/lib/python3.11/ensurepip", "usr/local/lib/python3.13/site-packages/pip-25.0.dist-info"),
        *("usr/lib/python3/dist-packages/setuptools", "usr/share/python-wheels/pip-23-py3-none-any.whl"),
    ],
)
def test_unwanted(path: str) -> None:
    assert trim.unwanted(path)


@pytest.mark.parametrize(
    "path",
    [
        *("usr/bin/python3.11", "bin/sh", "usr/bin/basename", "usr/bin/ld.so", "usr/sbin/ldconfig", "usr/bin/bash"),
        *("usr/lib/python3.11/venv", "usr/lib/python3.11/compileall.py", "etc/apt", "usr/share/doc/make"),
        *("app/lib/python3.13/site-packages/click/pip", "usr/bin/last", "usr/bin/pinky", "usr/bin/ldd"),
    ],
)
def test_wanted(path: str) -> None:
    assert not trim.unwanted(path)


# What each package needs, and what it owns.
PACKAGES = {
    # Without `usr`, as a package lists it that is older than the link from /bin.
    "apt": ("libapt-pkg6.0 (>= 2.6), libgnutls30 | other", ("usr/bin/apt-get", "usr/lib/apt/method")),
    "libapt-pkg6.0": ("", ("usr/lib/libapt-pkg.so",)),
    "libgnutls30": ("libidn2-0 (>= 2)", ("usr/lib/libgnutls.so",)),
    "libidn2-0": ("", ("usr/lib/libidn2.so",)),
    "curl": ("libssl3, libnettle8 (>= 3)", ("usr/bin/curl",)),
    "libnettle8": ("libgmp10", ("usr/lib/libnettle.so",)),
    "libgmp10": ("", ("usr/lib/libgmp.so",)),
    "libssl3": ("", ("usr/lib/libssl.so",)),
    "gcc-12": ("", ("usr/bin/x86_64-linux-gnu-gcc-12",)),
    "dash": ("", ("bin/dash", "usr/share/doc/dash/copyright", "usr/share/doc/dash/README")),
    "mount": ("", ("bin/mount", "usr/share/doc/mount/copyright")),
    "bsdutils": ("", ("usr/bin/wall",)),
}


@pytest.mark.skipif(not shutil.which("dpkg") or os.getuid() != 0, reason="only root's dpkg removes packages")
def test_a_system_is_trimmed_with_its_list(tmp_path: Path) -> None:
    for folder in ("usr/bin", "tmp", "var/lib/dpkg/info", "var/lib/dpkg/updates"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "bin").symlink_to("usr/bin")
    entries = []
    for package, (needs, owns) in PACKAGES.items():
        essential = "Essential: yes\n" if package == "apt" else ""
        depends = f"Depends: {needs}\n" if needs else ""
        about = "Maintainer: x\nArchitecture: all\nVersion: 9-1\nDescription: x\n"
        entries.append(f"Package: {package}\nStatus: install ok installed\n{essential}{depends}{about}")
        listed = {one for path in owns for one in (Path("/", path), *Path("/", path).parents)} - {Path("/")}
        (tmp_path / f"var/lib/dpkg/info/{package}.list").write_text("".join(f"{path}\n" for path in sorted(listed)))
        for path in owns:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text("x")
    (tmp_path / "var/lib/dpkg/info/apt.prerm").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "var/lib/dpkg/status").write_text("\n".join(entries))
    (tmp_path / "usr/bin/wall").chmod(0o2755)
    (tmp_path / "usr/bin/pip3").write_text("nobody's")
    (tmp_path / "usr/share/doc/linked").symlink_to("dash")
    trim.trim(tmp_path)
    status = (tmp_path / "var/lib/dpkg/status").read_text()
    # A library goes with the last package that needs it.
    kept = {"dash", "bsdutils", "curl", "libnettle8", "libgmp10", "libssl3"}
    assert set(re.findall("^Package: (.*)$", status, re.MULTILINE)) == kept
    assert set(re.findall("^Status: (.*)$", status, re.MULTILINE)) == {"install ok installed"}
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if not path.is_dir()}
    programs = {"usr/bin/dash", "usr/bin/wall", "usr/bin/curl"}
    libraries = {f"usr/lib/lib{name}.so" for name in ("nettle", "gmp", "ssl")}
    assert left == programs | libraries | {"usr/share/doc/dash/copyright", "var/lib/dpkg/status"}
    assert (tmp_path / "usr/share/doc/linked").is_symlink()
    assert (tmp_path / "usr/bin/wall").stat().st_mode & 0o7777 == 0o755
    assert (tmp_path / "tmp").stat().st_uid == 10001 and (tmp_path / "tmp").stat().st_mode & 0o7777 == 0o1777


def test_mounted_places_are_read_from_the_kernel() -> None:
    lines = (
        "1 0 0:1 / / rw - overlay o rw",
        "2 1 0:2 /x /etc/resolv.conf ro - ext4 d rw",
        "3 1 0:3 / /proc rw - proc p rw",
    )
    text = "\n".join(lines)
    assert trim.mounted(text) == ["/etc/resolv.conf", "/proc"]


def test_python_that_dpkg_does_not_list_is_a_component_of_its_own() -> None:
    [found] = sbom.interpreter("3.13.5", [{"name": "python3.11-minimal"}])
    assert (found["name"], found["version"], found["type"]) == ("python", "3.13.5", "platform")
    assert found["cpe"] == "cpe:2.3:a:python:python:3.13.5:*:*:*:*:*:*:*"
    assert sbom.interpreter("3.11.2", [{"name": "python3.11-minimal"}]) == []


def test_licences_in_words_count_and_whole_texts_do_not() -> None:
    spdx = {"name": "spdx", "licenses": [{"license": {"id": "MIT"}}]}
    components: list[dict[str, Any]] = [{"name": "worded"}, {"name": "text"}, spdx, {"name": "silent"}]
    sbom.add_named_licences(components, {"worded": "3-Clause BSD License", "text": "Permission\nis", "spdx": "MIT"})
    assert components[0]["licenses"] == [{"license": {"name": "3-Clause BSD License", "acknowledgement": "declared"}}]
    assert "licenses" not in components[1] and "licenses" not in components[3]
    assert components[2]["licenses"] == [{"license": {"id": "MIT"}}]
