"""Declares the resources of `resources.json`, with an output of a resource that is not there yet where it says so."""

import json
from pathlib import Path
from typing import Any

import pulumi
import pulumi_random

UNKNOWN = {"$unknown": "plain"}
SECRET = {"$unknown": "secret"}


def planted(value: Any, later: pulumi.Output[str]) -> Any:
    """Return a value with outputs in the places of the marks."""
    if value == UNKNOWN:
        return later
    if value == SECRET:
        return pulumi.Output.secret(later)
    if isinstance(value, dict):
        if "$json" in value:
            return pulumi.Output.json_dumps(planted(value["$json"], later))
        return {key: planted(member, later) for key, member in value.items()}
    if isinstance(value, list):
        return [planted(member, later) for member in value]
    return value


def main() -> None:
    """Declare everything."""
    later = pulumi_random.RandomPet("later").id
    for one in json.loads(Path("resources.json").read_text()):
        pulumi.CustomResource(one["type"], one["name"], planted(one["inputs"], later))


main()
