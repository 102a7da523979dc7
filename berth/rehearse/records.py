"""Which services are sent a sample record, and where: to each mooring by itself, and through the proxy."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

from berth.rehearse.drivers.driver import Driver
from berth.rehearse.proxy import Proxy
from berth.rehearse.workload import ImageBuild

SAMPLE: Final = Path("sample/record.json")
DEFAULT_CONTEXT: Final = "services/biometric"
"""Of a prebuilt image, if the stack has one service only."""


def find_samples(
    drivers: Iterable[Driver],
    builds: Mapping[str, ImageBuild],
    services: Collection[str],
    root: Path,
    given: Path | None,
) -> dict[Driver, Path]:
    """Return the sample record of each web service that has one.

    Args:
        drivers: What runs the workloads.
        builds: How the Plan builds their images, by name.
        services: Names of the Plan's services.
        root: The project's folder.
        given: The one that the user named, for all of them.
    """
    found = {}
    for driver in drivers:
        build = builds.get(driver.service.image)
        # Whose record the project's own is, nobody says where there are several.
        context = build.own.context if build else DEFAULT_CONTEXT if len(services) < 2 else None
        path = given or (root / context / SAMPLE if context else None)
        if driver.kind == "web" and path and (given or path.is_file()):
            found[driver] = path
    return found


def where_to_post(
    samples: Mapping[Driver, Path], proxy: Proxy | None, label: Callable[[Driver], str]
) -> dict[tuple[str, str | None], tuple[str, Path]]:
    """Return what to post by address and host name, with what messages call it.

    To each mooring by itself, then once more to each service through the proxy, where the two requests of a record may
    have two moorings answer.
    """
    found: dict[tuple[str, str | None], tuple[str, Path]] = {}
    for driver, path in samples.items():
        mooring = driver.unit.mooring
        way = mooring.ways[0] if mooring and mooring.ways else None
        below, host = ("" if way.strip else way.path or "", way.host) if way else ("", None)
        found[f"{driver.url}{below}", host] = label(driver), path
        if proxy and mooring and way:
            found[proxy.url_of(way), host] = f"{mooring.service} through the proxy: ", path
    return found
