"""A certificate renews itself before it ends."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Rule, Severity


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    method = resource.inputs.at("validationMethod")
    if method.text() == "EMAIL":
        yield Finding.at(method, '"DNS"')
    imported = resource.inputs.at("privateKey")
    if imported.exists():
        yield Finding.at(imported, 'a certificate of ACM with "validationMethod": "DNS"', found="an imported key")


RULE = Rule(
    id="aws-certificate-renews",
    description="Every ACM certificate is one that ACM renews without anybody's help.",
    remediation='Let ACM issue it with "validationMethod": "DNS".',
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: acm-certificate-expiration-check",
        "AWS Security Hub: ACM.1",
        "Well-Architected: Security (SEC 9)",
    ),
    applies=frozenset({"aws:acm/certificate:Certificate"}).__contains__,
    check=_check,
)
