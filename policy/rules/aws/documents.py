"""IAM and resource policies: JSON documents of statements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ..folding import parsed, spellings
from ..values import Field, Malformed

_ANY_ACTION: Final = re.compile(r"[*?]*\*[*?]*(:[*?]*\*[*?]*)?")
_ANY_OF_A_SERVICE: Final = re.compile(r"[a-z0-9-]+:\*+", re.IGNORECASE)
_ANY_RESOURCE: Final = re.compile(r"\*+|arn:\*+|arn:[^:]+:\*[*:/]*")

_SPELLINGS: Final = spellings(
    ("Statement", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition")
)


@dataclass(frozen=True)
class Statement:
    """One statement of a policy."""

    field: Field

    def at(self, *keys: str) -> Field:
        """Return an element of the statement."""
        return self.field.at(*keys)

    def allows(self) -> bool:
        """Tell whether it grants anything; a statement without a known effect does not say, which is malformed."""
        effect = self.at("Effect")
        if effect.text() not in ("Allow", "Deny"):
            raise effect.malformed('"Allow" or "Deny"')
        return effect.text() == "Allow"

    def any_action(self) -> Field | None:
        """Return the place that stands for every action there is, or for every action but some."""
        if self.at("NotAction").exists():
            return self.at("NotAction")
        return next((place for place, text in one_or_more(self.at("Action")) if _ANY_ACTION.fullmatch(text)), None)

    def all_of_a_service(self) -> Iterator[Field]:
        """Yield the places that stand for every action of one service, such as ``s3:*``."""
        for place, text in one_or_more(self.at("Action")):
            if _ANY_OF_A_SERVICE.fullmatch(text):
                yield place

    def any_resource(self) -> bool:
        """Tell whether it is about every resource there is, or every resource but some."""
        if self.at("NotResource").exists():
            return True
        return any(_ANY_RESOURCE.fullmatch(text) for _, text in one_or_more(self.at("Resource")))

    def anyone(self) -> Field | None:
        """Return the place that names everybody, or everybody but some, as who the statement is about."""
        if self.at("NotPrincipal").exists():
            return self.at("NotPrincipal")
        principal = self.at("Principal")
        named = [principal] if principal.is_text() else [one for _, one in principal.entries()]
        return next((place for one in named for place, text in one_or_more(one) if text == "*"), None)

    def actions(self) -> list[str]:
        """Return the actions it names, in lower case, as IAM does not mind."""
        return [text.lower() for _, text in one_or_more(self.at("Action"))]

    def resources(self) -> list[str]:
        """Return the resources it names."""
        return [text for _, text in one_or_more(self.at("Resource"))]

    def conditions(self) -> Iterator[tuple[str, str, Field]]:
        """Yield each condition's operator and key, both in lower case, and its value."""
        for operator, keys in self.at("Condition").entries():
            for key, value in keys.entries():
                yield operator.lower(), key.lower(), value


def statements(document: Field) -> list[Statement]:
    """Return the statements of a policy, given as JSON or as an object; none when there is no policy."""
    if document.exists() and document.is_text():
        document = document.parsed(lambda text: _parse(text, document.path))
    listed = several(document.at("Statement"))
    if not listed and document.exists():
        raise document.at("Statement").malformed("at least one statement")
    return [Statement(one) for one in listed]


def several(field: Field) -> list[Field]:
    """Return the elements of what may be one thing or a list of them; none when it is absent."""
    try:
        return field.items()
    except Malformed:
        return [field]


def one_or_more(field: Field) -> Iterator[tuple[Field, str]]:
    """Yield the texts of an element that may be one text or a list of them."""
    for one in several(field):
        text = one.text()
        if text is None:
            raise one.malformed("a string")
        yield one, text


def compared(field: Field) -> Iterator[str]:
    """Yield what a condition compares with, as text: IAM takes ``false`` and ``"false"`` for the same."""
    for one in several(field):
        try:
            yield one.text() or ""
        except Malformed:
            yield str(one.boolean()).lower()


def _parse(text: str, path: str) -> object:
    # In doubt a misspelt element is read, not passed over: a policy that AWS takes is never judged as empty.
    value = parsed(text, path, "a policy as JSON", _SPELLINGS)
    if not isinstance(value, dict):
        raise Malformed(path, "not a JSON object", "a policy as JSON")
    return value
