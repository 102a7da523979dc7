"""The bill of materials names what is in the image: all of it, in the versions that are there, and nothing else."""

from __future__ import annotations

import re
from typing import Any

from .built import NEEDS_PODMAN, SBOM, Built

pytestmark = NEEDS_PODMAN
INSTALLED = """
import importlib.metadata, json
def licensed(one):
    meta = one.metadata
    trove = [text for text in meta.get_all("Classifier") or [] if text.startswith("License :: ")]
    words = meta.get("License") or ""
    return bool(meta.get("License-Expression") or (words if len(words) <= 100 else "") or trove)
print(json.dumps([[one.name, one.version, licensed(one)] for one in importlib.metadata.distributions()]))
"""
# https://cyclonedx.org/docs/1.6/json: what the schema requires of a component.
REQUIRED = {"type", "name"}
TYPES = {"application", "framework", "library", "container", "platform", "operating-system", "file"}


def normal(name: str) -> str:
    """Return a distribution's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def of_kind(image: Built, start: str) -> list[dict[str, Any]]:
    """Return the components whose package URL starts so."""
    return [one for one in image.bill["components"] if one.get("purl", "").startswith(start)]


def test_it_is_cyclonedx_and_readable_by_all(image: Built) -> None:
    bill = image.bill
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert image.files[SBOM].mode & 0o444 == 0o444
    parts = [bill["metadata"]["component"], *bill["components"]]
    assert all(part.keys() >= REQUIRED and part["type"] in TYPES for part in parts)
    references = [part["bom-ref"] for part in parts]
    assert len(references) == len(set(references))
    assert {one["ref"] for one in bill["dependencies"]} <= set(references)
    assert {ref for one in bill["dependencies"] for ref in one.get("dependsOn", ())} <= set(references)


def test_python_packages_are_those_installed(image: Built) -> None:
    installed = image.python(INSTALLED)
    listed = [*of_kind(image, "pkg:pypi/"), image.bill["metadata"]["component"]]
    assert {(normal(one["name"]), one["version"]) for one in listed} == {(normal(n), v) for n, v, _ in installed}
    assert len(listed) == len(installed) > 15


def test_package_urls_and_licences_of_python_packages(image: Built) -> None:
    licensed = {normal(name) for name, _, declared in image.python(INSTALLED) if declared}
    listed = of_kind(image, "pkg:pypi/")
    assert all(one["purl"] == f"pkg:pypi/{normal(one['name'])}@{one['version'].replace('+', '%2B')}" for one in listed)
    assert [one["name"] for one in listed if normal(one["name"]) in licensed and not one.get("licenses")] == []


def test_it_says_what_the_service_depends_on(image: Built) -> None:
    [root] = [one for one in image.bill["dependencies"] if one["ref"] == image.bill["metadata"]["component"]["bom-ref"]]
    assert {normal(ref.split("==")[0]) for ref in root["dependsOn"]} >= {"fastapi", "sqlalchemy", "uvicorn"}


def test_system_packages_are_those_of_dpkgs_list(image: Built) -> None:
    listed = of_kind(image, "pkg:deb/debian/")
    assert {one["name"]: one["version"] for one in listed} == image.dpkg
    assert all(
        re.fullmatch(r"pkg:deb/debian/[^@?]+@[^@?]+\?arch=\w+&distro=debian-\d+(&upstream=.+)?", one["purl"])
        for one in listed
    )
    [system] = [one for one in image.bill["components"] if one["type"] == "operating-system"]
    assert (system["name"], f'VERSION_ID="{system["version"]}"') == ("debian", system_version(image))


def system_version(image: Built) -> str:
    """Return the line of the release's file that names it."""
    return next(line for line in image.read("usr/lib/os-release").splitlines() if line.startswith("VERSION_ID="))


def test_python_itself_is_in_it(image: Built) -> None:
    version = image.python("import json, platform; print(json.dumps(platform.python_version()))")
    series = version.rpartition(".")[0]
    found = [one for one in image.bill["components"] if one["name"] in ("python", f"python{series}-minimal")]
    assert len(found) == 1 and found[0]["version"].startswith(version)


def test_it_does_not_depend_on_the_time(image: Built) -> None:
    assert "timestamp" not in image.bill["metadata"] and "serialNumber" not in image.bill
