"""Quotes and variables in a Dockerfile's words, as BuildKit reads them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

Lookup = Callable[[str], str | None]
"""A variable's value; None when it is not set."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]|[@*#?$!-]")


class Unresolvable(Exception):
    """The text cannot be resolved without building the image."""


def split(text: str, escape: str) -> list[str]:
    """Split at blanks outside of quotes; quotes and escapes stay in the words."""
    words: list[str] = []
    word, quote, position = "", "", 0
    while position < len(text):
        char = text[position]
        if char == escape and quote != "'" and position + 1 < len(text):
            word += text[position : position + 2]
            position += 2
            continue
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char.isspace():
            if word:
                words.append(word)
            word, position = "", position + 1
            continue
        word += char
        position += 1
    return [*words, word] if word else words


def expand(word: str, lookup: Lookup, escape: str) -> str:
    """Remove quotes and put values in; raise Unresolvable for a variable that has none."""
    return _Reader(word, lookup, escape).read("")


class _Reader:
    """Reads one word from left to right."""

    def __init__(self, word: str, lookup: Lookup, escape: str) -> None:
        self.word, self.lookup, self.escape = word, lookup, escape
        self.position = 0

    def read(self, end: str) -> str:
        """Read up to the character ``end``, or to the end of the word."""
        result = ""
        while self.position < len(self.word):
            char = self.word[self.position]
            if end and char == end:
                return result
            if char == "'":
                result += self.single_quoted()
            elif char == '"':
                result += self.double_quoted()
            elif char == "$":
                result += self.variable()
            elif char == self.escape:
                result += self.word[self.position + 1 : self.position + 2]
                self.position += 2
            else:
                result += char
                self.position += 1
        if end:
            raise Unresolvable("a brace that is not closed")
        return result

    def single_quoted(self) -> str:
        end = self.word.find("'", self.position + 1)
        if end < 0:
            raise Unresolvable("a quote that is not closed")
        text, self.position = self.word[self.position + 1 : end], end + 1
        return text

    def double_quoted(self) -> str:
        self.position += 1
        result = ""
        while self.position < len(self.word):
            char = self.word[self.position]
            following = self.word[self.position + 1 : self.position + 2]
            if char == '"':
                self.position += 1
                return result
            if char == "$":
                result += self.variable()
            elif char == self.escape and following and following in f'"${self.escape}':
                result += following
                self.position += 2
            else:
                result += char
                self.position += 1
        raise Unresolvable("a quote that is not closed")

    def variable(self) -> str:
        self.position += 1
        if self.word[self.position : self.position + 1] != "{":
            match = _NAME.match(self.word, self.position)
            if match is None:
                return "$"
            self.position = match.end()
            return self.value(match[0])
        match = _NAME.match(self.word, self.position + 1)
        if match is None:
            raise Unresolvable("a variable without a name")
        self.position = match.end()
        return self.modified(match[0])

    def modified(self, name: str) -> str:
        """Read what follows the name in ``${name...}``."""
        rest = self.word[self.position :]
        if rest.startswith("}"):
            self.position += 1
            return self.value(name)
        operator = rest[:2] if rest.startswith(":") else rest[:1]
        if operator not in (":-", "-", ":+", "+", ":?", "?"):
            raise Unresolvable(f"${{{name}}} with a modifier that only a build can apply")
        self.position += len(operator)
        value = self.lookup(name)
        is_set = value is not None if len(operator) == 1 else bool(value)
        # The alternative counts only if it is used, so that what it cannot resolve does no harm unused.
        start = self.position
        try:
            alternative: str | None = self.read("}")
        except Unresolvable:
            self.position = self.closing(start)
            alternative = None
        self.position += 1
        if operator.endswith("+"):
            chosen = alternative if is_set else ""
        elif is_set:
            chosen = value
        else:
            chosen = alternative if operator.endswith("-") else None
        if chosen is None:
            raise Unresolvable(f"the variable {name}, which has no value in this file")
        return chosen

    def closing(self, start: int) -> int:
        """Return where the brace opened before ``start`` closes."""
        depth = 1
        for position in range(start, len(self.word)):
            depth += {"{": 1, "}": -1}.get(self.word[position], 0)
            if depth == 0:
                return position
        raise Unresolvable("a brace that is not closed")

    def value(self, name: str) -> str:
        value = self.lookup(name)
        if value is None:
            raise Unresolvable(f"the variable {name}, which has no value in this file")
        return value
