"""A bucket refuses requests without TLS."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Severity, Stack, StackRule
from .documents import Statement, compared, statements
from .shared import BUCKET_POLICIES, BUCKETS, given

_WRITE = 'a statement that denies s3:* to "*" where aws:SecureTransport is false'


def _denies_plain_http(statement: Statement) -> bool:
    if statement.allows() or statement.at("NotPrincipal").exists() or statement.anyone() is None:
        return False
    everything = {"*", "s3:*"} & set(statement.actions())
    objects = any(one == "*" or one.endswith("/*") for one in statement.resources())
    conditions = list(statement.conditions())
    if not everything or not objects or len(conditions) != 1:
        return False
    operator, key, value = conditions[0]
    return operator == "bool" and key == "aws:securetransport" and list(compared(value)) == ["false"]


def _check(resource: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
    policy = resource.inputs.at("policy")
    if resource.type in BUCKETS and not given(policy):
        # A policy that is a resource of its own is judged by itself.
        if not stack.referring(resource, "bucket", *BUCKET_POLICIES):
            yield Finding("its policy", "absent", _WRITE)
    elif not any(_denies_plain_http(one) for one in statements(policy)):
        yield Finding.at(policy, _WRITE, found="without a refusal of plain HTTP")


RULE = StackRule(
    id="aws-s3-tls-only",
    description="Every S3 bucket of the stack denies requests without TLS.",
    remediation='Deny "s3:*" to "*" in the bucket\'s policy under the condition Bool aws:SecureTransport "false".',
    # AWS's own clients use TLS; this stops the one that was told not to.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: s3-bucket-ssl-requests-only",
        "AWS Security Hub: S3.5",
        "CIS AWS Foundations 5.0.0: 2.1.1",
        "Well-Architected: Security (SEC 9)",
    ),
    applies=(BUCKETS | BUCKET_POLICIES).__contains__,
    check=_check,
)
