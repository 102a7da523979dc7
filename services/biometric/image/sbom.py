"""Writes the image's bill of materials, CycloneDX 1.6: ``python sbom.py PYTHON PYPROJECT STATUS OS_RELEASE OUTPUT``.

The Python packages are those installed, not those locked: ``cyclonedx-py`` asks the environment itself. The packages of
the distribution are those that dpkg lists. Nothing depends on the time, so that the same image has the same bill.
"""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

Component = dict[str, Any]
NAME_LENGTH = 100
"""Characters; what is longer is no name."""


def fields(text: str, pattern: str) -> dict[str, str]:
    """Read lines of names and values."""
    return dict(re.findall(pattern, text, re.MULTILINE))


def operating_system(release: Mapping[str, str]) -> Component:
    """Return the distribution; a scanner needs its release to know which advisories apply."""
    name, version = release["ID"], release["VERSION_ID"]
    return {"type": "operating-system", "bom-ref": f"os:{name}@{version}", "name": name, "version": version}


def system_packages(status: str, release: Mapping[str, str]) -> list[Component]:
    """Return a component for each package of dpkg's list."""
    from packageurl import PackageURL

    found = []
    for entry in status.strip().split("\n\n"):
        one = fields(entry, r"^([A-Za-z-]+): *(.*)$")
        qualifiers = {"arch": one["Architecture"], "distro": f"{release['ID']}-{release['VERSION_ID']}"}
        if "Source" in one:
            # Advisories name source packages: "gcc-12", or "util-linux (2.38.1-5)" where its version is another.
            qualifiers["upstream"] = re.sub(r" \((.*)\)$", r"@\1", one["Source"])
        purl = str(PackageURL("deb", release["ID"], one["Package"], one["Version"], qualifiers))
        found.append(
            {"type": "library", "bom-ref": purl, "name": one["Package"], "version": one["Version"], "purl": purl}
        )
    return found


def interpreter(version: str, packages: list[Component]) -> list[Component]:
    """Return Python itself, which is the one that runs this as well, unless it is one of dpkg's packages."""
    series = ".".join(version.split(".")[:2])
    if any(one["name"] == f"python{series}-minimal" for one in packages):
        return []
    cpe = f"cpe:2.3:a:python:python:{version}:*:*:*:*:*:*:*"
    return [{"type": "platform", "bom-ref": f"python@{version}", "name": "python", "version": version, "cpe": cpe}]


def add_named_licences(components: list[Component], named: Mapping[str, str]) -> None:
    """Give components without a licence the one that their distribution's metadata names in words.

    ``cyclonedx-py`` leaves out what is no SPDX identifier, because some packages write the licence's whole text there.
    """
    for one in components:
        words = named.get(one["name"], "").strip()
        if not one.get("licenses") and words and "\n" not in words and len(words) <= NAME_LENGTH:
            one["licenses"] = [{"license": {"name": words, "acknowledgement": "declared"}}]


def environment(python: str, pyproject: str) -> dict[str, Any]:
    """Return the bill of a Python environment, with the project as what it is of."""
    tool = str(Path(sys.executable).with_name("cyclonedx-py"))
    options = ("--sv=1.6", "--of=JSON", "--output-reproducible", "--mc-type=application", f"--pyproject={pyproject}")
    done = subprocess.run([tool, "environment", *options, python], check=True, stdout=subprocess.PIPE, text=True)
    bill: dict[str, Any] = json.loads(done.stdout)
    installed = distributions(path=[str(path) for path in Path(python).parents[1].glob("lib/python*/site-packages")])
    add_named_licences(bill["components"], {one.name: str(one.metadata.json.get("license", "")) for one in installed})
    return bill


def checked(bill: Mapping[str, Any]) -> str:
    """Return the bill as text; end the program if the standard's schema does not take it."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = json.dumps(bill, indent=2, sort_keys=True) + "\n"
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        # Of a fault in the schema's own words the first line says what it is; the rest repeats the schema.
        sys.exit(f"the bill of materials is not valid: {getattr(error.data, 'message', error)}")
    return text


def main(python: str, pyproject: str, status: str, os_release: str, output: str) -> None:
    """Write the bill."""
    release = fields(Path(os_release).read_text(), r'^(\w+)="?(.*?)"?$')
    bill = environment(python, pyproject)
    packages = system_packages(Path(status).read_text(), release)
    bill["components"] += [operating_system(release), *interpreter(platform.python_version(), packages), *packages]
    Path(output).write_text(checked(bill))
    print(f"{output}: {len(bill['components'])} components, {len(packages)} of them of the distribution")


if __name__ == "__main__":
    main(*sys.argv[1:])
