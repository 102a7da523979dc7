"""Rules of what several parts of a service's config say: commands, images, ports, paths and names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from components.config.keys import Rule, between, matching

http_path: Final = matching(
    r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*",
    "a URL path that begins with /, without a query, at most 1024 characters",
    "is no URL path; it begins with / and has no spaces and no query",
    longest=1024,
)

port_number: Final = between(1024, 65535, "(a process that is not root can bind none below 1024)")


def _command_problems(words: Sequence[str]) -> Iterator[str]:
    if not words:
        yield "The list is empty; leave the key out, or write null for no command."
    elif words[0] in {"CMD", "CMD-SHELL"}:
        yield f"{words[0]} is ECS's notation; give the program and its arguments only."
    if any(not word.strip() for word in words):
        yield "A word of the command is empty."


words: Final = Rule(
    "a list: the program and its arguments, as exec takes them; no shell splits them", _command_problems
)


def _image_problems(value: str) -> Iterator[str]:
    match = re.fullmatch(r"[a-z0-9][a-z0-9._:/-]*?(?:(?<!/):(\w[\w.-]{0,127}))?(@sha256:[0-9a-f]{64})?", value)
    if not match:
        yield f'"{value}" is no image reference.'
    elif not match[2] and match[1] in {None, "latest"}:
        yield "Without a tag of its own, or a digest, the same reference is another image tomorrow."


image_reference: Final = Rule("an image reference with a tag other than latest, or with a digest", _image_problems)


path_prefix: Final = matching(
    r"(/[A-Za-z0-9_.~@:+$-]+){1,8}",
    "a URL path of 1 to 8 parts, without a slash at its end and without wildcards, at most 126 characters",
    "is no such path",
    longest=126,  # a listener rule's pattern has 128 characters, two of them for what lies below the path
)
host_name: Final = matching(
    r"(?=.{1,128}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
    "a host name in lower case, without a wildcard",
    "is no host name in lower case, or has a wildcard",
)
