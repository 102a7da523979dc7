"""A PostgreSQL outside the cluster: on this machine, TLS and password only, reached by pods over the node's link."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Mapping

from berth.plan import Plan
from berth.rehearse import postgres
from berth.rehearse.images import Images
from berth.rehearse.local import database_for
from berth.rehearse.podman import Podman, shortened

from .node import addresses
from .node.api import wait_for
from .node.janitor import DATABASE, DATABASE_SECRETS


@contextlib.contextmanager
def running(podman: Podman, images: Images, plan: Plan, declared: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Run the database for as long as the block lasts.

    Args:
        podman: Runs it.
        images: Provides its image.
        plan: Says which version.
        declared: The bindings' values that the Plan knows.

    Yields:
        The bindings' values.
    """
    database = database_for(declared, declared, secrets.token_urlsafe(16), secrets.token_urlsafe(16))
    port = database.port
    image = postgres.image(images, postgres.planned_version(plan))
    variables = ("ADMIN_PASSWORD", "SETUP")
    contents = (database.admin_password, postgres.setup_sql(database))
    for secret, content in zip(DATABASE_SECRETS, contents, strict=True):
        podman.run("secret", "create", secret, "-", stdin=content)
    handed = [
        f"--secret={secret},type=env,target={variable}"
        for secret, variable in zip(DATABASE_SECRETS, variables, strict=True)
    ]
    confined = ("--user=postgres", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges")
    podman.run(
        *("run", "--detach", f"--name={DATABASE}", "--network=host", "--pull=never", *confined),
        f"--tmpfs={postgres.DIRECTORY}:rw,mode=1777,size=512m",
        *("--tmpfs=/tmp:rw,mode=1777,size=64m", "--no-healthcheck", "--image-volume=ignore"),
        *(f"--env=PORT={port}", *(f"--env={name}={addresses.HOST}" for name in ("LISTEN", "ADDRESS")), *handed),
        *("--entrypoint=", image, "sh", "-c", postgres.SCRIPT),
    )
    ask = f'exec "$(echo /usr/lib/postgresql/*/bin)"/pg_isready -q -h {addresses.HOST} -p {port}'

    def log() -> str:
        output = podman.attempt("logs", "--tail=15", DATABASE)
        return shortened((output.out + output.err).splitlines(), 15)

    try:
        wait_for("PostgreSQL answers", lambda: podman.attempt("exec", DATABASE, "sh", "-c", ask).status == 0, 60, log)
        yield {**database.values(), "DATABASE_HOST": addresses.HOST}
    finally:
        podman.attempt("rm", "--force", "--time=0", "--volumes", DATABASE)
        for secret in DATABASE_SECRETS:
            podman.attempt("secret", "rm", secret)
