"""No policy allows all actions of a service."""

from collections.abc import Iterator

from ..model import Finding, Level, Rule, Severity
from .documents import Statement
from .iam_policies import HOLDERS, statement_check


def _statement(statement: Statement) -> Iterator[Finding]:
    if statement.allows():
        for action in statement.all_of_a_service():
            yield Finding.at(action, "the actions that are needed, by name")


RULE = Rule(
    id="aws-iam-no-service-star",
    description="No IAM policy allows all actions of a service.",
    remediation="Name the actions that are needed.",
    # On one bucket or one key it can be just what is meant.
    level=Level.ADVISORY,
    severity=Severity.LOW,
    frameworks=(
        "AWS Config: iam-policy-no-statements-with-full-access",
        "AWS Security Hub: IAM.21",
        "Well-Architected: Security (SEC 3)",
    ),
    applies=HOLDERS.__contains__,
    check=statement_check(_statement),
)
