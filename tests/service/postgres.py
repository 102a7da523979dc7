"""A PostgreSQL server of the tests' own: temporary, on a free loopback port, with TLS and never as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
def running(programs: Path, folder: Path) -> Iterator[Server]:
    """Start a server that accepts TLS connections only, and stop it at the end.

    Args:
        programs: Folder of ``initdb`` and ``postgres``.
        folder: Empty folder for its data; given to another account when this one is root.
    """
    user = group = None
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        entry = pwd.getpwnam("postgres")
        user, group = entry.pw_uid, entry.pw_gid
        os.chown(folder, user, group)
    server = Server(free_port())
    data = folder / "data"

    def run(*arguments: str | Path, text: str | None = None) -> None:
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        subprocess.run(
            [str(argument) for argument in arguments],
            cwd=folder, env=environment, user=user, group=group,
            input=text, text=True, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    run("sh", "-c", "umask 077; cat > password", text=server.password)
    run(programs / "initdb", "-D", data, "-U", server.user, "-A", "scram-sha-256", "--pwfile", folder / "password",
        "--no-sync", "-E", "UTF8")  # fmt: skip
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
        "-keyout", data / "server.key", "-out", data / "server.crt")  # fmt: skip
    run("sh", "-c", "cat > data/pg_hba.conf", text="hostssl all all 127.0.0.1/32 scram-sha-256\n")
    options = (
        f"-p {server.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c ssl=on -c fsync=off"
        " -c log_statement=none"
    )
    control = (programs / "pg_ctl", "-D", data, "-w", "-t", "60")
    run(*control, "-l", folder / "log", "-o", options, "start")
    try:
        yield server
    finally:
        run(*control, "-m", "immediate", "stop")
