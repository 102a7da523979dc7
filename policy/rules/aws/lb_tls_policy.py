"""A listener with TLS speaks 1.2 or newer."""

import re
from collections.abc import Iterator
from typing import Final

from ..model import Config, Finding, Level, NotApplicable, Resource, Rule, Severity
from .shared import LISTENERS

# AWS names its policies by the oldest version that they speak; those of before 2017 speak TLS 1.0.
_MODERN: Final = re.compile(r"ELBSecurityPolicy-(TLS13-1-[23]|TLS-1-2|FS-1-2)-.+")


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    if (resource.inputs.at("protocol").text() or "").upper() not in ("HTTPS", "TLS"):
        raise NotApplicable
    policy = resource.inputs.at("sslPolicy")
    # Left out, it is ELBSecurityPolicy-2016-08, which speaks TLS 1.0.
    if not _MODERN.fullmatch(policy.text() or ""):
        yield Finding.at(policy, '"ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"')


RULE = Rule(
    id="aws-lb-tls-policy",
    description="Every listener with TLS refuses versions older than 1.2.",
    remediation='Set "sslPolicy" to one whose name says TLS13-1-2 or TLS13-1-3.',
    # A client has to be made to speak the old version first.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: elbv2-predefined-security-policy-ssl-check",
        "AWS Security Hub: ELB.17",
        "Well-Architected: Security (SEC 9)",
    ),
    applies=LISTENERS.__contains__,
    check=_check,
)
