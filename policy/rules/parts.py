"""Rules that look at one place of a resource, or of each of its containers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from .evaluate import each
from .rule import Check, Finding
from .values import Field, Unreadable


@dataclass(frozen=True)
class Part:
    """What a finding is about: a container, or by an empty name a whole resource, task or pod."""

    field: Field
    name: str = ""

    @classmethod
    def named(cls, field: Field, place: str) -> Part:
        """Return a container by its name, or by its place where the name cannot be read."""
        try:
            return cls(field, field.at("name").text() or place)
        except Unreadable:
            return cls(field, place)

    def at(self, *keys: str) -> Field:
        """Return a field of it."""
        return self.field.at(*keys)

    def wrong(self, place: Field, write: str) -> Finding:
        """Say that what stands at ``place`` is wrong."""
        return Finding.at(place, write, container=self.name)


PartCheck = Callable[[Part], Iterable[Finding]]
"""Judges one part by itself; may raise NotApplicable or Unreadable."""


def of_resource(check: PartCheck) -> Check:
    """Make a rule's check of one that looks at the inputs as a whole."""
    return lambda resource, config: check(Part(resource.inputs))


def must_be(wrong: Callable[[Field], object], write: str, *keys: str) -> PartCheck:
    """Make the check of one place: where ``wrong`` says so, ``write`` is what should stand there."""

    def check(part: Part) -> Iterator[Finding]:
        place = part.at(*keys)
        if wrong(place):
            yield part.wrong(place, write)

    return check


def must_be_on(*keys: str, write: str = "true") -> PartCheck:
    """Make the check that one switch is on."""
    return must_be(lambda switch: not switch.boolean(), write, *keys)


def must_be_off(*keys: str, write: str = "false, or leave it out") -> PartCheck:
    """Make the check that one switch is not on."""
    return must_be(Field.boolean, write, *keys)


def must_be_empty(*keys: str, write: str) -> PartCheck:
    """Make the check that a list has no elements."""

    def check(part: Part) -> Iterator[Finding]:
        for item in part.at(*keys).items():
            yield part.wrong(item, write)

    return check


def all_of(*checks: PartCheck) -> PartCheck:
    """Make one check of several; an input that one of them cannot read does not hide what the others find."""
    return lambda part: each(checks, lambda check: check(part), lambda check: part.name)
