"""What one key of the config allows: a rule says it in words, and finds what breaks it.

A field of a model in ``settings`` is annotated with a :class:`Key`: what the key is for, its rule and
an example. The same three feed the check, the error, ``docs/configuration.md`` and ``Pulumi.yaml``.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_network
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from components.sizing import INSTANCE_TYPE


@dataclass(frozen=True)
class Rule:
    """One condition on a value."""

    allowed: str
    """What may stand there, in words."""
    find: Callable[[Any], Iterable[str]]
    """Yields a sentence for everything that is wrong with a value of the right type."""


@dataclass(frozen=True)
class Key:
    """What a field of the config means to who writes the stack file; also checks its rule."""

    about: str
    """What the key is for, with its unit."""
    rule: Rule | None = None
    """None where the type says all: a choice, a boolean, an object."""
    example: Any = None
    default: str = ""
    """The default in words, where it depends on other keys."""
    nothing: str = ""
    """What to say where null stands, or nothing: if someone may take it for something else than a slip."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Add the rule to the field's own checks."""
        schema = handler(source)
        return core_schema.no_info_after_validator_function(self._check, schema) if self.rule else schema

    def _check(self, value: Any) -> Any:
        assert self.rule
        found = [] if value is None else list(self.rule.find(value))
        if found:
            raise PydanticCustomError("rule", "{found}", {"found": "\n".join(found)})
        return value


def _whole_number(value: Any) -> Any:
    """Refuse a boolean, which Python would take for 0 or 1."""
    if isinstance(value, bool):
        raise PydanticCustomError("int_type", "is not a whole number")
    return value


Int = Annotated[int, BeforeValidator(_whole_number)]
"""A whole number; the engine hands some as text."""


def either(values: Iterable[object]) -> str:
    """Join values for a reader: ``1, 2 or 3``."""
    *others, last = [str(value) for value in values]
    return f"{', '.join(others)} or {last}" if others else last


def nearest(given: str, known: Iterable[str]) -> str | None:
    """Return the known name that ``given`` was probably meant to be."""
    names = {name.replace("_", "").replace("-", "").lower(): name for name in known}
    plain = given.replace("_", "").replace("-", "").lower()
    swapped = [name for name in names if sorted(name) == sorted(plain)]  # two letters in the wrong order
    close = swapped or difflib.get_close_matches(plain, names, n=1, cutoff=0.6)
    return names[close[0]] if close else None


def between(lowest: int, highest: int | None, unit: str = "") -> Rule:
    """Allow whole numbers of a range, both ends included."""
    words = f"{lowest} or more" if highest is None else f"{lowest} to {highest}"

    def find(value: int) -> Iterator[str]:
        if value < lowest or (highest is not None and value > highest):
            yield f"{value} is too {'small' if value < lowest else 'large'}."

    return Rule(f"{words} {unit}".strip(), find)


def one_of(values: Sequence[Any], source: str = "") -> Rule:
    """Allow the values of a list."""

    def find(value: Any) -> Iterator[str]:
        if value in values:
            return
        if isinstance(value, int):
            hint = f"; the nearest is {min(values, key=lambda known: abs(known - value))}"
        else:
            close = nearest(value, values)
            hint = f"; did you mean {close}?" if close else ""
        yield f"{value} is not one of them{hint}" + ("" if hint.endswith("?") else ".")

    return Rule(either(values) + (f" ({source})" if source else ""), find)


def matching(pattern: str, allowed: str, problem: str, longest: int | None = None) -> Rule:
    """Allow text that matches a pattern as a whole.

    Args:
        pattern: regular expression.
        allowed: the pattern in words.
        problem: what is wrong with a text that does not match, following the text itself.
        longest: most characters.
    """
    compiled = re.compile(pattern)

    def find(value: str) -> Iterator[str]:
        if not compiled.fullmatch(value):
            yield f"{json.dumps(value, ensure_ascii=False)} {problem}."
        if longest is not None and len(value) > longest:
            yield f"It has {len(value)} characters, {len(value) - longest} too many."

    return Rule(allowed, find)


def each(rule: Rule, *, fewest: int = 0) -> Rule:
    """Allow lists whose every element is allowed, and none twice."""

    def find(values: Sequence[str]) -> Iterator[str]:
        if len(values) < fewest:
            yield f"{len(values) or 'None'} given, at least {fewest} needed."
        for value in values:
            yield from rule.find(value)
        for value in sorted({value for value in values if values.count(value) > 1}):
            yield f'"{value}" stands there twice.'

    return Rule(f"a list{f' of at least {fewest}' if fewest else ''}, each: {rule.allowed}", find)


LOG_RETENTION_DAYS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""Days that CloudWatch Logs can keep events (its API reference, ``PutRetentionPolicy``)."""
log_retention: Final = one_of(LOG_RETENTION_DAYS)

WEAKNESSES: Final = {
    "public-api": "anyone who knows the address may call the API (berth:api.authorization is none)",
    "master-user": "the service connects as the database's master user (no berth:database.applicationUser)",
    "unverified-database": "the service encrypts its connection, and does not verify the database's certificate "
    "(no berth:database.rootCertificates)",
}
"""What production refuses unless it is accepted by name, and what it means."""
weaknesses: Final = each(one_of(tuple(WEAKNESSES)))

INTERFACE_ENDPOINTS: Final = (
    "autoscaling",
    "ec2",
    "ec2messages",
    "ecr.api",
    "ecr.dkr",
    "ecs",
    "ecs-agent",
    "ecs-telemetry",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "kms",
    "logs",
    "monitoring",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "ssmmessages",
    "sts",
    "xray",
)
"""Services that a container, its node or its pods may call from private subnets, by the last part of
the endpoint's name ``com.amazonaws.<region>.<service>`` (AWS PrivateLink guide)."""
interface_endpoints: Final = each(one_of(INTERFACE_ENDPOINTS))

service_name: Final = matching(
    r"(?!internal$)[a-z]([a-z0-9]|-(?!-))*(?<!-)",
    "a DNS label of at most 20 characters: lower-case letters, digits and single hyphens, first a letter; not "
    "internal, which load balancers reserve",
    "cannot be part of a DNS name",
    longest=20,
)

http_path: Final = matching(
    r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*",
    "a URL path that begins with /, without a query, at most 1024 characters",
    "is no URL path; it begins with / and has no spaces and no query",
    longest=1024,
)

port: Final = between(1024, 65535, "(a process that is not root can bind none below 1024)")


def _command_problems(words: Sequence[str]) -> Iterator[str]:
    if not words:
        yield "The list is empty; leave the key out, or write null for no command."
    elif words[0] in {"CMD", "CMD-SHELL"}:
        yield f"{words[0]} is ECS's notation; give the program and its arguments only."
    if any(not word.strip() for word in words):
        yield "A word of the command is empty."


command: Final = Rule(
    "a list: the program and its arguments, as exec takes them; no shell splits them", _command_problems
)


def _image_problems(value: str) -> Iterator[str]:
    match = re.fullmatch(r"[a-z0-9][a-z0-9._:/-]*?(?:(?<!/):(\w[\w.-]{0,127}))?(@sha256:[0-9a-f]{64})?", value)
    if not match:
        yield f'"{value}" is no image reference.'
    elif not match[2] and match[1] in {None, "latest"}:
        yield "Without a tag of its own, or a digest, the same reference is another image tomorrow."


image: Final = Rule("an image reference with a tag other than latest, or with a digest", _image_problems)

relative_path: Final = matching(
    r"(?!/)(?!.*(^|/)\.\.(/|$))[^\x00-\x1f\x7f]+",
    "a path inside the project, relative to it, at most 255 characters",
    "leads out of the project, or is no path",
    longest=255,
)

absolute_path: Final = matching(r"/[^\s:,]+", "an absolute path", "is no absolute path, or holds a blank, : or ,")

instance_type: Final = matching(
    INSTANCE_TYPE.pattern, "an EC2 instance type of the service's architecture", "is not how an EC2 instance type looks"
)


def _ipv4_network(value: str) -> tuple[IPv4Network | None, str]:
    """Return a range of addresses, or what keeps a text from being one."""
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        return None, f'"{value}" is no range of addresses.'
    if not isinstance(network, IPv4Network):
        return None, f'"{value}" is IPv6; only IPv4 is meant here.'
    if "/" not in value:
        return None, f'"{value}" has no prefix; as a single address it is {network}.'
    if value != str(network):
        return None, f'"{value}" has bits set beyond its prefix; the range is {network}.'
    return network, ""


def _cidr_problems(value: str) -> Iterator[str]:
    network, problem = _ipv4_network(value)
    if network is None:
        yield problem
    elif not any(network.subnet_of(private) for private in PRIVATE_RANGES):
        yield f"{value} is not private: its addresses belong to others on the internet."


PRIVATE_RANGES: Final = tuple(
    IPv4Network(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)
"""RFC 1918, and RFC 6598's shared range (Amazon VPC user guide, "VPC CIDR blocks")."""
vpc_cidr: Final = Rule(
    f"a private IPv4 range from /16 to /23, inside {either(PRIVATE_RANGES)}; it must leave room for three zones",
    _cidr_problems,
)


def _public_cidr_problems(value: str) -> Iterator[str]:
    network, problem = _ipv4_network(value)
    if network is None:
        yield problem
    elif network.prefixlen < 8:
        yield (
            f"{value} opens the cluster's API to the internet; write your own address with /32, which "
            "checkip.amazonaws.com shows."
        )
    elif any(network.overlaps(private) for private in PRIVATE_RANGES):
        yield f"{value} is private; only public addresses reach the public endpoint."


public_cidrs: Final = each(
    Rule("a public IPv4 range of /8 to /32, e.g. your own address with /32", _public_cidr_problems)
)


def _principal_problems(value: str) -> Iterator[str]:
    session = re.fullmatch(r"arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)/.+", value)
    if session:
        partition, account, role = session.groups()
        folder = "aws-reserved/sso.amazonaws.com/<region>/" if role.startswith("AWSReservedSSO_") else ""
        yield f"{value} is a session, which ends; write its role: arn:{partition}:iam::{account}:role/{folder}{role}"
    elif re.fullmatch(r"arn:aws[a-z-]*:iam::\d{12}:root", value):
        yield f"{value} is the account itself, not a principal of it."
    elif not re.fullmatch(r"arn:aws[a-z-]*:iam::\d{12}:(role|user)/[\w+=,.@/-]+", value):
        yield f'"{value}" is no ARN of an IAM role or user.'


principals: Final = each(Rule("the ARN of an IAM role, or of a user", _principal_problems))


def resource_ids(prefix: str) -> Rule:
    """Allow lists of at least two ids of one kind, e.g. ``subnet-``, one a zone."""
    return each(resource_id(prefix), fewest=2)


def resource_id(prefix: str) -> Rule:
    """Allow an EC2 resource's id: 8 or 17 hexadecimal digits after its prefix."""
    pattern = rf"{prefix}-([0-9a-f]{{8}}|[0-9a-f]{{17}})"
    return matching(pattern, f"{prefix}- and 8 or 17 hexadecimal digits", f"is no {prefix} id")


_RESERVED_WORDS = """
    admin all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate
    collation column concurrently constraint create cross current_catalog current_date current_role current_schema
    current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for
    foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral
    leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps
    placing primary public rdsadmin references returning right select session_user similar some symmetric
    system_user table tablesample template0 template1 then to trailing true union unique user using variadic verbose
    when where window with
"""
DATABASE_RESERVED: Final = frozenset(_RESERVED_WORDS.split())
"""PostgreSQL's reserved key words (its manual, appendix "SQL Key Words"), and what RDS keeps:
``CreateDBInstance`` refuses ``admin`` and ``rdsadmin``; ``template0`` and ``template1`` exist."""


def _database_identifier(what: str, longest: int) -> Rule:
    shape = matching(
        r"[A-Za-z][A-Za-z0-9_]*",
        f"1 to {longest} letters, digits and underscores, first a letter; no reserved word of PostgreSQL or RDS",
        f"cannot be the name of a {what}",
        longest,
    )

    def find(value: str) -> Iterator[str]:
        yield from shape.find(value)
        if value.lower() in DATABASE_RESERVED:
            yield f'"{value}" is reserved by PostgreSQL or RDS.'
        elif value.lower().startswith("pg_"):
            yield "PostgreSQL keeps names that begin with pg_ for itself."

    return Rule(shape.allowed, find)


database_name: Final = _database_identifier("database", 63)
database_user: Final = _database_identifier("user", 16)

instance_class: Final = matching(
    r"db\.[a-z0-9-]+\.[a-z0-9.-]+",
    "an RDS instance class, db.<family>.<size>",
    "is not how an RDS instance class looks",
)


def _version(pattern: str, oldest: int, allowed: str) -> Rule:
    """Allow a version whose first group is a number of at least ``oldest``."""
    compiled = re.compile(pattern)

    def find(value: str) -> Iterator[str]:
        match = compiled.fullmatch(value)
        if not match:
            yield f'"{value}" is not how this version looks.'
        elif int(match[1]) < oldest:
            yield f"{value} is too old."

    return Rule(allowed, find)


postgres_version: Final = _version(
    r"(\d{1,2})(\.\d{1,2})?", 13, "a PostgreSQL version of RDS, 13 or later; RDS picks the minor version if left out"
)
kubernetes_version: Final = _version(
    r"1\.(\d{1,2})", 29, "a Kubernetes version that EKS offers, in quotes; EKS Auto Mode needs 1.29 or later"
)

origins: Final = each(
    matching(
        r"\*|https?://([a-z0-9-]+\.)*[a-z0-9-]+(:\d{1,5})?",
        "scheme, host and, if need be, port of an origin, without a path; or *",
        "is no origin; an origin has no path and no slash at its end",
    ),
    fewest=1,
)
methods: Final = each(one_of(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "*")), fewest=1)
headers: Final = each(matching(r"\*|[A-Za-z0-9!#$%&'+.^_`|~-]+", "a header's name, or *", "is no header's name"))

issuer: Final = matching(r"https://[^\s/?#]+(/[^\s?#]*)?", "the identity provider's https URL", "is no https URL")
audience: Final = each(matching(r"\S+", "a value of the token's aud or client_id claim", "holds white space"), fewest=1)
server_name: Final = matching(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
    "a fully qualified domain name in lower case, without a wildcard",
    "is no fully qualified domain name in lower case, or has a wildcard",
)
domain_name: Final = matching(
    r"(?=.{1,253}$)(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
    "a fully qualified domain name in lower case",
    "is no fully qualified domain name in lower case",
)
certificate: Final = matching(
    r"arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[0-9a-f-]+",
    "the ARN of an ACM certificate in aws:region",
    "is no ARN of an ACM certificate",
)
hosted_zone: Final = matching(r"Z[A-Z0-9]{1,31}", "the id of a Route 53 hosted zone", "is no id of a hosted zone")
