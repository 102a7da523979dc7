"""The resources of a CloudFormation template, as far as they can be read without CloudFormation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from . import strict_yaml
from .values import Field, Malformed, Secret, Unreadable

_WRITE: Final = "a template whose containers are plain data, or the definitions as resources of the program"
_TRANSFORMS: Final = (
    "AWS::LanguageExtensions",
    "AWS::Serverless-2016-10-31",
    "AWS::SecretsManager-",
    "AWS::CodeDeployBlueGreen",
)
"""What rewrites a template without making containers of its own; any other macro may do anything."""
_NESTED: Final = ("awsqs::kubernetes::", "::module")
"""Parts of types that install what no rule sees."""


class Intrinsic:
    """What CloudFormation puts in when it makes the stack; a rule that needs it can only reject it."""


def resources(field: Field) -> Iterator[tuple[str, Field] | Unreadable]:
    """Yield the type and the properties of each resource of a template, or why one cannot be read.

    Raises:
        Unreadable: The whole template cannot be.
    """
    template = field.once("template", lambda: field.changed(lambda value: _evaluated(_parsed(value, field.path))))
    macros = template.at("Transform")
    for macro in macros.items() if isinstance(macros.peek(), list) else [macros]:
        if macro.exists() and not (macro.is_text() and (macro.text() or "").startswith(_TRANSFORMS)):
            raise Malformed(macro.path, "a macro that may rewrite the template", _WRITE)
    for _, one in template.at("Resources").entries():
        try:
            kind = one.at("Type").text() or ""
            if any(part in kind.casefold() for part in _NESTED):
                raise Malformed(one.path, "what is only known when CloudFormation makes it", _WRITE)
            yield kind, one.at("Properties")
        except Unreadable as error:
            yield error


def _evaluated(value: Any) -> Any:
    """Put a mark in the place of whatever CloudFormation evaluates."""
    if isinstance(value, Secret):
        return Secret(_evaluated(value.value))
    if isinstance(value, list):
        return [_evaluated(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value == {"Ref": "AWS::NoValue"}:
        return None
    if any(key == "Ref" or str(key).startswith("Fn::") for key in value):
        # Of a section's loops, `Fn::ForEach::Name`, the rest of the section can be read.
        loops = {key: Intrinsic() for key in value if str(key).startswith("Fn::ForEach::")}
        if not loops or len(loops) < sum(str(key).startswith("Fn::") for key in value):
            return Intrinsic()
        return {key: loops.get(key) or _evaluated(member) for key, member in value.items()}
    return {str(key): _evaluated(member) for key, member in value.items()}


def _parsed(text: Any, path: str) -> Any:
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text, object_pairs_hook=lambda pairs: _unique(pairs, path))
    except (ValueError, RecursionError):
        pass
    import yaml

    try:
        return yaml.load(text, _loader())
    except (yaml.YAMLError, ValueError, RecursionError, TypeError):
        raise Malformed(path, "a template that cannot be read, or has a key twice", _WRITE) from None


def _unique(pairs: list[tuple[str, Any]], path: str) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise Malformed(path, "a template with a key twice in one object", "each key once")
    return dict(pairs)


@cache
def _loader() -> Any:
    # CloudFormation knows no merge.
    class Loader(strict_yaml.loader(merges=False)):  # type: ignore[misc]
        pass

    def short(loader: Any, suffix: str, node: Any) -> Any:
        return {"Ref": node.value} if suffix == "Ref" else {f"Fn::{suffix}": None}

    Loader.add_multi_constructor("!", short)
    return Loader
