"""From the engine's config to models: every key and every value judged, whatever else is wrong."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Generic, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from components.config.errors import ABSENT, MASK, Default, Elsewhere, Problem, masked
from components.config.keys import Int, Key, either, nearest
from components.config.namespaces import PROVIDERS, is_unknown, meant

NAMESPACE: Final = "berth"
"""Namespace of the project's own keys."""
REGION_KEY: Final = "aws:region"
"""The one key of another namespace that the program reads."""

# Where a required key is missing or wrong, the others are judged with these in its place.
_STAND_INS: Final = {"region": "us-east-1"}

M = TypeVar("M", bound=BaseModel)


def _model_among(kinds: Iterable[Any]) -> type[BaseModel] | None:
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def nested_model(field: FieldInfo) -> type[BaseModel] | None:
    """Return the model that a field holds, itself or None; None for other fields."""
    is_many = get_origin(field.annotation) in (dict, list)
    return None if is_many else _model_among((field.annotation, *get_args(field.annotation)))


def named_model(field: FieldInfo) -> type[BaseModel] | None:
    """Return the model of which a field holds several, each under a name of the user's; None for other fields."""
    return member_model(field) if get_origin(field.annotation) is dict else None


def member_model(field: FieldInfo) -> type[BaseModel] | None:
    """Return the model of which a field holds several, in a list or each under a name; None for other fields."""
    return _model_among(get_args(field.annotation)) if get_origin(field.annotation) in (dict, list) else None


def key_of(field: FieldInfo) -> Key:
    """Return what is said about a field."""
    return next((item for item in field.metadata if isinstance(item, Key)), Key(""))


@cache
def fields_of(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """Return a model's fields that are keys of the stack file, by their name there."""
    fields = model.model_fields.items()
    return MappingProxyType({field.alias or name: field for name, field in fields if key_of(field).about})


def find_field(model: type[BaseModel], path: str) -> FieldInfo | None:
    """Return the field at a dotted path such as ``network.existing.vpcId`` or ``services.shop.cpu``."""
    first, _, rest = path.partition(".")
    field = fields_of(model).get(first)
    if field and named_model(field):  # the name belongs to the field
        rest = rest.partition(".")[2]
    if field is None or not rest:
        return field
    inner = nested_model(field) or named_model(field)
    return find_field(inner, rest) if inner else None


def all_paths(model: type[BaseModel], prefix: str = "") -> list[str]:
    """Return the dotted paths of all keys, outer before inner."""
    paths = []
    for name, field in fields_of(model).items():
        paths.append(prefix + name)
        if inner := nested_model(field):
            paths += all_paths(inner, f"{prefix}{name}.")
    return paths


def stack_file_key(path: str) -> str:
    """Return a path as the stack file spells it, e.g. ``berth:service.cpu``."""
    return REGION_KEY if path == "region" else f"{NAMESPACE}:{path}"


def choices(field: FieldInfo) -> list[str]:
    """Return the values of a field that has but a few."""
    if get_origin(field.annotation) is Literal:
        return list(get_args(field.annotation))
    return (
        ["true", "false"] if field.annotation is bool else list(getattr(field.annotation, "__members__", {}).values())
    )


def allowed_text(field: FieldInfo) -> str:
    """Return in words what a field may hold."""
    if rule := key_of(field).rule:
        return rule.allowed
    if inner := nested_model(field):
        return f"an object of {', '.join(fields_of(inner))}"
    if inner := named_model(field):
        return f"names, each to an object of {', '.join(fields_of(inner))}"
    if inner := member_model(field):
        return f"a list of objects, each of {', '.join(fields_of(inner))}"
    return either(choices(field))


def type_text(field: FieldInfo) -> str:
    """Return in words what kind of value a field holds."""
    if nested_model(field):
        return "object"
    kinds = [get_origin(kind) or kind for kind in (field.annotation, *get_args(field.annotation))]
    members = member_model(field)
    if dict in kinds:
        return "object of objects" if members else "object of integers" if Int in kinds else "object of text"
    if list in kinds:
        return "list of objects" if members else "list of text"
    return "integer" if int in kinds or Int in get_args(field.annotation) else "boolean" if bool in kinds else "text"


def example_of(field: FieldInfo) -> Any:
    """Return a value that a field may hold; of an object without an example its first key's."""
    example, inner = key_of(field).example, nested_model(field)
    if example is None and inner:
        name, first = next(iter(fields_of(inner).items()))
        return {name: example_of(first)}
    return example


def value_at(tree: Any, path: str) -> Any:
    """Return what stands at a dotted path, or ``ABSENT``."""
    for name in path.split("."):
        if not isinstance(tree, Mapping) or name not in tree:
            return ABSENT
        tree = tree[name]
    return tree


class Reading(Generic[M]):
    """One config on its way to a model: what was given, and which keys cannot be relied on."""

    def __init__(
        self, model: type[M], config: Mapping[str, Any], secret_keys: Collection[str] = (), **constants: Any
    ) -> None:
        """Sort the config's keys in.

        Args:
            model: what it becomes.
            config: full keys to values, as the engine hands them.
            secret_keys: full keys whose values must not be shown.
            constants: fields of the model that are no keys.
        """
        self.model = model
        self.broken: set[str] = set()
        """Dotted paths of keys with a problem; what else is judged must not depend on them."""
        self.problems: list[Problem] = []
        self._secret_keys = frozenset(secret_keys)
        self._constants = constants
        self.given: dict[str, Any] = {}
        """What was given, by dotted path, objects and all."""
        self.others: dict[str, Any] = {}
        """What was given under other namespaces, by full key."""
        for key in sorted(config):
            self._take(key, config[key])
        self._drop_unknown(self.given, model, "")

    def read(self) -> tuple[M, list[Problem]]:
        """Return the model and all that is wrong so far; a wrong key has its default in the model."""
        data = copy.deepcopy(self.given)
        found: dict[str, list[str]] = {}
        while True:
            try:
                model = self.model.model_validate({**data, **self._constants})
                break
            except ValidationError as error:
                causes = [(*self._cause(one["loc"]), one["type"], one["msg"]) for one in error.errors()]
                # Note all before anything is taken out: one error's cause may hold another's.
                for names, inside, kind, message in causes:
                    path = ".".join(names)
                    field = find_field(self.model, path)
                    assert field, f"{path!r} is no key, but pydantic refused it: {message}"
                    found.setdefault(path, []).append(_sentence(kind, message, field, value_at(data, path), inside))
                # An element goes once, whatever is wrong with it, and the last ones first: their places are numbers.
                wrong = {(*names, *inside[:1]): (names, inside, kind) for names, inside, kind, _ in reversed(causes)}
                for names, inside, kind in wrong.values():
                    self._take_out(data, names, inside, kind)
        self.problems += [self.problem(path, "\n".join(sentences)) for path, sentences in found.items()]
        return model, self.problems

    def is_broken(self, path: str) -> bool:
        """Say whether a key, a part of it or what it is part of has a problem."""
        return any(f"{path}.".startswith(f"{other}.") or f"{other}.".startswith(f"{path}.") for other in self.broken)

    def in_order(self, problems: Iterable[Problem]) -> list[Problem]:
        """Return the problems in the order of the reference, first those that have no key in it."""
        order = {stack_file_key(path): place for place, path in enumerate(all_paths(self.model))}

        def place(problem: Problem) -> int:
            key = problem.key
            while key not in order and "." in key:  # what lies under a user's name
                key = key.rpartition(".")[0]
            return order.get(key, -1)

        return sorted(problems, key=place)

    def problem(self, path: str, problem: str, *, allowed: str = "", example: Any = None, given: Any = None) -> Problem:
        """Describe a problem with a key.

        Args:
            path: dotted path, e.g. ``service.cpu``.
            problem: what is wrong, in a sentence.
            allowed: what may stand there; by default what the key allows.
            example: a value for ``path``; by default the key's own, ``ABSENT`` if the key has to go.
            given: what the settings hold there, in case the stack file says nothing.
        """
        field = find_field(self.model, path)
        assert field, f"{path!r} is no key"
        stands_there = value_at(self.given, path)
        given = stands_there if stands_there is not ABSENT or given is None else Default(given)
        if (
            secret := self._is_secret(stack_file_key(path)) and stands_there is not ABSENT
        ):  # the other texts may quote what was given
            problem, allowed = "It is not what is allowed here; more would tell the secret.", ""
            example = example if example is ABSENT else None
        return Problem(
            key=stack_file_key(path),
            given=given,
            problem=problem,
            allowed=allowed or allowed_text(field),
            example=example_of(field) if example is None else example,
            secret=secret,
        )

    def _take(self, key: str, value: Any) -> None:
        """Sort one key of the config in; keys of other programs pass."""
        namespace, colon, name = key.partition(":")
        if not colon:
            self._unknown(key, value, f'"{key}" has no namespace.', near=nearest(key, fields_of(self.model)))
        elif key == REGION_KEY:
            self.given["region"] = value or None
        elif namespace != NAMESPACE:
            self.others[key] = value
            self._foreign(key, value)
        elif name == "region":
            self._unknown(key, value, "The region belongs to AWS's namespace.", near="region")
        else:
            decoded = self._decoded(name, value)
            known = name in fields_of(self.model)
            if known and _is_deep(decoded):
                self._refuse(name, value, "It is nested deeper than anything that may stand here.")
            elif known and not _is_text(decoded):
                self._refuse(name, value, "It holds half a character (a lone surrogate), which no text may.")
            else:  # the engine hands a key with nothing behind it on as an empty text
                self.given[name] = None if decoded == "" else decoded

    def _foreign(self, key: str, value: Any) -> None:
        """Report a key of another namespace that a provider would pass over, or that was meant for another one."""
        namespace, _, name = key.partition(":")
        found = meant(namespace, name, NAMESPACE, fields_of(self.model))
        if not is_unknown(namespace, name) and (namespace in PROVIDERS or found is None):
            return
        problem = f'Nothing in this project reads the namespace "{namespace}".'
        if namespace in PROVIDERS:
            problem = f'The provider "{namespace}" has no such key, and would pass over it.'
        secret = self._is_secret(key)
        if not found:
            allowed = either(f"{namespace}:{one}" for one in PROVIDERS[namespace])
            self.problems.append(Problem(key, value, problem, allowed, ABSENT, secret=secret))
        elif found[0] == NAMESPACE or ":".join(found) == REGION_KEY:
            self._unknown(key, value, problem, near=found[1])
        else:
            target = ":".join(found)
            example = Elsewhere(target, MASK if secret else masked(value, found[1]))
            problem += f" Did you mean {target}?"
            self.problems.append(Problem(key, value, problem, target, example, secret=secret))

    def _refuse(self, name: str, value: Any, problem: str) -> None:
        """Report an outermost key whose value cannot even be taken apart."""
        self.broken.add(name)
        self.given[name] = value if isinstance(value, str) else "..."
        self.problems.append(self.problem(name, problem))
        del self.given[name]

    def _is_secret(self, key: str) -> bool:
        """Say whether the engine holds the value, or the object it lies in, as a secret."""
        return key.split(".")[0] in self._secret_keys or key in self._secret_keys

    def _decoded(self, name: str, value: Any) -> Any:
        """Return an object or a list from its JSON; everything else as it is."""
        field = fields_of(self.model).get(name)
        if not field or not type_text(field).startswith(("object", "list")) or not isinstance(value, str):
            return value
        try:
            return json.loads(value, object_pairs_hook=lambda pairs: self._unique(name, value, pairs))
        except (ValueError, RecursionError):
            return value  # neither: reported with the rest

    def _unique(self, name: str, text: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Return an object of JSON, which would take the last of two equal keys in silence."""
        for key, count in Counter(key for key, _ in pairs).items():
            if count > 1:
                self._refuse(name, text, f'"{key}" stands there {count} times, and only one of them could count.')
        return dict(pairs)

    def _drop_unknown(self, tree: dict[str, Any], model: type[BaseModel], prefix: str) -> None:
        """Report and forget keys that the model does not have, here and further in."""
        known = fields_of(model)
        for name in list(tree):
            path = prefix + name
            if name not in known:
                near = self._meant(name, known, prefix)
                self._unknown(stack_file_key(path), tree.pop(name), "There is no such key.", near, known)
            elif isinstance(tree[name], Mapping):
                tree[name] = dict(tree[name])
                if inner := nested_model(known[name]):
                    self._drop_unknown(tree[name], inner, f"{path}.")
                elif inner := named_model(known[name]):
                    for item in [item for item, value in tree[name].items() if isinstance(value, Mapping)]:
                        tree[name][item] = dict(tree[name][item])
                        self._drop_unknown(tree[name][item], inner, f"{path}.{item}.")

    def _meant(self, name: str, known: Mapping[str, FieldInfo], prefix: str) -> str | None:
        """Return the path that an unknown key was probably meant to be: beside it, or anywhere else."""
        paths = all_paths(self.model)
        if name in paths:  # berth:service.cpu in one word
            return name
        if close := next((key for key in known if key.startswith(f"{name}-")), None) or nearest(name, known):
            return prefix + close
        return next((path for path in paths if path.rpartition(".")[2] == name), None)

    def _unknown(self, key: str, value: Any, problem: str, near: str | None, known: Iterable[str] = ()) -> None:
        names = [name for name in known or fields_of(self.model) if name != "region"]
        allowed = f"keys named {either(names)}"
        example: Any = ABSENT
        if near and (field := find_field(self.model, near)):
            target = stack_file_key(near)
            problem = f"{problem} Did you mean {target}?"
            allowed, example = f"{target}: {allowed_text(field)}", Elsewhere(target, example_of(field))
        self.problems.append(Problem(key, value, problem, allowed, example, secret=self._is_secret(key)))

    def _cause(self, loc: tuple[int | str, ...]) -> tuple[list[str], tuple[int | str, ...]]:
        """Split an error's location into the key and the place inside its value: an index, a variable's name."""
        names: list[str] = []
        for part in loc:
            if not isinstance(part, str) or find_field(self.model, ".".join([*names, part])) is None:
                break
            names.append(part)
        return names, loc[len(names) :]

    def _take_out(self, data: dict[str, Any], names: list[str], inside: tuple[int | str, ...], kind: str) -> None:
        """Take what is wrong out of the data, and no more, so that the rest is judged in the next round."""
        self.broken.add(".".join(names))
        value = value_at(data, ".".join(names))
        if inside and isinstance(inside[0], int) and isinstance(value, list):
            del value[inside[0]]
        elif inside and isinstance(value, dict):
            value.pop(inside[0], None)
        elif kind == "missing" and len(names) > 1:  # an object without a required key is as good as not there
            self._take_out(data, names[:-1], (), "")
        else:
            parent = value_at(data, ".".join(names[:-1])) if len(names) > 1 else data
            if isinstance(parent, dict):
                parent.pop(names[-1], None)
                if len(names) == 1 and names[0] in _STAND_INS:
                    parent[names[0]] = _STAND_INS[names[0]]


def _is_deep(value: Any, most: int = 50) -> bool:
    """Return whether objects and lists are nested deeper than any key allows."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return most == 0 or any(_is_deep(one, most - 1) for one in inner)


def _is_text(value: Any) -> bool:
    """Return whether all text of a value can be encoded: JSON can write half a character."""
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return False
    return True


def _sentence(kind: str, message: str, field: FieldInfo, value: Any, inside: tuple[int | str, ...]) -> str:
    """Return what pydantic found, in plain words."""
    place = "".join(f"element {part + 1}: " if isinstance(part, int) else f"{part}: " for part in inside[:1])
    if kind == "rule":
        return message
    if kind == "missing" and inside:
        return f"{place}{inside[-1]} is missing."
    if kind == "missing":
        return "It is missing, and there is no default."
    if value is None:
        return key_of(field).nothing or "There is nothing behind the key."
    if kind in {"literal_error", "enum"}:
        close = nearest(str(value), choices(field))
        return f"{json.dumps(value, default=str)} is not one of them" + (f"; did you mean {close}?" if close else ".")
    words = {
        **dict.fromkeys(("int_type", "int_parsing", "int_parsing_size", "int_from_float"), "a whole number"),
        **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
        **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "an object"),
        "string_type": "text; put it in quotes",
        "list_type": "a list",
    }
    return f"{place}This is not {words[kind]}." if kind in words else f"{place}{message}."
