"""What a resource type takes and gives, read from the Python SDK that the program itself uses."""

import builtins
import importlib
import inspect
import keyword
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pulumi
from pulumi import _types


@dataclass(frozen=True)
class Declared:
    """One output property: its type without `Optional`, and whether the SDK calls it optional."""

    type_: Any
    optional: bool


@dataclass(frozen=True)
class Schema:
    """The inputs and outputs of one resource type, by their names on the wire."""

    inputs: frozenset[str]
    outputs: Mapping[str, Declared]

    @property
    def computed(self) -> frozenset[str]:
        """Outputs that can never be given as an input."""
        return frozenset(self.outputs) - self.inputs


EMPTY = Schema(frozenset(), {})


@cache
def schema_of(token: str) -> Schema:
    """Return the schema of a type token such as `aws:ec2/vpc:Vpc`: empty where no SDK has a class for it."""
    cls = _resource_class(token)
    if cls is None:
        return EMPTY
    wire_names = _types.resource_py_to_pulumi_names(cls)
    parameters = inspect.signature(getattr(cls, "_internal_init", cls.__init__)).parameters
    inputs = frozenset(wire_names.get(name, name) for name in parameters if not name.startswith("_"))
    outputs = {}
    for python_name, wire_name in wire_names.items():
        getter = getattr(cls, python_name)
        hint = typing.get_type_hints(getter.fget, vars(importlib.import_module(cls.__module__)))["return"]
        outputs[wire_name] = _declared(typing.get_args(hint)[0])
    return Schema(inputs - {"resourceName", "opts"}, outputs)


@cache
def members_of(output_type: type) -> Mapping[str, Any]:
    """Return the fields of a nested output type by wire name.

    The SDKs call nested fields optional although a provider that computes the object fills them: none is left out.
    """
    wire_names = {python: wire for wire, python in _types._pulumi_to_py_names_from_py_properties(output_type).items()}
    members = {}
    for python_name, wire_name in wire_names.items():
        getter = getattr(output_type, python_name)
        hint = typing.get_type_hints(getter.fget, vars(importlib.import_module(output_type.__module__)))["return"]
        members[wire_name] = _declared(hint).type_
    return members


def is_nested(type_: Any) -> bool:
    """Tell whether a type is one of the SDK's nested output types."""
    return inspect.isclass(type_) and _types.is_output_type(type_)


def element_of(type_: Any) -> Any | None:
    """Return the element type of a sequence type, or None where it is no sequence."""
    return typing.get_args(type_)[0] if typing.get_origin(type_) in (Sequence, list) else None


def is_mapping(type_: Any) -> bool:
    """Tell whether a type is a map."""
    return typing.get_origin(type_) in (Mapping, dict) or type_ is builtins.dict


def _declared(hint: Any) -> Declared:
    members = typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)
    known = [member for member in members if member is not type(None)]
    return Declared(known[0], len(known) < len(members))


def _resource_class(token: str) -> type[pulumi.Resource] | None:
    package, module, name = token.split(":")
    if package == "kubernetes":
        # An object's outputs are the object itself: there is nothing to look up, and the SDK is slow to import.
        return None
    folder = module.split("/", maxsplit=1)[0]
    path = f"pulumi_{package}" if folder == "index" else f"pulumi_{package}.{folder}"
    if keyword.iskeyword(folder):
        path += "_"
    try:
        found: object = getattr(importlib.import_module(path), name, None)
    except ModuleNotFoundError:
        return None
    return found if inspect.isclass(found) and issubclass(found, pulumi.Resource) else None
