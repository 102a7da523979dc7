"""The cases of the rules on Lambda functions."""

from __future__ import annotations

from dataclasses import replace

from policy.rules.values import UNKNOWN

from ..support import Inputs, Planned
from ..table import Cases

FUNCTION = "aws:lambda/function:Function"
ATTACHMENT = "aws:lb/targetGroupAttachment:TargetGroupAttachment"
GROUP_ARN = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/shop-12345678/0123456789abcdef"
FUNCTION_ARN = "arn:aws:lambda:eu-central-1:123456789012:function:shop"
function = Planned(FUNCTION, {"packageType": "Image", "imageUri": "example/app:1"}, name="shop")
group = Planned("aws:lb/targetGroup:TargetGroup", {"targetType": "lambda"}, name="group")
alias = Planned("aws:lambda/alias:Alias", {"name": "live"}, name="alias")


def run_by(*entry_points: str, commands: tuple[str, ...] = ()) -> Planned:
    """Return a function with words of its own."""
    words = {"entryPoints": list(entry_points), "commands": list(commands)}
    return replace(function, inputs={**function.inputs, "imageConfig": words})


def permission(principal: str = "elasticloadbalancing.amazonaws.com", **inputs: object) -> Planned:
    """Return a permission to call a function."""
    given: Inputs = {"action": "lambda:InvokeFunction", "function": "shop", "principal": principal, **inputs}
    return Planned("aws:lambda/permission:Permission", given)


def made_of(key: str, planned: Planned, *others: Planned) -> Planned:
    """Return a resource with an input that is not known yet, and made of these resources' outputs."""
    inputs = {**planned.inputs, key: UNKNOWN}
    return replace(planned, inputs=inputs, property_dependencies={key: [one.urn for one in others]}, beside=others)


attachment = Planned(ATTACHMENT, {"targetGroupArn": GROUP_ARN, "targetId": f"{FUNCTION_ARN}:live"})

FUNCTIONS: dict[str, Cases] = {
    "aws-lambda-non-root": Cases(
        good=[
            function,
            run_by("/opt/berth/start", "serve", commands=("python", "-m", "shop")),
            Planned("aws-native:lambda:Function", {"packageType": "Image", "imageConfig": {"command": ["shop"]}}),
        ],
        bad=[
            run_by("/usr/bin/sudo", "-E", "shop"),
            run_by("sh", "-c", "exec su-exec root shop"),
            run_by("/opt/berth/start", "serve", commands=("gosu", "0", "shop")),
            Planned(
                "aws-native:lambda:Function",
                {"packageType": "Image", "imageConfig": {"entryPoint": ["setpriv", "shop"]}},
            ),
            replace(
                function, inputs={**function.inputs, "imageConfig": {"entryPoints": ["shop", "--", "(sudo shop)"]}}
            ),
        ],
        foreign=[Planned(FUNCTION, {"runtime": "python3.13"})],
    ),
    "aws-lambda-callers": Cases(
        good=[
            permission(sourceArn=GROUP_ARN),
            made_of("sourceArn", permission(), group),
            permission("s3.amazonaws.com", sourceArn="arn:aws:s3:::media", sourceAccount="123456789012"),
            permission("123456789012"),
            permission("*", principalOrgId="o-1234567890"),
        ],
        bad=[
            permission("*"),
            permission(),
            permission(sourceArn="arn:aws:s3:::media"),
            made_of("sourceArn", permission(), function),
            permission("s3.amazonaws.com"),
        ],
    ),
    "aws-lambda-by-alias": Cases(
        good=[
            attachment,
            made_of("targetId", attachment, alias),
        ],
        bad=[
            replace(attachment, inputs={**attachment.inputs, "targetId": FUNCTION_ARN}),
            made_of("targetId", attachment, function),
        ],
        foreign=[Planned(ATTACHMENT, {"targetId": "i-0123456789abcdef0"})],
    ),
}
