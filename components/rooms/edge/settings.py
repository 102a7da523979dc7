"""``berth:api``: how the world reaches the services, and what of it production refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Final, Literal

from pydantic import Field

from components.config.checks import Case, check, stands_by_name
from components.config.errors import ABSENT, Problem
from components.config.keys import Int, Key, Model, between, each, log_retention, matching, one_of
from components.deployment import DeploymentSettings
from components.rooms.edge.routes import DEFAULT, priority, shifted
from components.service.settings import doors_of

WEAKNESSES: Final = {"public-api": "anyone who knows the address may call the API (berth:api.authorization is none)"}
"""What production refuses unless it is accepted by name, and what it means."""

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

issuer_url: Final = matching(r"https://[^\s/?#]+(/[^\s?#]*)?", "the identity provider's https URL", "is no https URL")
token_audiences: Final = each(
    matching(r"\S+", "a value of the token's aud or client_id claim", "holds white space"), fewest=1
)
certificate_name: Final = matching(
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


class JwtSettings(Model):
    """``berth:api.jwt``."""

    issuer: Annotated[
        str,
        Key(
            "Issuer whose tokens are accepted: the token's iss claim.",
            issuer_url,
            "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example",
        ),
    ]
    audience: Annotated[
        list[str], Key("Audiences of which a token must name one.", token_audiences, ["3example4client5id"])
    ]


class CorsSettings(Model):
    """``berth:api.cors``."""

    allow_origins: Annotated[
        list[str], Key("Origins whose pages may call the API.", origins, ["https://app.example.com"])
    ]
    allow_methods: Annotated[list[str], Key("Methods they may use.", methods, ["GET", "POST", "OPTIONS"])] = Field(
        default_factory=lambda: ["GET", "POST", "OPTIONS"]
    )
    allow_headers: Annotated[list[str], Key("Headers they may send.", headers, ["authorization", "content-type"])] = (
        Field(default_factory=lambda: ["authorization", "content-type", "idempotency-key", "last-event-id"])
    )
    max_age_seconds: Annotated[
        Int, Key("Seconds a browser keeps the answer; -1 keeps it from keeping any.", between(-1, 86400), 3600)
    ] = 300


class DomainSettings(Model):
    """``berth:api.domain``."""

    name: Annotated[str, Key("The API's own domain name.", domain_name, "api.example.com")]
    certificate_arn: Annotated[
        str,
        Key(
            "Certificate for that name.",
            certificate,
            "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
        ),
    ]
    hosted_zone_id: Annotated[
        str | None,
        Key(
            "Route 53 zone that gets the name's record.",
            hosted_zone,
            "Z0123456789ABCDEFGHIJ",
            default="no record is made",
        ),
    ] = None


class InternalTlsSettings(Model):
    """``berth:api.internalTls``."""

    server_name: Annotated[
        str,
        Key(
            "Name in the certificate, which API Gateway verifies. It needs no DNS record, and may be the API's own.",
            certificate_name,
            "api.example.com",
        ),
    ]
    certificate_arn: Annotated[
        str,
        Key(
            "Certificate of a public authority for that name: API Gateway knows no private ones.",
            certificate,
            "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
        ),
    ]


class ApiSettings(Model):
    """``berth:api``."""

    authorization: Annotated[
        Literal["none", "iam", "jwt"],
        Key("Who may call the API: everyone, who signs with AWS credentials, or who brings a token.", example="jwt"),
    ] = "none"
    jwt: Annotated[
        JwtSettings | None,
        Key(
            "Tokens that are accepted; there if, and only if, authorization is jwt.",
            example={
                "issuer": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example",
                "audience": ["3example4client5id"],
            },
            default="none",
        ),
    ] = None
    cors: Annotated[
        CorsSettings | None,
        Key(
            "Pages of other origins that may call the API from a browser.",
            example={"allowOrigins": ["https://app.example.com"]},
            default="none",
        ),
    ] = None
    domain: Annotated[
        DomainSettings | None,
        Key(
            "A domain name of the API's own.",
            example={
                "name": "api.example.com",
                "certificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
            },
            default="the API has AWS's name",
        ),
    ] = None
    internal_tls: Annotated[
        InternalTlsSettings | None,
        Key(
            "TLS between API Gateway and the load balancer, inside the VPC. What services ask of internal ones stays "
            "plain HTTP. Changing it interrupts the services for seconds.",
            example={
                "serverName": "api.example.com",
                "certificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
            },
            default="plain HTTP inside the VPC",
        ),
    ] = None
    throttle_rate: Annotated[
        Int,
        Key(
            "Requests a second, in the long run, before API Gateway answers 429. What exceeds the account's own quota "
            "(10,000 unless raised) has no effect.",
            between(1, None),
            500,
        ),
    ] = 100
    throttle_burst: Annotated[
        Int,
        Key(
            "Requests at once before API Gateway answers 429. What exceeds the account's own quota (5,000 unless "
            "raised) has no effect.",
            between(1, None),
            1000,
        ),
    ] = 200
    waf_rate_limit: Annotated[
        Int, Key("Requests in five minutes from one address before WAF blocks it.", between(10, 2_000_000_000), 2000)
    ] = 2000
    log_retention_days: Annotated[Int, Key("Days the API's access logs are kept.", log_retention, 90)] = 30


@check("api.authorization", "api.jwt")
def tokens_known_if_asked_for(case: Case) -> Iterator[Problem]:
    """Tokens can be checked only if their issuer is known, and an issuer is of use only then."""
    api = case.at("api", ApiSettings)
    if api.authorization == "jwt" and api.jwt is None:
        yield case.reading.problem(
            "api.jwt",
            "api.authorization is jwt, and nothing says whose tokens are accepted.",
            allowed="an object of issuer and audience",
        )
    elif api.authorization != "jwt" and api.jwt is not None:
        yield case.reading.problem(
            "api.authorization",
            "api.jwt is given, and no token would be asked for.",
            given=api.authorization,
            allowed="jwt; or leave api.jwt out",
            example="jwt",
        )


@check("api.domain", "api.internalTls", "region")
def certificates_in_the_region(case: Case) -> Iterator[Problem]:
    """API Gateway's regional domain names and load balancers take certificates of their own region only."""
    api, region = case.at("api", ApiSettings), case.at("region", str)
    for path, holder in (("api.domain", api.domain), ("api.internalTls", api.internal_tls)):
        if holder and holder.certificate_arn.split(":")[3] != region:
            yield case.reading.problem(
                f"{path}.certificateArn",
                f"The certificate is in {holder.certificate_arn.split(':')[3]}, and {region} is the API's region.",
                allowed=f"the ARN of an ACM certificate in {region}",
                example=re.sub(r"(:acm:)[^:]+", rf"\g<1>{region}", holder.certificate_arn),
            )


@check("production", "accept", "api.authorization")
def an_open_api_is_accepted(case: Case) -> Iterator[Problem]:
    """An API that everyone may call is no default in production: somebody says so, by name."""
    yield from stands_by_name(
        case,
        "public-api",
        WEAKNESSES["public-api"],
        "api.authorization",
        is_open=case.at("api", ApiSettings).authorization == "none",
        allowed="iam or jwt",
        example="jwt",
    )


@check("api.domain", service=("kind", "ports", "exposure", "path", "host"))
def each_service_has_a_way_of_its_own(case: Case) -> Iterator[Problem]:
    """No two services are reached in the same way, and each host is one that the API's domain covers."""
    domain = case.at("api", ApiSettings).domain
    seen: dict[tuple[str, str | None, str | None], str] = {}
    for path, service, name, door in doors_of(case, "exposure", "path", "host"):
        way = (door.exposure, door.host, door.path)
        if way in seen:
            yield case.reading.problem(
                f"{path}.path",
                f"{seen[way]} is reached in the same way: {door.exposure}, "
                + (f"host {door.host}, " if door.host else "")
                + (f"path {door.path}." if door.path else "every path."),
                allowed="another path or host",
                example=f"/{name or service.name}",
            )
        seen.setdefault(way, path)
        if door.host is None:
            continue
        if door.exposure == "internal":
            yield case.reading.problem(
                f"{path}.host",
                "An internal service is reached by its path alone.",
                given=door.host,
                allowed="nothing beside exposure: internal",
                example=ABSENT,
            )
        elif domain is None or door.host not in (domain.name, f"{door.host.partition('.')[0]}{domain.name[1:]}"):
            yield case.reading.problem(
                f"{path}.host",
                "The API does not answer under this name: "
                + (f"api.domain.name is {domain.name}." if domain else "there is no api.domain."),
                given=door.host,
                allowed="api.domain.name; or a name that it covers by a wildcard, e.g. *.example.com",
                example=domain.name.replace("*", service.name) if domain else ABSENT,
            )


@check("deployment", service=("kind", "port", "ports", "exposure", "path", "host"))
def each_rule_has_a_place_of_its_own(case: Case) -> Iterator[Problem]:
    """No two rules of the load balancer have one priority: it follows from a service's name, path and host alone."""
    seen: dict[tuple[str, int], str] = {}
    shifts = case.at("deployment", DeploymentSettings).shifts
    for path, service, name, door in doors_of(case, "exposure", "path", "host"):
        place = priority(service.name, door.path, door.host, name, before=shifted(door.port) if shifts else 0)
        if place != DEFAULT and (door.exposure, place) in seen:
            yield case.reading.problem(
                f"{path}.path",
                f"By a rare chance of their names it has the same priority as {seen[door.exposure, place]} among "
                "the load balancer's rules.",
                allowed="a path of more or fewer parts; or another name of the service",
                example=f"{door.path or ''}/{name or service.name}",
            )
        seen.setdefault((door.exposure, place), path)
