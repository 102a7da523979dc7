"""The sample record: posted to the service, read back, and compared key for key, type for type, digit for digit."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from berth.rehearse.errors import RehearsalError

TIMEOUT = 15.0
POST_PATH = "/rest/records"
READ_PATH = "/rest/read/json/latest/"


class Number(str):
    """A JSON number as it is written, so that 0.0 is not 0 and no digit is lost."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Show it as it is written."""
        return str(self)


def parse(text: str) -> Any:
    """Read JSON with every number kept as it is written.

    Raises:
        ValueError: It is no JSON, or holds one key twice.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) != len(pairs):
            raise ValueError("a key stands there twice")
        return dict(pairs)

    return json.loads(text, parse_float=Number, parse_int=Number, parse_constant=Number, object_pairs_hook=unique)


def differences(sent: Any, read: Any, path: str = "") -> list[str]:
    """Return where two parsed documents differ, one line each; order of keys does not count."""
    if isinstance(sent, dict) and isinstance(read, dict):
        found = [f"{_join(path, key)} is missing, {_show(sent[key])} was sent" for key in sent if key not in read]
        found += [f"{_join(path, key)} is {_show(read[key])} and was not sent" for key in read if key not in sent]
        for key in sent:
            if key in read:
                found += differences(sent[key], read[key], _join(path, key))
        return found
    if isinstance(sent, list) and isinstance(read, list) and len(sent) == len(read):
        pairs = enumerate(zip(sent, read, strict=True))
        return [line for index, (one, other) in pairs for line in differences(one, other, f"{path}[{index}]")]
    # The types first: True equals 1, and a Number equals the string of its digits.
    if type(sent) is type(read) and sent == read:
        return []
    return [f"{path or 'the document'} was sent as {_show(sent)} and read back as {_show(read)}"]


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _show(value: Any) -> str:
    return str(value) if isinstance(value, Number) else json.dumps(value)


class _Unredirected(urllib.request.HTTPRedirectHandler):
    """Goes nowhere else: a load balancer that asks for a target's health does not follow."""

    def redirect_request(self, *arguments: Any) -> None:
        return None


def request(url: str, body: bytes | None = None, timeout: float = TIMEOUT, host: str | None = None) -> tuple[int, str]:
    """Ask the service, past any proxy of this machine; return status and text, a redirection's own as well.

    Raises:
        OSError: Nothing answers.
    """
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Unredirected)
    headers = {"Content-Type": "application/json"} if body else {}
    message = urllib.request.Request(url, data=body, headers=headers | ({"Host": host} if host else {}))
    try:
        with opener.open(message, timeout=timeout) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(errors="replace")


def load(path: Path) -> tuple[bytes, dict[str, Any]]:
    """Read the sample record.

    Raises:
        RehearsalError: It cannot be read, or has no ``userId`` to read it back by.
    """
    try:
        body = path.read_bytes()
        document = parse(body.decode())
    except (OSError, ValueError) as error:
        raise RehearsalError(f"the sample record {path} cannot be used: {error}") from None
    if not isinstance(document, dict) or not isinstance(document.get("userId"), Number):
        raise RehearsalError(f"the sample record {path} has no numeric userId, by which it is read back")
    return body, document


def post_and_read(url: str, path: Path, host: str | None = None) -> list[str]:
    """Post the sample record and read it back.

    Args:
        url: The service's address.
        path: The sample record.
        host: The service's own host name, by which a proxy knows it.

    Returns:
        What differs; empty when it came back as it was sent.

    Raises:
        RehearsalError: The record cannot be used.
    """
    body, document = load(path)
    try:
        status, text = request(url + POST_PATH, body, host=host)
        if status != 201:
            return [f"POST {POST_PATH} answered {status}, not 201: {text[:300]}"]
        read_path = f"{READ_PATH}{document['userId']}"
        status, text = request(url + read_path, host=host)
        if status != 200:
            return [f"GET {read_path} answered {status}, not 200: {text[:300]}"]
        return differences(document, parse(text))
    except OSError as error:
        return [f"the service does not answer: {error}"]
    except ValueError as error:
        return [f"GET {READ_PATH} did not answer with JSON: {error}"]
