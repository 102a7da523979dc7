"""A PostgreSQL server of the tests' own: temporary, on a free loopback port, with TLS and never as root.

For a program in another environment it is a command, which lasts as long as its standard input:

    python tests/service/postgres.py [--fsync] FOLDER

It prints the service's variables for an empty database as one line of JSON. It then takes SQL, a statement a line, and
answers each with a line of JSON: the first row, or null.
"""

from __future__ import annotations

import argparse
import json
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import psycopg

from processes import free_port

PASSWORD = "p@ss/w:rd %40 #'\"?"
"""A password with everything that a URL or a shell would trip over."""


@dataclass(frozen=True)
class Server:
    """A running server, with one account."""

    port: int
    user: str = "berth"
    password: str = PASSWORD
    control: Callable[[Literal["start", "stop", "restart"]], None] = field(default=lambda verb: None)
    """Does what an administrator does: a stop breaks every connection, a start returns when new ones are accepted."""

    def environment(self, database: str) -> dict[str, str]:
        """Return the service's variables for one of the databases."""
        return {
            "DATABASE_HOST": "127.0.0.1",
            "DATABASE_PORT": str(self.port),
            "DATABASE_NAME": database,
            "DATABASE_USER": self.user,
            "DATABASE_PASSWORD": self.password,
        }

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """Connect beside the service, each statement by itself."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, dbname=database, user=self.user, password=self.password, autocommit=True
        )


def find_programs() -> Path | None:
    """Return the folder that holds ``initdb`` and ``postgres``, the newest if there are several, or None."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    found = shutil.which("initdb")
    if found is not None:
        folders.append(Path(found).resolve().parent)
    return next((path for path in folders if (path / "initdb").exists() and (path / "postgres").exists()), None)


@contextmanager
def running(programs: Path, folder: Path, *, fsync: bool = False) -> Iterator[Server]:
    """Start a server that accepts TLS connections only, and stop it at the end.

    Args:
        programs: Folder of ``initdb`` and ``postgres``.
        folder: Empty folder for its data; given to another account when this one is root.
        fsync: Whether a commit waits until the disk has it, as it does in earnest; most tests need not wait.
    """
    user = group = None
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        entry = pwd.getpwnam("postgres")
        user, group = entry.pw_uid, entry.pw_gid
        os.chown(folder, user, group)
    data = folder / "data"

    def run(*arguments: str | Path, text: str | None = None) -> None:
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        subprocess.run(
            [str(argument) for argument in arguments],
            cwd=folder, env=environment, user=user, group=group,
            input=text, text=True, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def control(verb: str, mode: str = "fast") -> None:
        run(programs / "pg_ctl", "-D", data, "-w", "-t", "60", "-l", folder / "log", "-o", options, "-m", mode, verb)

    server = Server(free_port(), control=control)
    run("sh", "-c", "umask 077; cat > password", text=server.password)
    run(programs / "initdb", "-D", data, "-U", server.user, "-A", "scram-sha-256", "--pwfile", folder / "password",
        "--no-sync", "-E", "UTF8")  # fmt: skip
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
        "-keyout", data / "server.key", "-out", data / "server.crt")  # fmt: skip
    run("sh", "-c", "cat > data/pg_hba.conf", text="hostssl all all 127.0.0.1/32 scram-sha-256\n")
    options = (
        f"-p {server.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c ssl=on"
        f" -c fsync={'on' if fsync else 'off'} -c log_statement=none"
    )
    control("start")
    try:
        yield server
    finally:
        control("stop", "immediate")


def main() -> int:
    """Run a server for another program, as the module says."""
    parser = argparse.ArgumentParser(description="Run a PostgreSQL server until standard input ends.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="empty folder for the data")
    parser.add_argument("--fsync", action="store_true", help="make commits durable")
    options = parser.parse_args()
    programs = find_programs()
    if programs is None:
        print("no PostgreSQL server here: install the package 'postgresql'", file=sys.stderr)
        return 1
    with running(programs, options.folder, fsync=options.fsync) as server:
        with server.connect() as connection:
            connection.execute("CREATE DATABASE records")
        print(json.dumps(server.environment("records")), flush=True)
        with server.connect("records") as connection:
            for statement in sys.stdin:
                cursor = connection.execute(statement.encode())
                print(json.dumps(cursor.fetchone() if cursor.description else None, default=str), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
