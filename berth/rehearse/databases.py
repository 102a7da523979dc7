"""The one PostgreSQL of a rehearsal, set up for all workloads that are given a database."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from berth.rehearse import postgres
from berth.rehearse.drivers.driver import Driver, free_port
from berth.rehearse.errors import RehearsalError
from berth.rehearse.local import LocalDatabase, database_for, uses_database
from berth.rehearse.podman import Podman
from berth.rehearse.session import Session
from berth.rehearse.summary import Progress


def start_database(
    podman: Podman, session: Session, progress: Progress, drivers: Sequence[Driver], image: str, authorities: Path
) -> Mapping[Driver, LocalDatabase]:
    """Start PostgreSQL if a workload is given a database; return what each of those finds there.

    Args:
        podman: Runs it.
        session: Names it.
        progress: Tells the user.
        drivers: What runs the workloads.
        image: PostgreSQL's.
        authorities: Where the server's certificate is written.

    Raises:
        RehearsalError: It does not start, or the workloads expect it at several ports.
    """
    # Letters and digits only: they must survive every way a service may build its connection from them.
    passwords = secrets.token_hex(16), secrets.token_hex(16)
    users = [driver for driver in drivers if uses_database(driver.asked)]
    if not users:
        return {}
    # What one of them is told after creation only, such as the user, the Plan may tell another one.
    told = {key: text for driver in users for key, text in driver.known.items() if key.startswith("DATABASE_")}
    found = {driver: database_for({**told, **driver.known}, driver.asked, *passwords) for driver in users}
    # Whoever is not told the port expects it where the definition says.
    fixed = {one.port for driver, one in found.items() if "DATABASE_PORT" in set(driver.known) - set(driver.asked)}
    if len(fixed) > 1:
        raise RehearsalError(f"one PostgreSQL cannot have the ports {', '.join(map(str, sorted(fixed)))} at once")
    port = fixed.pop() if fixed else free_port()
    found = {driver: replace(one, port=port) for driver, one in found.items()}
    server = postgres.Postgres(podman, session.name("postgres"))
    with progress.step("database") as timing:
        server.start(image, port, list(found.values()), session.label_options, session.name("secret-"))
        timing.note = f"PostgreSQL {server.wait(port)}, TLS only"
        authorities.write_text(server.certificate())
    return found
