"""A real PostgreSQL beside the workload, as the managed one: TLS only, password only, and not a superuser's account.

Its certificate is made anew for each rehearsal, and stands in the workload's containers where theirs look for RDS's
authorities: a service that verifies RDS verifies this one by the same code.

It runs as the image's own user with a read-only root and no capabilities; its data is in memory and goes with it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from berth.plan import Plan
from berth.rehearse.bases import POSTGRES
from berth.rehearse.errors import RehearsalError
from berth.rehearse.images import Images
from berth.rehearse.local import HOST, HOST_INSIDE, LocalDatabase
from berth.rehearse.podman import Podman, shortened
from berth.rehearse.workload import known

DEFAULT_MAJOR = "17"
START_SECONDS = 60.0
DIRECTORY = "/pg"

# One script for Debian's packages and for the official image: both keep the programs in the same place.
SCRIPT = r"""
set -eu
umask 077
export PATH="$PATH:$(echo /usr/lib/postgresql/*/bin)"
cd /pg
printf '%s' "$ADMIN_PASSWORD" > admin
initdb --pgdata=data --username=rehearsal_admin --pwfile=admin --auth=scram-sha-256 --encoding=UTF8 \
    --locale=C.UTF-8 --no-sync > initdb.log 2>&1 || { cat initdb.log >&2; exit 1; }
rm admin
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=rehearsal \
    -addext subjectAltName="IP:$ADDRESS" -keyout data/server.key -out data/server.crt 2> openssl.log \
    || { cat openssl.log >&2; exit 1; }
cat > data/pg_hba.conf <<HBA
local   all all               scram-sha-256
hostssl all all all           scram-sha-256
HBA
printf '%s' "$SETUP" | postgres --single -j -D data postgres > setup.log 2>&1 || { cat setup.log >&2; exit 1; }
if grep -q ERROR setup.log; then cat setup.log >&2; exit 1; fi
unset ADMIN_PASSWORD SETUP
exec postgres -D data -c listen_addresses="$LISTEN" -c port="$PORT" -c unix_socket_directories=/pg -c ssl=on \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=32MB
"""


def setup_sql(*databases: LocalDatabase) -> str:
    """Return what makes accounts and databases; in single-user mode statements end with an empty line.

    Args:
        databases: What the services expect to find; they may share them.
    """
    statements: dict[str, None] = {}
    owners: dict[str, str] = {}
    for database in databases:
        owner, password = database.user, database.password
        if database.admin_user:
            owner, password = database.admin_user, database.admin_password
        user, password, name = quoted(owner), password.replace("'", "''"), quoted(database.name)
        statements[f"CREATE ROLE {user} LOGIN CREATEDB CREATEROLE NOSUPERUSER PASSWORD '{password}';\n\n"] = None
        first = owners.setdefault(name, user)
        made = f"CREATE DATABASE {name} OWNER {user}" if first == user else f"GRANT {first} TO {user}"
        statements[f"{made};\n\n"] = None
    return "".join(statements)


def quoted(identifier: str) -> str:
    """Quote an SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def planned_version(plan: Plan) -> str:
    """Return the major version of PostgreSQL that the Plan asks for."""
    for resource in plan.of_type("aws:rds/instance:Instance"):
        version = known(resource.inputs.get("engineVersion"))
        if isinstance(version, str) and (major := re.match(r"\d+", version)):
            return major[0]
    return DEFAULT_MAJOR


def image(images: Images, major: str) -> str:
    """Return PostgreSQL's image, pulled or made."""
    return images.base(f"docker.io/library/postgres:{major}", POSTGRES)


class Postgres:
    """The rehearsal's database server."""

    def __init__(self, podman: Podman, name: str) -> None:
        """Keep what it works with.

        Args:
            podman: Runs it.
            name: The container's name.
        """
        self._podman = podman
        self.name = name

    def start(
        self, image: str, port: int, databases: Sequence[LocalDatabase], labels: list[str], secret_prefix: str
    ) -> None:
        """Start the server; it is not ready yet.

        Args:
            image: PostgreSQL's image.
            port: Where it listens, in its container and on this machine's loopback.
            databases: What it is set up with.
            labels: Options that label the container.
            secret_prefix: Put before the names of podman's secrets.
        """
        secrets = {"ADMIN_PASSWORD": databases[0].admin_password, "SETUP": setup_sql(*databases)}
        options = []
        for variable, value in secrets.items():
            name = f"{secret_prefix}postgres-{variable.lower().replace('_', '-')}"
            self._podman.run("secret", "create", name, "-", stdin=value)
            options.append(f"--secret={name},type=env,target={variable}")
        self._podman.run(
            "run",
            "--detach",
            f"--name={self.name}",
            *self._podman.network(),
            f"--publish={HOST}:{port}:{port}",
            *labels,
            "--pull=never",
            "--user=postgres",
            "--read-only",
            "--read-only-tmpfs=false",
            f"--tmpfs={DIRECTORY}:rw,mode=1777,size=512m",
            "--tmpfs=/tmp:rw,mode=1777,size=64m",
            "--cap-drop=ALL",
            "--security-opt=no-new-privileges",
            "--no-healthcheck",
            "--image-volume=ignore",
            "--stop-signal=SIGINT",
            f"--env=PORT={port}",
            "--env=LISTEN=*",
            f"--env=ADDRESS={HOST_INSIDE}",
            *options,
            "--entrypoint=",
            image,
            "sh",
            "-c",
            SCRIPT,
        )

    def wait(self, port: int) -> str:
        """Wait until the server answers; return its version.

        Raises:
            RehearsalError: It ended, or it does not answer in time; carries its log.
        """
        deadline = time.monotonic() + START_SECONDS
        ask = f'exec "$(echo /usr/lib/postgresql/*/bin)"/pg_isready -q -h {HOST} -p {port}'
        while self._podman.attempt("exec", self.name, "sh", "-c", ask).status:
            running = self._podman.attempt("inspect", "--format={{.State.Running}}", self.name).out.strip()
            if running != "true" or time.monotonic() > deadline:
                log = self._podman.attempt("logs", self.name)
                raise RehearsalError(
                    f"the rehearsal's PostgreSQL {'ended' if running != 'true' else 'does not answer'}:\n"
                    + shortened((log.out + log.err).splitlines(), 15)
                )
            time.sleep(0.1)
        version = self._podman.attempt("exec", self.name, "sh", "-c", "/usr/lib/postgresql/*/bin/postgres --version")
        found = re.search(r"\d+(\.\d+)?", version.out)
        return found[0] if found else "?"

    def certificate(self) -> str:
        """Return the running server's certificate, which is its own authority."""
        return self._podman.run("exec", self.name, "cat", f"{DIRECTORY}/data/server.crt").out
