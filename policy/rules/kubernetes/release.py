"""What a Helm release installs, where its chart is a local one that can be rendered here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .. import strict_yaml
from ..rule import Resource
from ..values import Field, Secret, Unreadable

RELEASE: Final = "kubernetes:helm.sh/v3:Release"

_WRITE: Final = "a local chart and known values, or the rendered objects as resources of the program"

# What makes Helm install something else than the chart and these values say.
_ELSEWHERE: Final = {
    "postrender": "a command that rewrites what the chart renders",
    "valueYamlFiles": "files of values, which are not read here",
    "reuseValues": "the values of an earlier release",
}


class NotRendered(Unreadable):
    """What the release installs cannot be told."""

    def __init__(self, place: Field, why: str) -> None:
        super().__init__(place.path, why, _WRITE)


@dataclass(frozen=True)
class Rendered:
    """One object that a release installs."""

    type: str
    """The token of the same object as a resource of its own."""
    field: Field
    """The object; its path begins with kind and name."""


def rendered(resource: Resource) -> list[Rendered]:
    """Render a release as an installation and as an upgrade, and return every object of either.

    Raises:
        Unreadable: It cannot be rendered, or not without guessing.
    """
    inputs = resource.inputs
    for key, why in _ELSEWHERE.items():
        if _says_something(inputs.at(key)):
            raise NotRendered(inputs.at(key), why)
    chart = inputs.at("chart")
    if _says_something(inputs.at("repositoryOpts", "repo")):
        raise NotRendered(chart, "a chart of a repository, which no rule sees")
    paths = _charts(resource, chart)
    values = inputs.at("values").plain()
    if _holds_asset(values):
        raise NotRendered(inputs.at("values"), "values with files among them, which are not read here")
    name, namespace = inputs.at("name").text() or resource.name, inputs.at("namespace").text() or "default"
    objects = [one for path in paths for one in _objects(path, chart, values, name, namespace)]
    secret = inputs.at("values").holds_secret()
    return [_named(one, index if secret else None, resource) for index, one in enumerate(objects)]


def _says_something(field: Field) -> bool:
    return field.exists() and field.plain() not in (False, "", [], {})


def _holds_asset(value: Any) -> bool:
    """Tell whether a file stands for a value somewhere: what reads it is the provider, in its own way."""
    if isinstance(value, dict):
        inner = next(iter(value.values()), None)
        is_asset = len(value) == 1 and next(iter(value)) in ("asset", "archive") and isinstance(inner, dict)
        return is_asset or any(_holds_asset(member) for member in value.values())
    return isinstance(value, list) and any(_holds_asset(item) for item in value)


def _charts(resource: Resource, chart: Field) -> list[Path]:
    text = chart.text() or ""
    found = {(root / text).resolve() for root in resource.roots if text and (root / text).exists()}
    if not found:
        raise NotRendered(chart, f"{chart.shown()}, which is no local chart")
    return sorted(found)


def _objects(path: Path, chart: Field, values: Any, name: str, namespace: str) -> Iterator[dict[str, Any]]:
    try:
        # Neither is needed by who has no release, and Helm is a library of its own.
        import helm_python as helm
        import yaml
    except ImportError:
        raise NotRendered(chart, "not rendered, as helm-python-sdk is not installed beside the policies") from None
    try:
        with helm.Chart.load(path) as loaded:
            _assert_complete(loaded, chart)
            for installs in (True, False):
                manifests = loaded.render(
                    values or {}, name=name, namespace=namespace, is_install=installs, is_upgrade=not installs
                )
                for file in sorted(manifests):
                    if not file.endswith("/NOTES.txt"):
                        yield from _flat(_documents(yaml, manifests[file], chart), chart)
    except (helm.HelmError, yaml.YAMLError) as error:
        # The error's text may quote a value.
        raise NotRendered(chart, f"a chart that cannot be rendered ({type(error).__name__})") from None


def _documents(yaml: Any, text: str, chart: Field) -> list[Any]:
    # Helm begins a document at any line of this kind, YAML only where a blank follows.
    if re.search(r"^---[^\s]", text, re.MULTILINE):
        raise NotRendered(chart, "a chart with a line that begins with --- and says more, which is read in two ways")
    return list(yaml.load_all(text, strict_yaml.loader(merges=True)))


def _assert_complete(loaded: Any, chart: Field) -> None:
    there = {one.get("name") for one in loaded.dependencies}
    missing = sorted({one["name"] for one in loaded.metadata.get("dependencies") or []} - there)
    if missing:
        raise NotRendered(chart, f"a chart without its parts {', '.join(missing)}")


def _flat(documents: list[Any], chart: Field) -> Iterator[dict[str, Any]]:
    for one in documents:
        if one is None:
            continue
        if not isinstance(one, dict) or not isinstance(one.get("kind"), str):
            raise NotRendered(chart, "a chart that renders something that is no object")
        if one["kind"] == "List":
            yield from _flat(list(one.get("items") or []), chart)
        else:
            yield one


def _named(one: dict[str, Any], index: int | None, resource: Resource) -> Rendered:
    """Make fields of an object; with an index, of one that may show a secret, even in its name."""
    version, kind, metadata = str(one.get("apiVersion")), one["kind"], one.get("metadata")
    group = version if "/" in version else f"core/{version}"
    name = metadata.get("name") if isinstance(metadata, dict) else None
    key = f"{kind}/{name}" if index is None else f"{kind}[{index}]"
    raw = one if index is None else Secret(one)
    return Rendered(f"kubernetes:{group}:{kind}", Field(raw, key=key, trace=resource.inputs.trace))
