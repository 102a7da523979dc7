"""What is in the image's file system, in every layer of it."""

from __future__ import annotations

import re
import stat
from pathlib import PurePosixPath

import pytest

from .built import NEEDS_PODMAN, Built

pytestmark = NEEDS_PODMAN
# Said here once more, not taken from what removes them.
TOOLS = re.compile(
    r"apt|apt-.+|aptitude|dpkg|dpkg-.+|dselect|debconf.*|rpm|yum|dnf|apk|snap"
    r"|pip[\d.]*|pipx|easy_install.*|uvx?|poetry|conda|mamba|npm|npx|yarn|gem|cargo|rustup|cpan.*"
    r"|(.+-)?(gcc|g\+\+|cpp)(-[\d.]+)?|cc|c\+\+|c[89]9(-.+)?|clang.*|tcc|rustc|go|(.+-)?(as|ld|ld\.bfd|ld\.gold)|g?make"
    r"|cmake|ninja|perl[\d.]*"
)
MODULES = ("pip", "ensurepip", "setuptools", "pkg_resources", "wheel", "_distutils_hack", "uv")


def test_no_package_manager_and_no_compiler_in_any_layer(image: Built) -> None:
    found = [
        path
        for layer in image.layers
        for path in (member.name for member in layer if not member.isdir())
        if "bin" in PurePosixPath(path).parent.name and TOOLS.fullmatch(PurePosixPath(path).name)
    ]
    assert found == []


def test_no_module_of_a_package_manager_and_no_bundled_wheel_in_any_layer(image: Built) -> None:
    names = "|".join(MODULES)
    pattern = re.compile(
        rf"(.*/)?python3[\d.]*/(.*/)?({names})(-[^/]+)?(\.py)?(/.*)?|.*\.(whl|egg)|.*/distutils-precedence\.pth"
    )
    # click and others have vendored files by such names deeper down: only what is importable at the top counts.
    tops = re.compile(rf".*/(python3[\d.]*|site-packages|dist-packages)/({names})(-[^/]+)?(\.py)?(/.*)?")
    found = [one.name for layer in image.layers for one in layer if pattern.fullmatch(one.name)]
    assert [path for path in found if tops.fullmatch(path) or path.endswith((".whl", ".egg", ".pth"))] == []


@pytest.mark.parametrize("interpreter", ["python", "python3", "the base's own"])
def test_no_interpreter_can_import_one(image: Built, interpreter: str) -> None:
    own = image.python("import json, os, sys; print(json.dumps(os.path.realpath(sys.executable)))")
    code = f"import importlib.util as u, json; print(json.dumps([n for n in {MODULES!r} if u.find_spec(n)]))"
    assert image.python(code, own if interpreter == "the base's own" else interpreter) == []


def test_nothing_gains_rights_when_it_is_started(image: Built) -> None:
    special = stat.S_ISUID | stat.S_ISGID
    assert [one.name for layer in image.layers for one in layer if one.mode & special] == []
    capability = "SCHILY.xattr.security.capability"
    assert [one.name for layer in image.layers for one in layer if capability in one.pax_headers] == []


def test_nothing_of_the_build_or_of_the_machine_that_built_is_left(image: Built) -> None:
    left = ("build", "rootfs", "opt/tools", "etc/uv", "etc/pip.conf", "etc/resolv.conf", "etc/hosts", "etc/hostname")
    assert [path for path in image.files if path.startswith(tuple(f"{one}/" for one in left)) or path in left] == []
    caches = re.compile(r"(root|home|tmp|run|var/cache|var/log|var/lib/apt)/.+|.*/\.cache/.*")
    assert [path for path in image.files if caches.fullmatch(path)] == []


def test_nothing_is_hidden_under_another_layer(image: Built) -> None:
    names = [one.name for layer in image.layers for one in layer if not one.isdir()]
    assert len(names) == len(set(names))
    assert not any(PurePosixPath(name).name.startswith(".wh.") for name in names)


def test_dpkgs_list_names_what_is_there_and_nothing_else(image: Built) -> None:
    assert len(image.dpkg) > 40
    assert {"libc6", "libssl3", "dash", "ca-certificates"} <= image.dpkg.keys()
    assert not {"apt", "dpkg", "perl-base", "debconf", "python3-pip-whl"} & image.dpkg.keys()
    documented = {path.split("/")[3] for path in image.files if path.startswith("usr/share/doc/")}
    assert image.dpkg.keys() - documented == set(), "listed, but its licence is not there"
    assert {path.split("/")[-1] for path in image.files if path.startswith("var/lib/dpkg/")} == {"status"}


def test_links_lead_somewhere(image: Built) -> None:
    broken = image.run("sh", "-c", "find / -xdev -type l ! -path '/proc/*' ! -exec test -e {} \\; -print")
    # /run and what run time puts there are empty in an image.
    assert [line for line in broken.out.split() if line not in ("/var/lock",)] == []


def test_a_shell_and_the_authorities_certificates_are_there(image: Built) -> None:
    said = image.run("sh", "-c", "id -u && cat /etc/ssl/certs/ca-certificates.crt | grep -c BEGIN").out
    assert said.split()[0] == "10001"
    assert image.read("etc/ssl/certs/ca-certificates.crt").count("BEGIN CERTIFICATE") > 50
    assert image.python("import json, ssl; print(json.dumps(len(ssl.create_default_context().get_ca_certs())))") > 50


def test_root_owns_the_program(image: Built) -> None:
    owners = {(one.uid, one.gid) for path, one in image.files.items() if path.startswith("app")}
    assert owners == {(0, 0)}
    writable = [p for p, one in image.files.items() if p.startswith("app") and not one.issym() and one.mode & 0o022]
    assert writable == []
