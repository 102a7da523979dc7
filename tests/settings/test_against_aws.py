"""The rules beside AWS's own service models; nothing is called."""

from __future__ import annotations

import importlib.util
import re
import ssl
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from components.berths.ecs_fargate.sizes import FARGATE_SIZES
from components.berths.instances import INSTANCE_TYPE, instance_architecture
from components.config import keys as rules
from components.config.namespaces import PROVIDERS
from components.config.reading import find_field, key_of
from components.config.regions import REGIONS
from components.settings import SETTINGS, name_prefix, parse
from tests.programs import ROOT


@cache
def session() -> Any:
    return botocore.session.get_session()


def member(service: str, shape: str, name: str) -> Any:
    return session().get_service_model(service).shape_for(shape).members[name]


def words(service: str, shape: str, name: str) -> str:
    """Return a member's documentation without markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", member(service, shape, name).documentation).split())


def allows(path: str, value: Any) -> bool:
    field = find_field(SETTINGS, path)
    assert field
    rule = key_of(field).rule
    assert rule
    return not list(rule.find(value))


def bounds(path: str, lowest: int, highest: int) -> bool:
    """Say whether a key allows exactly a range."""
    return [allows(path, value) for value in (lowest - 1, lowest, highest, highest + 1)] == [False, True, True, False]


def test_fargate_sizes() -> None:
    text = words("ecs", "RegisterTaskDefinitionRequest", "memory")
    for cpu, memories in FARGATE_SIZES.items():
        row = re.search(rf"([^:]*?) - Available cpu values: {cpu} \(", text)
        assert row, cpu
        numbers = [int(number) for number in re.findall(r"(\d+)(?: \(|\s?GB\b)", re.sub(r"\([^)]*\)", "(", row[1]))]
        in_mib = [number * 1024 if number < 512 else number for number in numbers[-len(memories) - 2 :]]
        if "Between" in row[1]:
            lowest, highest, step = in_mib[-3:]
            assert tuple(range(lowest, highest + 1, step)) == memories
        else:
            assert tuple(in_mib[-len(memories) :]) == memories


def test_log_retention() -> None:
    text = words("logs", "PutRetentionPolicyRequest", "retentionInDays").partition("Possible values are: ")[2]
    assert tuple(int(days) for days in re.findall(r"\d+", text.partition(".")[0])) == rules.LOG_RETENTION_DAYS


def test_ranges_that_the_models_state() -> None:
    limit = member("wafv2", "RateBasedStatement", "Limit").metadata
    assert bounds("api.wafRateLimit", limit["min"], limit["max"])
    weight = member("ecs", "CapacityProviderStrategyItem", "weight").metadata
    assert bounds("ecs-fargate.spotWeight", weight["min"], weight["max"])
    assert allows("ecs-fargate.onDemandBase", member("ecs", "CapacityProviderStrategyItem", "base").metadata["max"])
    age = member("apigatewayv2", "Cors", "MaxAge").metadata
    assert bounds("api.cors.maxAgeSeconds", age["min"], age["max"])
    path = member("elbv2", "CreateTargetGroupInput", "HealthCheckPath").metadata
    assert allows("service.healthPath", "/" * path["max"])
    assert not allows("service.healthPath", "/" * (path["max"] + 1))


@pytest.mark.parametrize(
    ("path", "lowest", "highest", "service", "shape", "name", "stated"),
    [
        ("service.shutdownSeconds", 2, 120, "ecs", "ContainerDefinition", "stopTimeout", "2-120 seconds"),
        (
            *("database.backupRetentionDays", 0, 35, "rds", "CreateDBInstanceMessage", "BackupRetentionPeriod"),
            "Must be a value from 0 to 35",
        ),
        (
            *("database.storageGib", 20, 65536, "rds", "CreateDBInstanceMessage", "AllocatedStorage"),
            "RDS for PostgreSQL Constraints to the amount of storage for each storage type are the following: "
            "General Purpose (SSD) storage (gp2, gp3): Must be an integer from 20 to 65536",
        ),
    ],
)
def test_ranges_that_the_models_tell(
    path: str, lowest: int, highest: int, service: str, shape: str, name: str, stated: str
) -> None:
    assert stated in words(service, shape, name)
    assert bounds(path, lowest, highest)


def test_cpu_of_tasks_on_ec2() -> None:
    assert "between 128 CPU units ( 0.125 vCPUs) and 196608 CPU units" in words(
        "ecs", "RegisterTaskDefinitionRequest", "cpu"
    )
    assert bounds("service.cpu", 1, 196608)


def test_names_of_load_balancers_and_security_groups() -> None:
    for shape in ("CreateTargetGroupInput", "CreateLoadBalancerInput"):
        assert "maximum of 32 characters" in words("elbv2", shape, "Name")
    assert 'must not begin with "internal-"' in words("elbv2", "CreateLoadBalancerInput", "Name")
    assert "Can't start with sg-" in words("ec2", "CreateSecurityGroupRequest", "GroupName")
    refused = [name for name in ("internal-a", "internal", "sg-a", "sga") if list(name_prefix.find(name))]
    assert refused == ["internal-a", "sg-a"]


def test_database_identifiers() -> None:
    assert "Must be 1 to 16 letters" in words("rds", "CreateDBInstanceMessage", "MasterUsername")
    assert allows("database.user", "a" * 16)
    assert not allows("database.user", "a" * 17)
    assert "Must contain 1 to 63 letters" in words("rds", "CreateDBInstanceMessage", "DBName")
    assert allows("database.name", "a" * 63)
    assert not allows("database.name", "a" * 64)


def test_kubernetes_service_ranges() -> None:
    text = words("eks", "KubernetesNetworkConfigRequest", "serviceIpv4Cidr")
    assert "10.100.0.0/16 or 172.20.0.0/16" in text


def test_sessions_have_no_access_entry() -> None:
    assert "You can't use the STS session principal type" in words("eks", "CreateAccessEntryRequest", "principalArn")


def test_every_region_is_known() -> None:
    partitions = session().get_component("data_loader").load_data("partitions")["partitions"]
    regions = {region for partition in partitions for region in partition["regions"] if "global" not in region}
    assert len(regions) > 40
    assert set(REGIONS) == regions
    assert all(allows("region", region) for region in regions)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_providers_keys_are_all_known(provider: str) -> None:
    """The SDK's module of config asks for each key by its name, and nothing else lists them."""
    module = importlib.util.find_spec(f"pulumi_{provider}")
    assert module and module.origin
    text = (Path(module.origin).parent / "config" / "vars.py").read_text()
    assert set(re.findall(r"__config__\.get\w*\('(\w+)'\)", text)) == set(PROVIDERS[provider])


def test_every_instance_type_is_one() -> None:
    types = session().get_service_model("ec2").shape_for("InstanceType").enum
    assert len(types) > 800
    assert [name for name in types if not INSTANCE_TYPE.fullmatch(name)] == []
    graviton = {name.partition(".")[0] for name in types if instance_architecture(name) == "arm64"}
    assert {"a1", "t4g", "m7g", "c7gn", "r8g", "g5g", "im4gn", "is4gen", "x2gd", "hpc7g"} <= graviton
    assert not graviton & {"g4dn", "g5", "g6", "t3", "m7a", "c7i", "gr6", "mac2"}


def test_certificates_look_as_acm_says() -> None:
    pattern = member("acm", "CertificateDetail", "CertificateArn").metadata["pattern"]
    example = key_of(find_field(SETTINGS, "api.domain.certificateArn")).example  # type: ignore[arg-type]
    assert re.fullmatch(pattern, example)
    assert allows("api.domain.certificateArn", example)


@pytest.mark.parametrize("region", REGIONS)
def test_the_sample_verifies_its_database_where_it_has_the_authority(region: str) -> None:
    """Elsewhere no connection could be made at all."""
    context = ssl.create_default_context(cafile=ROOT / "services/biometric/image/rds.pem")
    has = any(f"RDS {region} Root" in str(certificate["subject"]) for certificate in context.get_ca_certs())
    settings = parse("dev", {"aws:region": region, "berth:backend": "eks"}, ROOT)
    assert (settings.of("database").root_certificates is not None) == has
