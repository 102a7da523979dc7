"""Rules on buckets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..evaluate import each
from ..parts import all_of, must_be_on, of_resource
from ..rule import Config, Finding, Level, NotApplicable, Resource, Rule, Severity, Stack, StackRule, controls
from ..values import Field, Unreadable
from .addresses import is_world
from .documents import Statement, compared, one_or_more, statements
from .shared import given

_BUCKETS: Final = frozenset({"aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"})
_POLICIES: Final = frozenset({"aws:s3/bucketPolicy:BucketPolicy"})


_ACLS: Final = frozenset({"aws:s3/bucketAcl:BucketAcl", "aws:s3/bucketAclV2:BucketAclV2"})
_PUBLIC_ACLS: Final = ("public-read", "public-read-write", "authenticated-read")
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
    if acl.text() in _PUBLIC_ACLS:
        yield Finding.at(acl, '"private", or no access list at all')


def _group(uri: Field) -> Iterator[Finding]:
    if (uri.text() or "").endswith(_EVERYBODY):
        yield Finding.at(uri, "no grant to a group of everybody", found="everybody")


def _public(resource: Resource, config: Config) -> Iterator[Finding]:
    inputs = resource.inputs
    acl, policy, grants = inputs.at("acl"), inputs.at("policy"), inputs.at("grants")
    # A bucket says all this in resources of its own, or in itself as older programs do.
    if resource.type in _BUCKETS and not (given(acl) or given(policy) or given(grants)):
        raise NotApplicable
    yield from each([acl], _list)
    yield from each([policy], lambda policy: each(statements(policy), _statement))
    yield from each([grants], lambda grants: each([one.at("uri") for one in grants.items()], _group))
    granted = inputs.at("accessControlPolicy", "grants")
    yield from each([granted], lambda grants: each([one.at("grantee", "uri") for one in grants.items()], _group))


NOT_PUBLIC = Rule(
    id="aws-s3-not-public",
    description="No access list or policy lets everybody into an S3 bucket.",
    remediation="Name who may come; serve what is public through CloudFront with origin access control.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=controls(
        config="s3-bucket-public-read-prohibited s3-bucket-public-write-prohibited", hub="S3.2 S3.3", well="SEC3"
    ),
    applies=(_ACLS | _BUCKETS | _POLICIES).__contains__,
    check=_public,
)

_BLOCKS: Final = frozenset(
    {
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    }
)
_SWITCHES: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


PUBLIC_ACCESS_BLOCKED = Rule(
    id="aws-s3-public-access-blocked",
    description="Every S3 public access block blocks all four ways to make a bucket public.",
    remediation=f"Set {', '.join(_SWITCHES)} to true.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=controls(config="s3-bucket-level-public-access-prohibited", hub="S3.1 S3.8", cis="2.1.4", well="SEC3"),
    applies=_BLOCKS.__contains__,
    # Left out a switch is false, and takes away the block that AWS puts on every new bucket.
    check=of_resource(all_of(*map(must_be_on, _SWITCHES))),
)

_BLOCK: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"


def _name(resource: Resource) -> str | None:
    try:
        return resource.inputs.at("bucket").text()
    except Unreadable:
        return None


def _block_kept(bucket: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
    name = _name(bucket)
    if stack.referring(bucket, "bucket", _BLOCK):
        return
    if name is None or all(_name(block) != name for block in stack.of_type(_BLOCK)):
        yield Finding("its public access block", "absent", "an aws.s3.BucketPublicAccessBlock for it")


PUBLIC_ACCESS_BLOCK_KEPT = StackRule(
    id="aws-s3-public-access-block-kept",
    description="Every S3 bucket of the stack has a public access block in the stack.",
    remediation="Add an aws.s3.BucketPublicAccessBlock whose bucket is this one, with all four switches true.",
    # AWS blocks public access to every new bucket by itself; the resource keeps anybody from taking that away.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(config="s3-bucket-level-public-access-prohibited", hub="S3.8", cis="2.1.4", well="SEC3"),
    applies=_BUCKETS.__contains__,
    check=_block_kept,
)

_REFUSAL = 'a statement that denies s3:* to "*" where aws:SecureTransport is false'


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


def _tls(resource: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
    policy = resource.inputs.at("policy")
    if resource.type in _BUCKETS and not given(policy):
        # A policy that is a resource of its own is judged by itself.
        if not stack.referring(resource, "bucket", *_POLICIES):
            yield Finding("its policy", "absent", _REFUSAL)
    elif not any(_denies_plain_http(one) for one in statements(policy)):
        yield Finding.at(policy, _REFUSAL, found="without a refusal of plain HTTP")


TLS_ONLY = StackRule(
    id="aws-s3-tls-only",
    description="Every S3 bucket of the stack denies requests without TLS.",
    remediation='Deny "s3:*" to "*" in the bucket\'s policy under the condition Bool aws:SecureTransport "false".',
    # AWS's own clients use TLS; this stops the one that was told not to.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(config="s3-bucket-ssl-requests-only", hub="S3.5", cis="2.1.1", well="SEC9"),
    applies=(_BUCKETS | _POLICIES).__contains__,
    check=_tls,
)

_CONFIGURATIONS: Final = frozenset(
    f"aws:s3/{name[0].lower()}{name[1:]}:{name}"
    for name in ("BucketServerSideEncryptionConfiguration", "BucketServerSideEncryptionConfigurationV2")
)
_ALGORITHMS: Final = ("AES256", "aws:kms", "aws:kms:dsse")


def _encrypted(rule: Field) -> Iterator[Finding]:
    algorithm = rule.at("applyServerSideEncryptionByDefault", "sseAlgorithm")
    if algorithm.text() not in _ALGORITHMS:
        yield Finding.at(algorithm, '"AES256" or "aws:kms"')


def _encryption(resource: Resource, config: Config) -> Iterator[Finding]:
    rules = resource.inputs.at("rules")
    if not rules.items():
        yield Finding.at(rules, "a rule with a default encryption")
    yield from each(rules.items(), _encrypted)


ENCRYPTED = Rule(
    id="aws-s3-encrypted",
    description="Every encryption configuration of an S3 bucket names an algorithm.",
    remediation='Set "applyServerSideEncryptionByDefault" with sseAlgorithm "AES256" or "aws:kms" in each rule.',
    # S3 encrypts every object with a key of its own where nothing is said.
    level=Level.ADVISORY,
    severity=Severity.LOW,
    frameworks=controls(config="s3-bucket-server-side-encryption-enabled", well="SEC8"),
    applies=_CONFIGURATIONS.__contains__,
    check=_encryption,
)
