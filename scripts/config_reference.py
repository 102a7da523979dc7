"""Write the reference of the config from the models: ``docs/configuration.md``, and ``config:`` in ``Pulumi.yaml``.

python scripts/config_reference.py           writes both
python scripts/config_reference.py --check   writes nothing; ends with 1 if one is not up to date
"""

from __future__ import annotations

import itertools
import json
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from components.berths.ecs_fargate.sizes import FARGATE_MEMORY_TEXT  # noqa: E402 - modules lie beside Pulumi.yaml
from components.berths.registry import BERTHS  # noqa: E402
from components.config.checks import described_checks  # noqa: E402
from components.config.errors import yaml_text  # noqa: E402
from components.config.reading import (  # noqa: E402
    all_paths,
    allowed_text,
    example_of,
    fields_of,
    find_field,
    key_of,
    member_model,
    nested_model,
    stack_file_key,
    type_text,
)
from components.settings import SETTINGS, SettingsError, parse  # noqa: E402
from scripts.generated import table, write  # noqa: E402

PROJECT_FILE: Final = ROOT / "Pulumi.yaml"
REFERENCE: Final = ROOT / "docs" / "configuration.md"
MARK: Final = "# From here on written by `python scripts/config_reference.py`.\n"
WIDTH: Final = 116

PREFACE: Final = """\
# Each berth: key is checked by the program (components), which lists everything wrong at once. The engine is told the
# type of the outermost keys only: it would stop at the first value it does not like, and know no ranges. The same
# reference, with examples, is docs/configuration.md. aws:region, of AWS's namespace, is required as well.
config:
  aws:defaultTags:
    value:
      tags:
        project: berth
        managed-by: pulumi
"""


def default_text(field: FieldInfo) -> str:
    """Return a field's default in words."""
    if key_of(field).default:
        return key_of(field).default
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    if nested_model(field):
        return "{}"
    return str(default) if isinstance(default, str) and not default[:1].isdigit() else json.dumps(default)


def described(path: str) -> FieldInfo:
    """Return the field at a path that exists."""
    field = find_field(SETTINGS, path)
    assert field, path
    return field


# --- Pulumi.yaml ---


def project_config() -> str:
    """Return the ``config:`` block of Pulumi.yaml."""
    entries = [
        entry for name, field in fields_of(SETTINGS).items() if name != "region" for entry in _entry(name, field)
    ]
    return PREFACE + "\n".join(entries) + "\n"


def _entry(name: str, field: FieldInfo) -> Iterator[str]:
    inner = nested_model(field)
    kind = {"object": "object", "boolean": "boolean", "list": "array"}.get(type_text(field).split()[0], "string")
    yield f"  {stack_file_key(name)}:"
    yield f"    type: {kind}"
    if kind == "array":
        yield "    items: {type: string}"
    yield "    description: |"
    about = key_of(field).about if inner else f"{key_of(field).about} Allowed: {allowed_text(field)}."
    yield from _wrapped(about, "", "")
    for path in all_paths(inner) if inner else ():
        nested = described(f"{name}.{path}")
        default = "required" if nested.is_required() else f"default: {default_text(nested)}"
        text = f"{path} ({type_text(nested)}; {default}): {key_of(nested).about}"
        if nested_model(nested) is None:
            text += f" Allowed: {allowed_text(nested)}."
        yield from _wrapped(text, "- ", "  ")
    if not field.is_required():
        default = field.get_default(call_default_factory=True)
        yield f"    default: {json.dumps({} if inner else default if default is not None else '')}"


def _wrapped(text: str, first: str, others: str) -> list[str]:
    indent = " " * 6
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent + first, subsequent_indent=indent + others, break_on_hyphens=False
    )


# --- docs/configuration.md ---

INTRODUCTION: Final = """\
# Configuration

<!-- Written by `python scripts/config_reference.py` from the models in components; do not edit. -->

A stack is configured by `Pulumi.<stack>.yaml`, and three lines are enough:

```yaml
config:
  aws:region: us-east-1
  berth:backend: ecs-fargate
```

That is the sample service at one berth. Several services stand at several berths, which share their requests:

```yaml
config:
  aws:region: us-east-1
  berth:berths: {ecs-fargate: 90, eks: 10}
  berth:services:
    shop: {image: "registry.example.com/shop:1.4.2", path: /shop, uses: [database, billing]}
    billing: {image: "registry.example.com/billing:2.0.1", exposure: internal}
```

Keys with a dot lie inside an object. `service.cpu` is

```yaml
config:
  berth:service:
    cpu: 512
```

or `pulumi config set --path 'berth:service.cpu' 512`. A key that is left out has its default. One with nothing behind
it, or `null`, is refused, except where a key can be without a value: `service.healthCommand: null` is no command.

Text stands in quotes where YAML would read something else: `"1.30"`, not `1.30` (which is 1.3), and `"4"` or `"true"`
in `environment`; `pulumi config set` has `--type string` for it. A whole number is written in decimal: `0644` is octal,
and refused. No key stands twice, and none is passed over: a misspelt one is refused, in the namespaces `aws` and
`docker` and beside `config:` as well.
"""

ERRORS: Final = """\
## When something is wrong

All of it is said at once, before anything is planned. This config

```yaml
config:
{config}
```

is answered with

```text
{report}
```
"""

SAMPLE: Final[dict[str, Any]] = {
    "aws:region": "us-east-1",
    "berth:backend": "fargate",
    "berth:service": {"health_path": "/healthz", "port": 80},
    "berth:network": {"cidr": "10.0.0.0/28"},
}


def reference() -> str:
    """Return ``docs/configuration.md``."""
    top = {name: field for name, field in fields_of(SETTINGS).items() if nested_model(field) is None}
    sections = {name: field for name, field in fields_of(SETTINGS).items() if name not in top}
    parts = [INTRODUCTION, "## The stack\n", _table(list(top)), _examples(list(top))]
    for name, field in sections.items():
        inner = nested_model(field)
        assert inner
        paths = [f"{name}.{path}" for path in all_paths(inner)]
        parts += [f"## {stack_file_key(name)}\n", f"{key_of(field).about}\n", _table(paths, f"{name}.")]
        parts.append(_examples([path for path in paths if path.count(".") == 1]))
        parts += [text for path in paths if (model := member_model(described(path))) for text in _members(path, model)]
    parts += [_abilities(), _sizes(), _ranges(), _checks(), _errors()]
    return "\n".join(parts)


def _table(paths: list[str], prefix: str = "") -> str:
    names = {path.removeprefix(prefix) if prefix else stack_file_key(path): described(path) for path in paths}
    return _rows(names)


def _rows(fields: Mapping[str, FieldInfo]) -> str:
    def row(name: str, field: FieldInfo) -> list[str]:
        default = _code(default_text(field), field)
        return [f"`{name}`", type_text(field), default, allowed_text(field), key_of(field).about]

    return table(["key", "type", "default", "allowed", "what it is"], itertools.starmap(row, fields.items()))


def _members(path: str, model: type[BaseModel]) -> list[str]:
    """Return the table of an object of which a key holds several."""
    return [f"### Each of {path}\n", _rows(fields_of(model))]


def _code(default: str, field: FieldInfo) -> str:
    return default if field.is_required() or key_of(field).default else f"`{default}`"


def _examples(paths: list[str]) -> str:
    lines: list[str] = []
    for path in paths:
        text = yaml_text(stack_file_key(path), example_of(described(path))).splitlines()
        # One object for all keys of a section: its name stands before the first only.
        lines += text[1:] if lines and len(text) > 1 and text[0] in lines else text
    return "\n".join(["<details><summary>An example of each</summary>\n", "```yaml", *lines, "```\n", "</details>\n"])


def _sizes() -> str:
    return "## Sizes on ecs-fargate\n\n" + table(["service.cpu", "service.memory, MiB"], FARGATE_MEMORY_TEXT.items())


def _abilities() -> str:
    rows = [
        [
            f"`{berth.name}`",
            berth.title,
            ", ".join(berth.kinds),
            "; ".join(f"`{key}`: {why}" for key, why in berth.without.items()) or "nothing",
            "<br>".join(f"{limit.what}: {limit.instead}" for limit in berth.limits),
        ]
        for berth in BERTHS.values()
    ]
    return "## What each berth can do\n\n" + table(
        [
            "berth",
            "where it is",
            "kinds of service",
            "refuses of a service",
            "what it cannot do: what is done about it",
        ],
        rows,
    )


def _ranges() -> str:
    rows = [
        (berth.name, ", ".join(f"{kept} ({use})" for kept, use in berth.kept_ranges.items()) or "none")
        for berth in BERTHS.values()
    ]
    return "## Ranges that network.cidr must keep clear of\n\n" + table(["berth", "ranges"], rows)


def _checks() -> str:
    rows = [(", ".join(f"`{path}`" for path in paths), text.replace("``", "`")) for paths, text in described_checks()]
    return "## Keys that are checked together\n\n" + table(["keys", "what is checked"], rows)


def _errors() -> str:
    try:
        parse("dev", SAMPLE, ROOT)
    except SettingsError as error:
        # Whether the sample's Dockerfile is there is a matter of the checkout, not of this page.
        problems = [problem for problem in error.problems if "service.context" not in problem.key]
        report = str(SettingsError(error.stack, [p for p in problems if "service.dockerfile" not in p.key]))
    config = "\n".join(yaml_text(key, value) for key, value in SAMPLE.items())
    return ERRORS.format(config=textwrap.indent(config, "  "), report=report)


# --- the command ---


def outputs() -> dict[Path, str]:
    """Return the files that are written, with what they should hold."""
    head, mark, _ = PROJECT_FILE.read_text().partition(MARK)
    if not mark:
        raise SystemExit(f"{PROJECT_FILE.name} has lost its line {MARK.strip()!r}.")
    return {PROJECT_FILE: head + mark + project_config(), REFERENCE: reference()}


def main() -> int:
    """Write or check the files; return the exit status."""
    return write(outputs, ROOT, (__doc__ or "").splitlines()[0])


if __name__ == "__main__":
    sys.exit(main())
