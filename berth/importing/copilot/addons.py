"""Addons: CloudFormation templates beside a workload or an environment. The program has a room for the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from berth.errors import ConfigError
from berth.importing.table import Left, Remark

DATABASES: Final = ("AWS::RDS::DBCluster", "AWS::RDS::DBInstance")
_EXISTING: Final = "it stays as long as Copilot's stack does: name it in environment, and give the right by grants: "
_WAYS: Final[Mapping[str, str]] = {
    "AWS::S3::Bucket": "[{actions: [s3:GetObject, s3:PutObject], resources: [arn:aws:s3:::the-bucket/*]}]",
    "AWS::DynamoDB::Table": "[{actions: [dynamodb:GetItem, dynamodb:PutItem, dynamodb:Query], "
    "resources: [arn:aws:dynamodb:…:table/the-table]}]",
    "AWS::SQS::Queue": "[{actions: [sqs:SendMessage, sqs:ReceiveMessage, sqs:DeleteMessage], "
    "resources: [arn:aws:sqs:…]}]",
    "AWS::SNS::Topic": "[{actions: [sns:Publish], resources: [arn:aws:sns:…]}]",
}
_PART_OF_IT: Final = ("AWS::RDS::", "AWS::EC2::SecurityGroup", "AWS::SecretsManager::")
"""Types that a database's template has beside it."""
_POLICY: Final = Left(
    "Rights follow from what a service uses.", "grants: [{actions: […], resources: […]}] for what is left"
)


class _Template(yaml.SafeLoader):
    """Reads CloudFormation's own tags as what they hold."""


def _tagged(loader: Any, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


_Template.add_multi_constructor("!", _tagged)


def resources(file: Path) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Return a template's resources: their types and properties, by name.

    Raises:
        ConfigError: it is no YAML.
    """
    try:
        tree = yaml.load(file.read_text(), Loader=_Template)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not YAML: {error}") from error
    found = tree.get("Resources") if isinstance(tree, Mapping) else None
    return {
        str(name): (str(one.get("Type")), one.get("Properties") or {})
        for name, one in (found.items() if isinstance(found, Mapping) else ())
        if isinstance(one, Mapping)
    }


def has_postgres(found: Mapping[str, tuple[str, Mapping[str, Any]]]) -> bool:
    """Say whether a template makes a PostgreSQL of RDS or Aurora."""
    return any(kind in DATABASES and "postgres" in str(properties.get("Engine")) for kind, properties in found.values())


def remarks(file: str, found: Mapping[str, tuple[str, Mapping[str, Any]]], whose: str) -> Iterator[Remark]:
    """Yield what is to be said of each resource of a template.

    Args:
        file: its name.
        found: its resources.
        whose: the service that it belongs to, or ``the services``.
    """
    postgres = has_postgres(found)
    for name, (kind, properties) in found.items():
        key = f"Resources.{name}"
        if kind in DATABASES and "postgres" in str(properties.get("Engine")):
            yield Remark(
                file,
                key,
                kind,
                "changed",
                f"`uses: [database]` of {whose}: a new, empty PostgreSQL of RDS, told by the variables DATABASE_HOST, "
                "DATABASE_PORT, DATABASE_NAME, DATABASE_USER and DATABASE_PASSWORD in place of the addon's secret. "
                "Move the rows by pg_dump and psql.",
            )
        elif kind in DATABASES:
            yield Remark(file, key, kind, "left", "The program's database is PostgreSQL.", _EXISTING + "[…]")
        elif postgres and kind.startswith(_PART_OF_IT):
            continue  # the room brings its own
        elif kind.startswith("AWS::IAM::"):
            yield Remark(file, key, kind, "left", _POLICY.why, _POLICY.instead)
        else:
            way = _WAYS.get(kind, "[{actions: […], resources: […]}]")
            yield Remark(file, key, kind, "left", f"The program has no room for {kind} yet.", _EXISTING + way)
