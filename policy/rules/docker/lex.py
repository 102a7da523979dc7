"""Quotes and variables in a Dockerfile, read as BuildKit's ``frontend/dockerfile/shell`` does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ..values import Unreadable

SPACE: Final = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""What Go's ``unicode.IsSpace`` takes for a blank, for a class of a regular expression; Python's own set is another."""
SPACES: Final = SPACE.replace("\u2000-\u200a", "".join(map(chr, range(0x2000, 0x200B))))
"""The same for ``str.strip``."""

_TOKEN: Final = re.compile(r"\\.|.", re.DOTALL)
"""Of a pattern."""
_OPENING: Final = re.compile(r"<(<[\t\r ]*)?")
"""Of a here-document, perhaps."""
_SPECIAL: Final = re.compile(r"\d+|[@*#?$!-]|")
"""Names that are no words."""

Values = Mapping[str, "str | Exception"]
"""Variables; an exception stands for a value that cannot be had, and is raised where the answer depends on it."""


class Unresolvable(Exception):
    """Only a build could tell."""


class Refused(Unresolvable):
    """BuildKit does not build such a file."""


def expand(word: str, values: Values, escape: str) -> str:
    """Remove quotes and put values in; raise Unresolvable or Unreadable if a value that counts cannot be had."""
    reader = _Reader(word, values, escape)
    result, _ = reader.read()
    if reader.unknown:
        raise reader.unknown
    return result


def evaluated(word: str, values: Values, escape: str) -> str | Exception:
    """Do as `expand`, but return what it raises: whoever does not need the value is not stopped by it."""
    try:
        return expand(word, values, escape)
    except (Unresolvable, Unreadable) as error:
        return error


def words_as_written(text: str) -> list[str]:
    """Split at blanks outside of quotes and keep quotes, escapes and variables, as here-documents are looked for."""
    return _Reader(text, {}, "\\", raw=True, keep=True).read()[1]


def words_unquoted(text: str) -> list[str]:
    """Split at blanks outside of quotes and drop the quotes; variables stay."""
    return _Reader(text, {}, "\\", keep=True).read()[1]


class _Reader:
    """Reads one text from left to right."""

    def __init__(self, text: str, values: Values, escape: str, *, raw: bool = False, keep: bool = False) -> None:
        # Go's text/scanner skips a byte order mark at the start.
        self.text, self.position = text.removeprefix("\ufeff"), 0
        self.values, self.escape = values, escape
        self.raw_quotes, self.raw_escapes = raw, raw
        self.keep_unset = keep
        self.in_pattern = False
        self.unknown: Exception | None = None
        # One buffer for all levels, as in BuildKit: what an outer level has of a word is lost at a `${X-...}`.
        self.buffer = ""

    def peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def next(self) -> str:
        self.position += 1
        return self.text[self.position - 1 : self.position]

    def take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.position)
        self.position = match.end() if match else self.position
        return match[0] if match else ""

    def read(self, stop: str = "") -> tuple[str, list[str]]:
        """Read up to the character ``stop``, or to the end; return the text and the words that it falls into."""
        result, in_word = "", False
        words: list[str] = []
        self.buffer = ""
        while char := self.peek():
            if char == stop:
                break
            splits = char not in "'\"<"
            if char == "$":
                part = self.variable()
            elif char == "'":
                part = self.single_quoted()
            elif char == '"':
                part = self.double_quoted()
            elif char == "<":
                part = self.take(_OPENING)
            elif self.next() == self.escape:
                part = (self.escape if self.raw_escapes else "") + self.next()
                splits = False
            else:
                part = char
            result += part
            in_word = in_word or not splits
            for one in part:
                if not splits or one not in SPACES:
                    self.buffer += one
                    in_word = True
                elif in_word and self.buffer:
                    words.append(self.buffer)
                    self.buffer, in_word = "", False
        if stop and not self.next():
            raise Refused(f"a {stop} that is missing")
        if self.buffer:
            words.append(self.buffer)
            self.buffer = ""
        return result, words

    def nested(self, stop: str, raw_escapes: bool, pattern: bool = False) -> tuple[str, Exception | None]:
        """Read a part of a ``${...}``: its text, and what of it cannot be had, which matters only if it is used."""
        outside = self.raw_escapes, self.in_pattern, self.unknown
        self.raw_escapes, self.in_pattern, self.unknown = raw_escapes, pattern, None
        text, _ = self.read(stop)
        unknown = self.unknown
        self.raw_escapes, self.in_pattern, self.unknown = outside
        return text, unknown

    def single_quoted(self) -> str:
        end = self.text.find("'", self.position + 1)
        if end < 0:
            raise Refused("a quote that is not closed")
        whole, self.position = self.text[self.position : end + 1], end + 1
        self.escaped_pattern(whole)
        return whole if self.raw_quotes else whole[1:-1]

    def double_quoted(self) -> str:
        opening = self.next()
        quote = result = opening if self.raw_quotes else ""
        while (char := self.peek()) != '"':
            if char == "$":
                result += self.variable()
                continue
            if not self.next():
                raise Refused("a quote that is not closed")
            if char == self.escape:
                self.escaped_pattern(char)
                special = self.peek() in ('"', "$", self.escape)
                if self.raw_escapes and (special or not self.raw_quotes):
                    result += char
                char = self.next() if special else char
            result += char
        self.next()
        return result + quote

    def escaped_pattern(self, text: str) -> None:
        if self.in_pattern and self.escape in text:
            self.unknown = Unresolvable("an escape in a quoted pattern, which each release of BuildKit reads otherwise")

    def name(self) -> str:
        if special := self.take(_SPECIAL):
            return special
        start = self.position
        while self.peek().isalpha() or self.peek().isdecimal() or self.peek() == "_":
            self.next()
        return self.text[start : self.position]

    def value(self, name: str, unset: str) -> tuple[str | None, str | None]:
        """Return a variable's value, and what stands there instead where it cannot be had or has to stay."""
        value = self.values.get(name)
        if isinstance(value, Exception):
            self.unknown = value
            return None, ""
        return value, unset if value is None and self.keep_unset else None

    def plain(self, name: str, unset: str) -> str:
        value, instead = self.value(name, unset)
        return value or instead or ""

    def variable(self) -> str:
        self.next()
        if self.peek() != "{":
            name = self.name()
            return self.plain(name, f"${name}") if name else "$"
        self.next()
        if self.peek() in ("", "{", "}", ":"):
            raise Refused("a `${` without a name")
        name = self.name()
        operator = self.next()
        if operator == "}":
            return self.plain(name, f"${{{name}}}")
        if operator == "/":
            return self.replaced(name)
        colon = ":" if operator == ":" else ""
        operator = self.next() if colon else operator
        if operator not in ({"+", "-", "?"} if colon else {"+", "-", "?", "#", "%"}):
            raise Refused(f"${{{name}}} with a modifier that there is not")
        word, unknown = self.nested("}", operator in "#%", operator in "#%")
        value, instead = self.value(name, f"${{{name}{colon}{operator}{word}}}")
        if instead is not None:
            return instead
        if operator in "#%":
            return self.shorter(value or "", word, operator, unknown)
        is_set = value is not None and not (colon and not value)
        if is_set == (operator == "+"):
            self.unknown = self.unknown or unknown
            if operator == "?":
                raise Refused(f"the variable {name}, which has to be set")
            return word
        return value or ""

    def shorter(self, value: str, pattern: str, operator: str, unknown: Exception | None) -> str:
        """Cut a pattern off the value's start or end: the shortest match, or the longest by a doubled operator."""
        greedy = pattern.startswith(operator)
        tokens = _TOKEN.findall(pattern[greedy:])
        if operator == "%":
            # The shortest match at the end is the first one from there: BuildKit turns both around, and so do we.
            tokens, value = tokens[::-1], value[::-1]
        found = self.compiled(tokens, greedy, unknown).match(value)
        value = value[found.end() :] if found else value
        return value[::-1] if operator == "%" else value

    def replaced(self, name: str) -> str:
        every = self.peek() == "/"
        self.position += every
        pattern, unknown = self.nested("/", True, True)
        replacement, more = self.nested("}", True)
        value, instead = self.value(name, f"${{{name}/{pattern}/{replacement}}}")
        if instead is not None:
            return instead
        if every and "$" in replacement:
            self.unknown = Unresolvable("a replacement that Go takes for a template")
        end = -1

        def put(match: re.Match[str]) -> str:
            # An empty match right after another one counts for Python, and not for Go.
            nonlocal end
            follows, end = not match[0] and match.start() == end, match.end()
            return "" if follows else replacement

        return self.compiled(_TOKEN.findall(pattern), True, unknown or more).sub(put, value or "", int(not every))

    def compiled(self, tokens: list[str], greedy: bool, unknown: Exception | None) -> re.Pattern[str]:
        self.unknown = self.unknown or unknown
        wild = {"*": ".*" if greedy else ".*?", "?": "."}
        if any(token[0] == "\\" and token[1:] not in {"*", "?", "\\", "}", "/"} for token in tokens):
            raise Unresolvable("an escape in a pattern that means nothing there")
        tokens = tokens[1:] if tokens[:1] == ["\ufeff"] else tokens
        return re.compile("".join(wild.get(token) or re.escape(token[-1]) for token in tokens))
