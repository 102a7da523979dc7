"""Rules on Lambda functions: what an image of one is started by, who may call one, and by which version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ..rule import Config, Finding, Level, NotApplicable, Resource, Rule, Severity, Stack, StackRule, controls
from ..values import UnknownInput, texts
from ..workloads import IMAGES_ONLY, known_as

_BECOMES: Final = frozenset(
    {"capsh", "chroot", "doas", "gosu", "nsenter", "runuser", "setpriv", "su", "su-exec", "sudo", "unshare"}
)
"""Programs that start another one as somebody else, or with other rights."""
_WORDS: Final = (("imageConfig", "entryPoints"), ("imageConfig", "entryPoint"), ("imageConfig", "commands"))
"""Places of the words: the AWS provider's names, and AWS Cloud Control's."""
_TARGET_GROUP: Final = re.compile(r"arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:targetgroup/.+")
_UNQUALIFIED: Final = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+")
_GROUPS: Final = frozenset(
    {
        "aws:lb/targetGroup:TargetGroup",
        "aws:alb/targetGroup:TargetGroup",
        "aws-native:elasticloadbalancingv2:TargetGroup",
    }
)
_BALANCER: Final = "elasticloadbalancing.amazonaws.com"
_PERMISSION: Final = "aws:lambda/permission:Permission"
_ATTACHMENTS: Final = frozenset(
    {"aws:lb/targetGroupAttachment:TargetGroupAttachment", "aws:alb/targetGroupAttachment:TargetGroupAttachment"}
)


def becoming(word: str) -> str | None:
    """Return the program in a word, which may be a line for a shell, that starts others as somebody else."""
    named = {part.rpartition("/")[2] for part in re.split(r"[\s;&|()'\"]+", word)}
    return min(named & _BECOMES, default=None)


def _is_function(token: str) -> bool:
    return known_as(token) == IMAGES_ONLY


def _user(function: Resource, config: Config) -> Iterator[Finding]:
    if function.inputs.at("packageType").text() != "Image":
        raise NotApplicable  # AWS's own run time starts the handler
    words = function.inputs.at("imageConfig", "command")
    places = [function.inputs.at(*keys) for keys in _WORDS]
    for place in [*places, *([] if words.is_text() else [words])]:
        for field, text in texts(place):
            if tool := becoming(text):
                yield Finding.at(
                    field, "the service's own program", found=f"{tool}, which starts others as somebody else"
                )


FUNCTION_NON_ROOT = Rule(
    id="aws-lambda-non-root",
    description="A Lambda function's image is started as Lambda's own user, and by nothing that becomes another one. "
    "Lambda heeds no USER: its sandbox runs every image as a user that is not root.",
    remediation='Let "imageConfig" name the program itself, without sudo, su, gosu, setpriv and the like.',
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("CIS Docker: 4.1", "Well-Architected: Security"),
    applies=_is_function,
    check=_user,
)


def _caller(permission: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
    inputs = permission.inputs
    principal = inputs.at("principal")
    name = principal.text() or ""
    if name == "*" and not inputs.at("principalOrgId").exists():
        yield Finding.at(principal, "an account, a role or a service of AWS", found='"*", which is everybody')
    if not name.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return
    source = inputs.at("sourceArn")
    try:
        arn = source.text()
    except UnknownInput:
        arn = None
        made_of = permission.references.get("sourceArn", ())
        if not made_of:
            raise
        of_group = any(one.urn in made_of for one in stack.of_type(*_GROUPS))
        if name == _BALANCER and not of_group:
            yield Finding(source.path, "no target group's", "the ARN of the target group that calls the function")
        return
    if arn is None and not inputs.at("sourceAccount").exists():
        yield Finding.at(source, "the ARN of what calls the function: a service calls on behalf of any account")
    elif name == _BALANCER and not _TARGET_GROUP.fullmatch(arn or ""):
        yield Finding.at(source, "the ARN of the target group that calls the function")


FUNCTION_CALLERS = StackRule(
    id="aws-lambda-callers",
    description="Every permission to call a Lambda function says whose calls it lets in: nobody's at large, and of a "
    "service of AWS only those for one resource, for a load balancer one target group.",
    remediation='Set "sourceArn" to the ARN of what calls, and "principal" to who it is.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=controls(config="lambda-function-public-access-prohibited", hub="Lambda.1", well="SEC3"),
    applies=_PERMISSION.__eq__,
    check=_caller,
)


def _qualified(attachment: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
    target = attachment.inputs.at("targetId")
    write = "the ARN of an alias of the function"
    try:
        arn = target.text() or ""
    except UnknownInput:
        made_of = attachment.references.get("targetId", ())
        if not made_of:
            raise
        if any(one.urn in made_of for one in stack.resources if _is_function(one.type)):
            yield Finding(target.path, "the function's own ARN, which is whatever was written last", write)
        return
    if not arn.startswith("arn:") or ":lambda:" not in arn:
        raise NotApplicable
    if _UNQUALIFIED.fullmatch(arn):
        yield Finding.at(target, write, found="the function's own ARN, which is whatever was written last")


FUNCTION_BY_ALIAS = StackRule(
    id="aws-lambda-by-alias",
    description="A load balancer calls a Lambda function by an alias or a version, so that what is being released gets "
    "no request before it is ready.",
    remediation='Set "targetId" to the ARN of an aws.lambda.Alias.',
    # A release that goes wrong is an outage, and no breach.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(well="REL8"),
    applies=_ATTACHMENTS.__contains__,
    check=_qualified,
)
