"""The stack's config, parsed once into frozen, typed, validated models.

Every field is a key of the stack file, in camelCase there: ``berth:service``'s ``healthPath`` is
``Settings.service.health_path``. What a key is for, what it allows and an example stand in its
:class:`~components.config.keys.Key`, from which ``docs/configuration.md`` and ``Pulumi.yaml`` are written.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from components.config import keys as rules
from components.config import regions, variables
from components.config.checks import cluster_credentials, run_checks
from components.config.errors import Problem, SettingsError, Written
from components.config.keys import Int, Key, between
from components.config.reading import Reading, fields_of, stack_file_key

__all__ = ["Problem", "Settings", "SettingsError", "load", "parse"]

SAMPLE_CONTEXT: Final = "services/biometric"
"""Build context of the sample service, whose commands are known."""
SAMPLE_HEALTH_COMMAND: Final = ("python", "-m", "biometric.health")
SAMPLE_INIT_COMMAND: Final = ("python", "-m", "biometric.migrate")
SAMPLE_APPLICATION_USER: Final = "biometric_app"
SAMPLE_ROOT_CERTIFICATES: Final = "/app/rds.pem"
SAMPLE_UNVERIFIED: Final = (
    *("ap-east-2", "ap-southeast-6", "me-west-1", "sa-west-1"),
    *("cn-", "eu-iso", "eusc-", "us-gov-", "us-iso"),
)
"""Beginnings of the regions whose authority of RDS is not in that file."""


class Model(BaseModel):
    """Base of every model: frozen, camelCase in the stack file, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class Backend(StrEnum):
    """Where the service runs."""

    EKS = "eks"
    ECS_FARGATE = "ecs-fargate"
    ECS_EC2 = "ecs-ec2"


class ServiceSettings(Model):
    """``berth:service``: what runs."""

    name: Annotated[
        str, Key("Name of the service, first part of the names of what it is made of.", rules.service_name, "biometric")
    ] = "biometric"
    context: Annotated[
        str, Key("Folder the image is built from, relative to Pulumi.yaml.", rules.relative_path, "services/biometric")
    ] = SAMPLE_CONTEXT
    dockerfile: Annotated[
        str, Key("Dockerfile, relative to the context.", rules.relative_path, "docker/Dockerfile")
    ] = "Dockerfile"
    build_args: Annotated[
        dict[str, str], Key("Build arguments of the Dockerfile.", variables.build_arguments, {"PYTHON_VERSION": "3.13"})
    ] = Field(default_factory=dict)
    image: Annotated[
        str | None,
        Key(
            "A prebuilt image's reference; nothing is built or pushed then.",
            rules.image,
            "ghcr.io/example/biometric:1.4.2",
            default="the image is built",
        ),
    ] = None
    architecture: Annotated[
        Literal["amd64", "arm64"], Key("Processor the image is built for and runs on.", example="arm64")
    ] = "amd64"
    port: Annotated[Int, Key("TCP port the service listens on.", rules.port, 8080)] = 8080
    health_path: Annotated[
        str, Key("Path that answers 200 while the process is alive.", rules.http_path, "/healthz")
    ] = "/healthz"
    ready_path: Annotated[
        str, Key("Path that answers 200 while the service can take requests.", rules.http_path, "/readyz")
    ] = "/readyz"
    cpu: Annotated[
        Int,
        Key(
            "CPU units of one replica, 1024 to a vCPU. On ecs-fargate only certain pairs with memory exist; on "
            "ecs-ec2 it is 128 at least.",
            between(1, 196608),
            512,
        ),
    ] = 256
    memory: Annotated[
        Int,
        Key(
            "Memory of one replica in MiB, a hard limit. On ecs-fargate only certain pairs with cpu exist.",
            between(6, 25_165_824),
            1024,
        ),
    ] = 512
    min_replicas: Annotated[Int, Key("Replicas that always run.", between(1, 5000), 2)] = 2
    max_replicas: Annotated[
        Int, Key("Replicas that autoscaling stops at; not below minReplicas.", between(1, 5000), 10)
    ] = 4
    environment: Annotated[
        dict[str, str], Key("Plain environment variables.", variables.environment, {"LOG_LEVEL": "info"})
    ] = Field(default_factory=dict)
    health_command: Annotated[
        list[str] | None,
        Key(
            "Command run inside the container that ends with 0 while it is healthy. ECS only; pods are asked by HTTP.",
            rules.command,
            ["python", "-m", "biometric.health"],
            default="the sample's own if the sample is built, else none",
        ),
    ] = None
    init_command: Annotated[
        list[str] | None,
        Key(
            "Command that must succeed, in the same image, before the service starts: migrations.",
            rules.command,
            ["python", "-m", "biometric.migrate"],
            default="the sample's own if the sample is built, else none",
        ),
    ] = None
    shutdown_seconds: Annotated[
        Int, Key("Time between SIGTERM and SIGKILL, in seconds; the bounds are Fargate's.", between(2, 120), 60)
    ] = 30
    log_retention_days: Annotated[Int, Key("Days the service's logs are kept.", rules.log_retention, 90)] = 30
    cpu_target_percent: Annotated[
        Int, Key("Average CPU use, in percent, that autoscaling aims at.", between(10, 90), 60)
    ] = 60
    requests_target: Annotated[
        Int, Key("Requests per target and minute that autoscaling aims at. ECS only.", between(1, None), 1000)
    ] = 1000

    @property
    def is_sample(self) -> bool:
        """Whether the image is the sample's, built here."""
        return self.image is None and self.context == SAMPLE_CONTEXT

    @model_validator(mode="after")
    def _know_the_sample(self) -> Self:
        """Give the sample service its commands, unless the stack file names others or writes null."""
        if self.is_sample:
            commands = {"health_command": SAMPLE_HEALTH_COMMAND, "init_command": SAMPLE_INIT_COMMAND}
            _default(self, {name: list(command) for name, command in commands.items()})
        return self


class ExistingNetwork(Model):
    """``berth:network.existing``: a VPC that is already there, by ids."""

    vpc_id: Annotated[str, Key("The VPC.", rules.resource_id("vpc"), "vpc-0a1b2c3d4e5f60718")]
    private_subnet_ids: Annotated[
        list[str],
        Key(
            "Subnets with a way out, one a zone: load balancer, tasks, pods.",
            rules.resource_ids("subnet"),
            ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"],
        ),
    ]
    data_subnet_ids: Annotated[
        list[str],
        Key(
            "Subnets for the database, one a zone.",
            rules.resource_ids("subnet"),
            ["subnet-0c1d2e3f405162738", "subnet-0d1e2f30415263748"],
        ),
    ]


class NetworkSettings(Model):
    """``berth:network``."""

    cidr: Annotated[
        str,
        Key(
            "Address range of the VPC. It can never be changed. It must not overlap what the backend keeps for itself: "
            "172.17.0.0/16 on ecs-ec2; also 172.20.0.0/16 and 10.100.0.0/16 on eks.",
            rules.vpc_cidr,
            "10.20.0.0/16",
        ),
    ] = "10.0.0.0/16"
    zones: Annotated[Int, Key("Availability zones; going from 2 to 3 moves no subnet.", rules.one_of((2, 3)), 3)] = 2
    nat_gateways: Annotated[
        Literal["one", "per-zone"],
        Key(
            "One NAT gateway for all zones, or one a zone: dearer, and no zone depends on another.",
            example="per-zone",
            default="one, or per-zone if production",
        ),
    ] = "one"
    interface_endpoints: Annotated[
        list[str],
        Key(
            "AWS services reached by interface endpoints in the private subnets instead of NAT.",
            rules.interface_endpoints,
            ["ecr.api", "ecr.dkr", "logs"],
        ),
    ] = Field(default_factory=list)
    flow_log_retention_days: Annotated[Int, Key("Days the VPC's flow logs are kept.", rules.log_retention, 90)] = 30
    existing: Annotated[
        ExistingNetwork | None,
        Key(
            "A VPC that is already there; no other key of berth:network may stand beside it.",
            example={
                "vpcId": "vpc-0a1b2c3d4e5f60718",
                "privateSubnetIds": ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"],
                "dataSubnetIds": ["subnet-0c1d2e3f405162738", "subnet-0d1e2f30415263748"],
            },
            default="a VPC is created",
        ),
    ] = None


class DatabaseSettings(Model):
    """``berth:database``."""

    name: Annotated[str, Key("Name of the database.", rules.database_name, "biometric")] = "biometric"
    user: Annotated[
        str,
        Key(
            "Name of the database's master user, which owns what is in it. Another name replaces the database.",
            rules.database_user,
            "biometric",
        ),
    ] = "biometric"
    application_user: Annotated[
        str | None,
        Key(
            "Role that the service connects as, DATABASE_USER. service.initCommand has to create it with "
            "DATABASE_PASSWORD and give it its rights; it alone is also given the master user, as DATABASE_ADMIN_USER "
            "and DATABASE_ADMIN_PASSWORD. Without a role the service is the master user.",
            rules.database_user,
            "shop_app",
            default="the sample's own if its initCommand is run, else none",
        ),
    ] = None
    root_certificates: Annotated[
        str | None,
        Key(
            "File in the image with the authorities of RDS "
            "(https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem). With it the service is told to "
            "verify the database, by DATABASE_SSLMODE=verify-full and PGSSLROOTCERT; without it, to encrypt only.",
            rules.absolute_path,
            "/app/rds.pem",
            default="the sample's own if the sample is built and has the region's, else none",
        ),
    ] = None
    engine_version: Annotated[str, Key("Version of PostgreSQL.", rules.postgres_version, "17")] = "17"
    instance_class: Annotated[str, Key("RDS instance class.", rules.instance_class, "db.m7g.large")] = "db.t4g.micro"
    storage_gib: Annotated[Int, Key("Storage at the start, in GiB (gp3).", between(20, 65536), 100)] = 20
    max_storage_gib: Annotated[
        Int,
        Key(
            "Storage that RDS may grow to, in GiB: at least 10 % above storageGib, or equal to it to stay there.",
            between(20, 65536),
            500,
        ),
    ] = 100
    multi_az: Annotated[
        bool, Key("A standby in another zone that takes over.", example=True, default="false, or true if production")
    ] = False
    backup_retention_days: Annotated[
        Int,
        Key(
            "Days that automatic backups are kept; 0 makes none, and is refused if production.",
            between(0, 35),
            30,
            default="7, or 30 if production",
        ),
    ] = 7
    deletion_protection: Annotated[
        bool, Key("Whether AWS refuses to delete the database.", example=True, default="false, or true if production")
    ] = False
    discard_on_destroy: Annotated[
        bool,
        Key(
            "Whether the data goes when the database is deleted or replaced. Otherwise it leaves a final snapshot, and "
            "its automatic backups stay for backupRetentionDays; AWS charges for both. Takes effect with the next "
            "`pulumi up`, before a `pulumi destroy`.",
            example=True,
        ),
    ] = False


class JwtSettings(Model):
    """``berth:api.jwt``."""

    issuer: Annotated[
        str,
        Key(
            "Issuer whose tokens are accepted: the token's iss claim.",
            rules.issuer,
            "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example",
        ),
    ]
    audience: Annotated[
        list[str], Key("Audiences of which a token must name one.", rules.audience, ["3example4client5id"])
    ]


class CorsSettings(Model):
    """``berth:api.cors``."""

    allow_origins: Annotated[
        list[str], Key("Origins whose pages may call the API.", rules.origins, ["https://app.example.com"])
    ]
    allow_methods: Annotated[list[str], Key("Methods they may use.", rules.methods, ["GET", "POST", "OPTIONS"])] = (
        Field(default_factory=lambda: ["GET", "POST", "OPTIONS"])
    )
    allow_headers: Annotated[
        list[str], Key("Headers they may send.", rules.headers, ["authorization", "content-type"])
    ] = Field(default_factory=lambda: ["authorization", "content-type", "idempotency-key", "last-event-id"])
    max_age_seconds: Annotated[
        Int, Key("Seconds a browser keeps the answer; -1 keeps it from keeping any.", between(-1, 86400), 3600)
    ] = 300


class DomainSettings(Model):
    """``berth:api.domain``."""

    name: Annotated[str, Key("The API's own domain name.", rules.domain_name, "api.example.com")]
    certificate_arn: Annotated[
        str,
        Key(
            "Certificate for that name.",
            rules.certificate,
            "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
        ),
    ]
    hosted_zone_id: Annotated[
        str | None,
        Key(
            "Route 53 zone that gets the name's record.",
            rules.hosted_zone,
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
            rules.server_name,
            "api.example.com",
        ),
    ]
    certificate_arn: Annotated[
        str,
        Key(
            "Certificate of a public authority for that name: API Gateway knows no private ones.",
            rules.certificate,
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
            "TLS between API Gateway and the load balancer, inside the VPC. Changing it interrupts the service for "
            "seconds.",
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
    log_retention_days: Annotated[Int, Key("Days the API's access logs are kept.", rules.log_retention, 90)] = 30


class EcsSettings(Model):
    """``berth:ecs``: both ECS backends."""

    exec: Annotated[bool, Key("Whether `aws ecs execute-command` opens a shell in a task.", example=True)] = False
    on_demand_base: Annotated[Int, Key("Tasks that never run on Spot. ecs-fargate only.", between(1, 100_000), 2)] = 1
    spot_weight: Annotated[
        Int,
        Key(
            "Tasks beyond onDemandBase that run on Spot, for each one that does not; 0 is no Spot. ecs-fargate only.",
            between(0, 1000),
            3,
        ),
    ] = 0
    instance_type: Annotated[str, Key("EC2 instance type. ecs-ec2 only.", rules.instance_type, "t3.medium")] = (
        "t3.small"
    )
    min_instances: Annotated[Int, Key("Instances that always run. ecs-ec2 only.", between(1, 5000), 2)] = 2
    max_instances: Annotated[
        Int, Key("Instances that scaling stops at; not below minInstances. ecs-ec2 only.", between(1, 5000), 6)
    ] = 4


class EksSettings(Model):
    """``berth:eks``."""

    version: Annotated[str, Key("Version of Kubernetes.", rules.kubernetes_version, "1.35")] = "1.35"
    public_access_cidrs: Annotated[
        list[str],
        Key(
            "Addresses that reach the cluster's API over the internet; without any, it is reached from the VPC only.",
            rules.public_cidrs,
            ["203.0.113.7/32"],
        ),
    ] = Field(default_factory=list)
    admin_principal_arns: Annotated[
        list[str],
        Key(
            "IAM principals that administer the cluster. Whoever creates it does anyway and must not be named again.",
            rules.principals,
            ["arn:aws:iam::123456789012:role/Admin"],
        ),
    ] = Field(default_factory=list)


class Settings(Model):
    """The whole config of one stack."""

    stack: str
    profile: str | None = None
    """``aws:profile``, which commands of the AWS CLI have to be told; a key of AWS's namespace, not of this one."""
    region: Annotated[str, Key("AWS region of everything.", regions.region, "us-east-1")]
    backend: Annotated[Backend, Key("Where the service runs.", example="ecs-fargate")]
    production: Annotated[
        bool,
        Key(
            "Whether the stack holds what must not be lost: database.multiAz, database.deletionProtection, 30 days of "
            "backups and a NAT gateway in each zone become the defaults, and weaker values are refused.",
            example=True,
        ),
    ] = False
    accept: Annotated[
        list[str],
        Key(
            "What production refuses unless it is accepted by name: "
            + "; ".join(f"{name}, {meaning}" for name, meaning in rules.WEAKNESSES.items())
            + ".",
            rules.weaknesses,
            ["public-api"],
        ),
    ] = Field(default_factory=list)
    service: Annotated[ServiceSettings, Key("What runs.")] = Field(default_factory=ServiceSettings)
    network: Annotated[
        NetworkSettings, Key("The network the service runs in: a VPC of its own, or one that is already there.")
    ] = Field(default_factory=NetworkSettings)
    database: Annotated[
        DatabaseSettings,
        Key(
            "The database: RDS for PostgreSQL.",
            nothing="There is nothing behind the key, and that does not leave the database out: every stack has one.",
        ),
    ] = Field(default_factory=DatabaseSettings)
    api: Annotated[ApiSettings, Key("How the world reaches the service: API Gateway and WAF.")] = Field(
        default_factory=ApiSettings
    )
    ecs: Annotated[EcsSettings, Key("What only the ECS backends need; ignored by eks.")] = Field(
        default_factory=EcsSettings
    )
    eks: Annotated[EksSettings, Key("What only eks needs; ignored by the ECS backends.")] = Field(
        default_factory=EksSettings
    )

    @model_validator(mode="after")
    def _default_for_sample(self) -> Self:
        """Say of the sample what its image and its migrations can do; given values stay."""
        if self.service.is_sample:
            values = {}
            if not self.region.startswith(SAMPLE_UNVERIFIED):
                values["root_certificates"] = SAMPLE_ROOT_CERTIFICATES
            if tuple(self.service.init_command or ()) == SAMPLE_INIT_COMMAND:
                values["application_user"] = SAMPLE_APPLICATION_USER
            database = self.database.model_copy()
            _default(database, values)
            self.__dict__.update(database=database)
        return self

    @model_validator(mode="after")
    def _default_for_production(self) -> Self:
        """Turn the defaults of a stack that holds what must not be lost; given values stay."""
        if self.production:
            database = self.database.model_copy()
            _default(database, {"multi_az": True, "deletion_protection": True, "backup_retention_days": 30})
            network = self.network.model_copy()
            _default(network, {"nat_gateways": "per-zone"})
            self.__dict__.update(database=database, network=network)
        return self


def _default(model: Model, values: Mapping[str, Any]) -> None:
    """Set fields that were not given; by way of ``__dict__``, since the models are frozen to everyone else."""
    model.__dict__.update({name: value for name, value in values.items() if name not in model.model_fields_set})


def parse(stack: str, config: Mapping[str, Any], root: Path, secret_keys: Collection[str] = ()) -> Settings:
    """Turn a stack's config into settings, or say everything that is wrong with it.

    Args:
        stack: the stack's name, e.g. ``dev``.
        config: full keys (``berth:service``, ``aws:region``) to values: objects and lists, or their JSON as the
            engine hands it.
        root: the folder of ``Pulumi.yaml``, which the build context is relative to.
        secret_keys: full keys whose values no report may show.

    Returns:
        The settings.

    Raises:
        SettingsError: something is wrong; its text lists all of it.
    """
    profile = config.get("aws:profile")
    reading = Reading(Settings, config, secret_keys, stack=stack, profile=str(profile) if profile else None)
    settings, problems = reading.read()
    problems += run_checks(settings, reading, root)
    problems += cluster_credentials(settings.backend, config)
    if problems:
        raise SettingsError(stack, reading.in_order(problems))
    return settings


def load(root: Path | None = None) -> Settings:
    """Read the config of the stack that runs.

    Args:
        root: the folder of ``Pulumi.yaml``; by default the one above this package.

    Returns:
        The settings.

    Raises:
        SettingsError: something is wrong. The error is a ``pulumi.RunError`` too, so that the engine prints its
            text and no traceback.
    """
    # Here, and not at the top: the models are imported by tools that have no use for the SDK, and it takes a second.
    import pulumi
    from pulumi.runtime.config import CONFIG, get_config, get_config_env, get_config_secret_keys_env, is_config_secret

    class UnusableConfigError(SettingsError, pulumi.RunError):
        """The report, printed by the engine as it stands."""

    names = {stack_file_key(name) for name in fields_of(Settings)}
    names |= CONFIG.get().keys() | get_config_env().keys()
    config = {name: value for name in sorted(names) if (value := get_config(name)) is not None}
    secret_keys = {name for name in config if is_config_secret(name)} | set(get_config_secret_keys_env())
    stack = pulumi.get_stack()
    ignored = _passed_over((root or Path(pulumi.get_root_directory())) / f"Pulumi.{stack}.yaml")
    try:
        settings = parse(stack, config, root or Path(__file__).resolve().parents[1], secret_keys)
    except SettingsError as error:
        raise UnusableConfigError(error.stack, [*ignored, *error.problems]) from None
    if ignored:
        raise UnusableConfigError(stack, ignored)
    return settings


def _passed_over(file: Path) -> list[Problem]:
    """Return what the engine takes of a stack file in silence, such as ``confg:``, of which it tells no program."""
    from berth.config import read_stack_file
    from berth.errors import ConfigError

    try:
        remarks = read_stack_file(file)[1] if file.is_file() else ()
    except ConfigError:
        return []  # the engine has refused it, or was given another file
    return [Problem(one.key, Written(one.given), one.problem, one.allowed, Written(one.example)) for one in remarks]
