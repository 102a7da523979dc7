"""No access list and no policy opens a bucket to the public."""

from collections.abc import Iterator
from typing import Final

from ..evaluate import each
from ..model import Config, Finding, Level, NotApplicable, Resource, Rule, Severity
from ..values import Field
from .addresses import is_world
from .documents import Statement, compared, one_or_more, statements
from .shared import BUCKET_POLICIES, BUCKETS, given

_ACLS: Final = frozenset({"aws:s3/bucketAcl:BucketAcl", "aws:s3/bucketAclV2:BucketAclV2"})
_PUBLIC: Final = ("public-read", "public-read-write", "authenticated-read")
_EVERYBODY: Final = ("/groups/global/AllUsers", "/groups/global/AuthenticatedUsers")
# The conditions by which AWS itself takes a policy for not public: each names who may come, or from where.
_NARROWING: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    }
)
_EQUALS: Final = ("stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress")


def _narrowed(statement: Statement) -> bool:
    for operator, key, value in statement.conditions():
        if operator not in _EQUALS or key not in _NARROWING:
            continue
        if key == "aws:sourceip":
            if not any(is_world(one) for one, _ in one_or_more(value)):
                return True
        elif "*" not in compared(value):
            return True
    return False


def _statement(statement: Statement) -> Iterator[Finding]:
    if statement.allows():
        anyone = statement.anyone()
        if anyone is not None and not _narrowed(statement):
            yield Finding.at(anyone, "who may come, or a condition such as aws:PrincipalOrgID")


def _list(acl: Field) -> Iterator[Finding]:
    if acl.text() in _PUBLIC:
        yield Finding.at(acl, '"private", or no access list at all')


def _group(uri: Field) -> Iterator[Finding]:
    if (uri.text() or "").endswith(_EVERYBODY):
        yield Finding.at(uri, "no grant to a group of everybody", found="everybody")


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    inputs = resource.inputs
    acl, policy, grants = inputs.at("acl"), inputs.at("policy"), inputs.at("grants")
    # A bucket says all this in resources of its own, or in itself as older programs do.
    if resource.type in BUCKETS and not (given(acl) or given(policy) or given(grants)):
        raise NotApplicable
    yield from each([acl], _list)
    yield from each([policy], lambda policy: each(statements(policy), _statement))
    yield from each([grants], lambda grants: each([one.at("uri") for one in grants.items()], _group))
    granted = inputs.at("accessControlPolicy", "grants")
    yield from each([granted], lambda grants: each([one.at("grantee", "uri") for one in grants.items()], _group))


RULE = Rule(
    id="aws-s3-not-public",
    description="No access list or policy lets everybody into an S3 bucket.",
    remediation="Name who may come; serve what is public through CloudFront with origin access control.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=(
        "AWS Config: s3-bucket-public-read-prohibited",
        "AWS Config: s3-bucket-public-write-prohibited",
        "AWS Security Hub: S3.2",
        "AWS Security Hub: S3.3",
        "Well-Architected: Security (SEC 3)",
    ),
    applies=(_ACLS | BUCKETS | BUCKET_POLICIES).__contains__,
    check=_check,
)
