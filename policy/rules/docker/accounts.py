"""Whether a build may give uid 0 to the user that its image starts as.

A name means what the image's /etc/passwd says; a number is a uid to every runtime. What a base image has there is
trusted. What RUN, COPY and ADD do to it is followed only where it is plain; all else leaves a doubt, and a doubt asks
for a number. A program may do anything, so that one which hides it is not found out.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

from .dockerfile import BLANKS, Instruction
from .lex import Values, evaluated

_TOOL: Final = re.compile(r"useradd|adduser|usermod")
_FILES: Final = re.compile(r"passwd|sysusers|newusers|vipw|login\.defs|adduser\.conf|default/useradd|extrausers")
_HARMLESS: Final = re.compile(r"\b(chpasswd|getent passwd [\w-]+|passwd -[dl] [\w-]+)(?!\S)")
_LINE: Final = re.compile(r":[^:\s]*:[+-]?0+:")
"""A line of /etc/passwd for uid 0."""
_ZERO: Final = re.compile(r"(--?[A-Za-z-]*=?)?[+-]?(0[xX]?0*|[0-9]{10,})")
_GROUP: Final = re.compile(r"(?<!\S)(-[gG]|--gid|--groups?|--ingroup)[ =]?\S+")
_OPTION: Final = re.compile(r"-[A-Za-z]*[KRP]|--(k|ro|pr|conf|first|lo)|.*[$*?[]")
"""An option of useradd, adduser or usermod that chooses other uids or files, or a word that is not known."""
_HIDDEN: Final = re.compile(r"\beval\b|base64|\bxxd\b|\\x[0-9A-Fa-f]|\\0?[0-7]{2}|\bxargs\b.*user")
_TO_SHELL: Final = re.compile(r"\|\s*(sudo\s+)?(/\S*/)?(ba|da|a|z|k)?sh\b")
_SCRIPT: Final = re.compile(r"(\.{1,2}|\w[\w.-]*)/|.*\.sh$|.*[$*?]|.+\[")
"""A command that is the build's own, or whose name is not known."""
_GLOB: Final = re.compile(r"[^/]*[^*/][*?[]|[*?[]+[^*/]")
_SHELLS: Final = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", ".", "source"})
_WRAPPERS: Final = frozenset(
    {"if", "then", "else", "elif", "do", "while", "until", "!", "exec", "sudo", "env", "command"}
)
_COPIERS: Final = frozenset({"cp", "mv", "ln", "install", "rsync", "tar", "bsdtar", "unzip", "cpio"})
_ROOTS: Final = re.compile(r"(-C|--directory=)?/+(etc)?[/.]*")
_VARIABLE: Final = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")


def doubtful(user: str, steps: Iterable[tuple[Instruction, Values]]) -> Instruction | None:
    """Return the instruction that may give the user uid 0; None where there is none, or the user is a number."""
    if user.strip().lstrip("+-")[:1].isdigit():
        return None
    workdir = "unknown"
    for one, values in steps:
        if one.keyword == "workdir":
            workdir = _path(workdir, one.rest, values)
        elif _run(one, values) if one.keyword == "run" else _copy(one, values, workdir):
            return one
    return None


def _text(one: Instruction, values: Values) -> str:
    def value(match: re.Match[str]) -> str:
        known = values.get(match[1] or match[2])
        return known if isinstance(known, str) else match[0]

    words = one.exec_form()
    # The closing word of a here-document is none of its command.
    rest = re.sub(r"[0-9]*<<-?\s*\S+", "", one.rest) if one.heredocs else one.rest
    return _VARIABLE.sub(
        value, "\n".join([rest if words is None else " ".join(words), *(body for body, _ in one.heredocs)])
    )


def _run(one: Instruction, values: Values) -> bool:
    text = _text(one, values)
    plain = _HARMLESS.sub("", re.sub(r"[\"'\\]", "", text))
    if (
        _FILES.search(plain)
        or _LINE.search(plain)
        or _HIDDEN.search(text)
        or (_TO_SHELL.search(plain) and not one.heredocs)
    ):
        return True
    commands = [part.split() for part in re.split(r"[;&|\n(){}`]+", plain)]
    understood = 0
    for words in commands:
        while words and (words[0] in _WRAPPERS or re.match(r"\w+=", words[0])):
            words = words[1:]
        if words and _command(words):
            return True
        for index, word in enumerate(words):
            if _TOOL.fullmatch(posixpath.basename(word)):
                understood += 1
                if _unsafe(posixpath.basename(word), words[index + 1 :]):
                    return True
    return understood != len(_TOOL.findall(plain))


def _command(words: list[str]) -> bool:
    """Tell whether it runs what is not to be seen here, or may replace /etc/passwd."""
    name = posixpath.basename(words[0])
    return bool(
        _SCRIPT.match(words[0])
        or (name in _SHELLS and words[1:] and words[1][0] not in "-<")
        or (name in _COPIERS and any(map(_ROOTS.fullmatch, words)))
        or (name in ("cd", "pushd") and words[1:] and words[1].startswith("/etc"))
        or any(_GLOB.match(base) and fnmatchcase("passwd", base) for base in map(posixpath.basename, words))
    )


def _unsafe(tool: str, options: list[str]) -> bool:
    rest = _GROUP.sub("", " ".join(options)).split()
    rename = tool == "usermod" and any(re.match(r"-[A-Za-z]*l", word) for word in rest)
    return rename or any(_ZERO.fullmatch(word) or _OPTION.match(word) for word in rest)


def _copy(one: Instruction, values: Values, workdir: str) -> bool:
    *sources, to = one.exec_form() or BLANKS.split(one.rest)
    path = _path(workdir, to, values)
    if _FILES.search(one.rest) or "$" in path:
        return True
    return path in ("/", "/etc") and any(map(_may_hold_accounts, sources))


def _may_hold_accounts(source: str) -> bool:
    """Tell whether this may be a folder or an archive: a file's name has a suffix."""
    suffix = posixpath.splitext(source)[1]
    return len(suffix) < 2 or suffix in (".tar", ".tgz", ".gz", ".xz", ".bz2", ".zst")


def _path(workdir: str, written: str, values: Values) -> str:
    path = evaluated(written, values, "\\")
    return "$" if isinstance(path, Exception) else re.sub("/+", "/", posixpath.normpath(posixpath.join(workdir, path)))
