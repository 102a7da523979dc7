"""What a machine's user data writes and runs: cloud-init's formats, taken apart. Pure.

Source: cloud-init's documentation, "User data formats". Text in none of them is a script.
"""

from __future__ import annotations

import base64
import binascii
import email
import email.message
import shlex
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from ..strict_yaml import loader
from ..values import Field, Malformed

_MOST_BYTES: Final = 4 * 1024 * 1024
"""Of unpacked text; EC2 takes 16 KiB of user data."""


@dataclass(frozen=True)
class Text:
    """A file that is written, or a script that is run."""

    path: str
    """Where it is written; empty for a script."""
    content: str


def texts(field: Field) -> list[Text]:
    """Return what a machine's user data holds, as its start will have it.

    Raises:
        Unreadable: it is not known, or in a form that only cloud-init knows.
    """
    return list(_parts(decoded(field), field))


def decoded(field: Field) -> str:
    """Return user data as cloud-init reads it, empty where there is none.

    Raises:
        Unreadable: it is not known, or does not unpack.
    """
    given = field.text()
    if not given:
        return ""
    data = given.encode()
    with suppress(binascii.Error, ValueError):  # else as it stands: of another cloud, or encoded by the provider
        data = base64.b64decode(given, validate=True)
    return _unpacked(data, field)


def _unpacked(data: bytes, field: Field) -> str:
    if data[:2] == b"\x1f\x8b":
        try:
            unpacking = zlib.decompressobj(wbits=31)
            data = unpacking.decompress(data, _MOST_BYTES)
        except zlib.error:
            raise _unreadable(field) from None
        if unpacking.unconsumed_tail:
            raise _unreadable(field)
    return data.decode(errors="replace")


def _unreadable(field: Field) -> Malformed:
    return Malformed(field.path, "user data that cannot be read", "a script, or cloud-config in YAML")


def _parts(text: str, field: Field) -> Iterator[Text]:
    head = text.lstrip().lower()
    if head.startswith(("content-type: multipart", "mime-version:")):
        for part in email.message_from_string(text.lstrip()).walk():
            payload = None if part.is_multipart() else part.get_payload(decode=True)
            if isinstance(payload, bytes):
                yield from _parts(_typed(_unpacked(payload, field), part), field)
    elif head.startswith("#cloud-config"):
        yield from _cloud_config(text, field)
    elif head.startswith(("#include", "#part-handler")):
        raise _unreadable(field)
    else:
        yield Text("", text)


def _typed(text: str, part: email.message.Message) -> str:
    """Return a part with the first line that says what it is, which it need not have beside its type."""
    is_config = part.get_content_type() == "text/cloud-config" and not text.lstrip().startswith("#")
    return f"#cloud-config\n{text}" if is_config else text


def _cloud_config(text: str, field: Field) -> Iterator[Text]:
    import yaml

    try:
        config = yaml.load(text, loader(merges=True))
    except (yaml.YAMLError, ValueError):
        raise _unreadable(field) from None
    if isinstance(config, list):  # an archive of parts
        for part in config:
            content = part.get("content") if isinstance(part, dict) else part
            yield from _parts(str(content), field)
        return
    if not isinstance(config, dict):
        return
    for file in config.pop("write_files", None) or ():
        if isinstance(file, dict):
            yield Text(str(file.get("path")), _content(file, field))
    for value in config.values():
        yield from (Text("", line) for line in _commands(value))


def _content(file: dict[str, Any], field: Field) -> str:
    content, encoding = file.get("content") or "", str(file.get("encoding") or "").lower()
    if file.get("source"):
        raise _unreadable(field)
    data = content if isinstance(content, bytes) else str(content).encode(errors="surrogatepass")
    if "b64" in encoding or "base64" in encoding:
        try:
            data = base64.b64decode(data)
        except (binascii.Error, ValueError):
            raise _unreadable(field) from None
    return _unpacked(data, field)


def _commands(value: Any) -> Iterator[str]:
    """Yield what may be commands, wherever they stand: a list of words is one."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _commands(inner)
    elif isinstance(value, list):
        if value and all(isinstance(word, str | int | float) for word in value):
            yield shlex.join(map(str, value))
        for inner in value:
            yield from _commands(inner)
