"""A small client of the API server: JSON over HTTPS, with the status and the warnings that kubectl hides."""

from __future__ import annotations

import http.client
import json
import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import addresses
from .machine import ClusterError

TIMEOUT = 30.0

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What the API server says."""

    status: int
    body: Any
    """Parsed JSON, or text where it is none."""
    warnings: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """The server's own words about a failure."""
        return str(self.body.get("message", self.body)) if isinstance(self.body, dict) else str(self.body)


class Api:
    """The API server, as its administrator."""

    def __init__(self, pki: Path) -> None:
        """Read the certificates."""
        self._context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        self._context.load_cert_chain(pki / "admin.crt", pki / "admin.key")

    def ask(self, method: str, path: str, body: Object | None = None, query: str = "") -> Answer:
        """Send one request.

        Args:
            method: HTTP method; ``PATCH`` sends a merge patch.
            path: E.g. ``/api/v1/namespaces``.
            body: Sent as JSON.
            query: E.g. ``dryRun=All``.

        Raises:
            OSError: Nothing answers.
        """
        connection = http.client.HTTPSConnection(
            addresses.NODE, addresses.API_PORT, timeout=TIMEOUT, context=self._context
        )
        try:
            kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
            connection.request(
                method,
                f"{path}?{query}" if query else path,
                json.dumps(body).encode() if body is not None else None,
                {"Content-Type": kind, "Accept": "application/json"},
            )
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
            found = [warning_text(value) for value in answer.headers.get_all("Warning") or []]
        finally:
            connection.close()
        try:
            return Answer(answer.status, json.loads(text), tuple(found))
        except ValueError:
            return Answer(answer.status, text, tuple(found))

    def do(self, method: str, path: str, body: Object | None = None, query: str = "") -> Any:
        """Send one request that must succeed, and return what comes back.

        Raises:
            ClusterError: It did not.
        """
        answer = self.ask(method, path, body, query)
        if answer.status >= 300:
            raise ClusterError(f"{method} {path} answered {answer.status}: {answer.message}")
        return answer.body

    def get(self, path: str, query: str = "") -> Any:
        """Read an object or a list."""
        return self.do("GET", path, query=query)

    def create(self, manifest: Object, query: str = "") -> Any:
        """Create an object."""
        return self.do("POST", collection(manifest), manifest, query)

    def items(self, path: str, query: str = "") -> list[Any]:
        """Read a list's objects."""
        found: list[Any] = self.get(path, query)["items"]
        return found


PLURALS = {"NetworkPolicy": "networkpolicies"}
GLOBAL = frozenset({"Namespace", "Node"})


def collection(manifest: Object) -> str:
    """Return the path that objects of this kind are created at."""
    version, kind, metadata = manifest["apiVersion"], manifest["kind"], manifest["metadata"]
    top = f"/apis/{version}" if "/" in version else f"/api/{version}"
    inside = "" if kind in GLOBAL else f"/namespaces/{metadata['namespace']}"
    return f"{top}{inside}/{PLURALS.get(kind, kind.lower() + 's')}"


def warning_text(header: str) -> str:
    """Return the text of a ``Warning`` header: ``299 - "..."``."""
    found = re.fullmatch(r'\d{3} \S+ "(.*)"', header.strip())
    return found[1].replace('\\"', '"').replace("\\\\", "\\") if found else header


def wait_for(what: str, ready: Callable[[], bool], seconds: float, explain: Callable[[], str] = lambda: "") -> None:
    """Wait until something is so.

    Args:
        what: For the message.
        ready: Asked again and again; an answer that does not come counts as no.
        seconds: How long.
        explain: What to say about it when the time is up.

    Raises:
        ClusterError: It is not so in time.
    """
    deadline = time.monotonic() + seconds
    problem = ""
    while time.monotonic() < deadline:
        try:
            if ready():
                return
        except (OSError, http.client.HTTPException) as error:
            problem = f" ({error})"
        time.sleep(0.2)
    raise ClusterError(f"{what}: not within {seconds:g} s{problem} {explain()}".rstrip())
