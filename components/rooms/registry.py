"""The registry of rooms that services use. A new room is its folder and one line here."""

from __future__ import annotations

from collections.abc import Iterator
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Final

from components.config.checks import Case, check
from components.config.errors import ABSENT, Problem
from components.rooms.database.settings import DATABASE
from components.rooms.room import Room, RoomSettings
from components.service.settings import address_variable, misnamed, services_of

if TYPE_CHECKING:
    from components.ground import Ground
    from components.offer import Offer

ROOMS: Final[dict[str, Room]] = {room.name: room for room in (DATABASE,)}


def furnish(name: str, ground: Ground, settings: RoomSettings) -> Offer:
    """Create a room and return what it offers. A room's module is imported only where it is used."""
    offer: Offer = resolve_name(ROOMS[name].component)(ground, settings).offer
    return offer


@check(service=("kind", "ports", "uses", "exposure", "environment"))
def what_is_used_is_there(case: Case) -> Iterator[Problem]:
    """A service uses rooms that the program has, and internal services of its own stack."""
    internal = {service.name: service for _, service in services_of(case) if service.is_internal}
    for path, service in services_of(case, "uses", "exposure", "environment"):
        others = sorted(internal.keys() - {service.name})
        for used in service.uses or ():
            if used not in (*ROOMS, *others):
                yield case.reading.problem(
                    f"{path}.uses",
                    f"{used} is no room of the program, and no other internal service of the stack.",
                    allowed=f"a list of {', '.join([*ROOMS, *others])}",
                    example=[next(iter(ROOMS))],
                )
        named = [
            (address_variable(used, name), used)
            for used in service.uses or ()
            if used in internal and used not in ROOMS
            for name, door in internal[used].doors.items()
            if door.exposure == "internal"
        ]
        variables = [*(variable for variable, _ in named), *service.environment, *service.secrets]
        for variable, used in named:
            if variables.count(variable) > 1:
                yield case.reading.problem(
                    f"{path}.environment",
                    f"{variable} would shadow the address of {used}, which {path}.uses brings.",
                    allowed="another name, of the variable, the service or its port",
                    example=ABSENT,
                )


@check(service=("kind", "ports", "exposure"))
def a_room_is_no_service(case: Case) -> Iterator[Problem]:
    """What a service uses is a room or an internal service: no name is both."""
    for path, service in services_of(case, "exposure"):
        if service.is_internal and service.name in ROOMS:
            problem = f"`uses: [{service.name}]` means the program's own {service.name}."
            example = f"{service.name}-api"
            yield misnamed(case, path, service, problem, "another name; or exposure: public", example)
