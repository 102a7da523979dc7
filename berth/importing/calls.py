"""Who calls whom: addresses of another tool's network become ``uses``, and internal services get ways of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from berth.importing.draft import Service
from berth.importing.table import Remark
from components.service.settings import address_variable


def separated(services: Sequence[Service], key: str) -> Iterator[Remark]:
    """Give services paths of their own where several would be reached in the same way; yield what was given.

    Args:
        services: those of the stack.
        key: where their ports stand, for the remarks.
    """
    open_to = [one for one in services if one.answers and not {"path", "host"} & one.keys.keys()]
    inside = [one for one in open_to if one.is_internal]
    outside = [one for one in open_to if not one.is_internal]
    for service in inside if len(inside) > 1 else ():
        path = f"/{service.name}"
        service.put(path, "path")
        # Who is called below this very path already answers there.
        paths = [call.path for one in services for call in one.calls if call.service == service.name]
        below = any(f"{one}/".startswith(f"{path}/") for one in paths)
        if not below:
            service.put(True, "stripPath")
        why = (
            f"Internal services share one address: {service.name} is asked below {path}, which "
            f"{address_variable(service.name)} ends with, and is sent "
        )
        why += "the whole path, as it is now." if below else "what comes after that, as it is now."
        yield Remark(service.file, f"{service.name}: {key}", str(service.keys.get("port", "")), "changed", why)
    for service in outside[1:]:
        service.put(f"/{service.name}", "path")
        why = f"The API has one address: {outside[0].name} is asked there, and {service.name} below /{service.name}."
        instead = "another path, or host with berth:api.domain"
        yield Remark(service.file, f"{service.name}: {key}", str(service.keys.get("port", "")), "changed", why, instead)


def settled(services: Sequence[Service]) -> Iterator[Remark]:
    """Let services use those that they call, whose addresses the program gives them; yield what changes for callers."""
    by_name = {one.name: one for one in services}
    for service in services:
        for call in service.calls:
            called, given = by_name[call.service], address_variable(call.service)
            way = called.keys.get("path", "")
            if not called.is_internal:
                why = f"{called.name} is public, and services use internal ones only."
                instead = f"the API's address; or exposure: internal of {called.name}, if nobody else asks it"
                yield Remark(service.file, call.key, call.content, "left", why, instead)
                continue
            service.use(called.name)
            if call.variable == given and call.path in ("", way):
                why = f"`uses: [{called.name}]` sets {given}, at every berth."
                yield Remark(service.file, call.key, call.content, "changed", why)
            else:
                rest = call.path.removeprefix(way) or "/"
                why = f"{call.host} is a name of another network; `uses: [{called.name}]` is written."
                yield Remark(service.file, call.key, call.content, "left", why, f"read {given}, and ask it for {rest}")
