"""No policy allows everything on everything."""

from collections.abc import Iterator

from ..model import Finding, Level, Rule, Severity
from .documents import Statement
from .iam_policies import HOLDERS, statement_check


def _statement(statement: Statement) -> Iterator[Finding]:
    if not statement.allows():
        return
    action = statement.any_action()
    if action is not None and statement.any_resource():
        yield Finding.at(action, "the actions that are needed, by name")


RULE = Rule(
    id="aws-iam-no-star",
    description="No IAM policy allows all actions, or all but some, on all resources.",
    remediation="Name the actions, and the resources they are for.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=(
        "AWS Config: iam-policy-no-statements-with-admin-access",
        "AWS Security Hub: IAM.1",
        "CIS AWS Foundations 5.0.0: 1.15",
        "Well-Architected: Security (SEC 3)",
    ),
    applies=HOLDERS.__contains__,
    check=statement_check(_statement),
)
