"""What can go wrong before there is a Plan; each error's text is all a user needs to read."""

from __future__ import annotations


class BerthError(Exception):
    """Ends a command; its text is printed without a traceback."""

    exit_code: int = 2
    """2 where there is no Plan to judge; 1 says that there was one and it was found wanting."""


class ConfigError(BerthError):
    """The project, the stack's name or the stack's config cannot be used."""


class ProgramError(BerthError):
    """The Pulumi program failed; the cause is kept as ``__cause__``."""


class UnsupportedError(BerthError):
    """The program asked for something that only a cloud or the engine can answer."""
