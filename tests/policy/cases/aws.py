"""What the cases of the rules on AWS resources are made of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from policy.rules.values import UNKNOWN

from ..support import Inputs, Planned, edited

INSTANCE = "aws:ec2/instance:Instance"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
WORLDS = ("0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "1.2.3.4/0", "2000::/3", " 0.0.0.0/0 ")


def referring(token: str, key: str, to: Planned, **more: Any) -> Planned:
    """Return a resource whose input ``key`` is an output of another resource, and is unknown for that."""
    return Planned(token, {key: UNKNOWN, **more}, name="other", property_dependencies={key: [to.urn]})


def variations(good: Planned, edits: Mapping[str, Iterable[Any]]) -> list[Planned]:
    """Return copies of a resource with one place edited in each: by its path, all that shall stand there."""
    return [
        replace(good, inputs=edited(good.inputs, path, value)) for path, values in edits.items() for value in values
    ]


def policy(*statements: Inputs) -> Inputs:
    """Return a policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(**more: Any) -> Inputs:
    """Return a statement that allows what is named."""
    return {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::it/*"], **more}


def either_spelling(token: str, *documents: Inputs) -> list[Planned]:
    """Return resources with each policy as an object, and as the JSON that AWS takes."""
    return [Planned(token, {"policy": form}) for one in documents for form in (one, json.dumps(one))]
