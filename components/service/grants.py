"""``berth:service.grants``: rights on AWS beside those of what a service uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Final

from components.config.keys import Key, Model, Rule, each, matching


def _grant_problems(actions: Sequence[str]) -> Iterator[str]:
    if not actions:
        yield "None given, at least 1 needed."
    for action in actions:
        if not re.fullmatch(r"[a-z0-9-]+:[A-Za-z0-9]+", action):
            yield f'"{action}" is no action of IAM by its whole name.'


grant_actions: Final = Rule(
    "a list of IAM actions, service:Action, each by its whole name, without a wildcard", _grant_problems
)
grant_resources: Final = each(
    matching(
        r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d*:[^\s*]+\*?",
        "the ARN of a resource; * may stand at its end only, for what lies in it, e.g. arn:aws:s3:::shop-media/*",
        "is no such ARN",
    ),
    fewest=1,
)


class GrantSettings(Model):
    """One of ``berth:service.grants``."""

    actions: Annotated[list[str], Key("Actions of IAM.", grant_actions, ["s3:GetObject", "s3:PutObject"])]
    resources: Annotated[
        list[str], Key("ARNs that they are granted on.", grant_resources, ["arn:aws:s3:::shop-media/*"])
    ]
