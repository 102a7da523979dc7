from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components.settings import WEAKNESSES, Problem
from tests.settings.judging import Judge

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
EXISTING = {
    "vpcId": "vpc-0a1b2c3d",
    "privateSubnetIds": ["subnet-0a1b2c3d", "subnet-1a1b2c3d"],
    "dataSubnetIds": ["subnet-2a1b2c3d", "subnet-3a1b2c3d"],
}
JWT = {"issuer": "https://id.example.com/", "audience": ["me"]}


def only(problems: list[Problem], key: str) -> Problem:
    assert [problem.key for problem in problems] == [f"berth:{key}"], problems
    return problems[0]


# --- names ---


def test_names_that_just_fit(judge: Judge) -> None:
    assert judge(stack="a" * 22, service={"name": "b" * 20}) == []
    (problem,) = judge(stack="a" * 23)
    assert problem.key == "the stack's name"
    assert problem.problem == f'With the project\'s name it makes "berth-{"a" * 23}". It has 29 characters, 1 too many.'
    assert problem.example == "a" * 22
    assert judge(stack="a" * 23, name="shop") == [], "another first part of every name"


@pytest.mark.parametrize("stack", ["Dev", "my_dev", "dev.1", "-dev", "dev-", "a--b", "a" * 25])
def test_stack_names_that_cannot_be_part_of_names(judge: Judge, stack: str) -> None:
    problems = judge(stack=stack)
    assert [problem.key for problem in problems] == ["the stack's name"]
    assert problems[0].given == stack


# --- sizes ---


def test_fargate_pairs_name_the_memories_and_the_nearest(judge: Judge) -> None:
    problem = only(judge(service={"cpu": 512, "memory": 512}), "service.memory")
    assert problem.problem == "Fargate has no task of 512 CPU units with 512 MiB."
    assert problem.allowed == "1024, 2048, 3072 or 4096 MiB with service.cpu 512, the nearest is 1024"
    assert problem.example == 1024


def test_a_memory_too_large_for_its_cpu_names_the_next_cpu(judge: Judge) -> None:
    problem = only(judge(service={"memory": 8192}), "service.memory")
    assert problem.allowed.endswith("the nearest is 2048; or 8192 with service.cpu 1024")


def test_fargate_cpu_that_does_not_exist(judge: Judge) -> None:
    problem = only(judge(service={"cpu": 300}), "service.cpu")
    assert problem.problem == "Fargate has no tasks of 300 CPU units."
    assert problem.allowed.startswith("256, 512, 1024, 2048, 4096, 8192 or 16384 on ecs-fargate")
    assert problem.example == 512


def test_a_default_that_does_not_fit_is_named_as_such(judge: Judge) -> None:
    problem = only(judge(service={"cpu": 1024}), "service.memory")
    assert "given    nothing; the default is 512" in "\n".join(problem.lines())


def test_fargate_pairs_bind_fargate_only(judge: Judge) -> None:
    odd = {"cpu": 300, "memory": 700}
    assert judge(backend="eks", service=odd) == []
    assert judge(backend="ecs-ec2", service=odd) == []
    assert len(judge(backend="ecs-fargate", service=odd)) == 1


def test_ec2_tasks_have_cpu(judge: Judge) -> None:
    assert only(judge(backend="ecs-ec2", service={"cpu": 127}), "service.cpu").allowed == "128 to 196608 on ecs-ec2"
    assert judge(backend="eks", service={"cpu": 64}) == []


@pytest.mark.parametrize(
    ("architecture", "instance_type"), [("amd64", "t4g.small"), ("arm64", "t3.small"), ("amd64", "a1.large")]
)
def test_instances_of_the_wrong_processor(judge: Judge, architecture: str, instance_type: str) -> None:
    config: dict[str, Any] = {"service": {"architecture": architecture}, "ecs-ec2": {"instanceType": instance_type}}
    problem = only(judge(backend="ecs-ec2", **config), "ecs-ec2.instanceType")
    assert problem.problem.endswith(f"and service.architecture is {architecture}.")
    assert judge(backend="ecs-fargate", **config) == []
    config["ecs-ec2"]["instanceType"] = problem.example
    assert judge(backend="ecs-ec2", **config) == []


def test_a_task_larger_than_its_instance(judge: Judge) -> None:
    room: dict[str, Any] = {"backend": "ecs-ec2", "ecs-ec2": {"maxInstances": 5}}
    problem = only(judge(**room, service={"memory": 2048}), "service.memory")
    assert problem.problem == "A task of 256 CPU units and 2048 MiB does not fit on a t3.small."
    assert judge(**room, service={"memory": problem.example}) == []
    problem = only(judge(**room, service={"cpu": 4096}), "service.cpu")
    assert judge(**room, service={"cpu": problem.example}) == []


def test_more_replicas_than_instances_have_room_for(judge: Judge) -> None:
    problem = only(judge(backend="ecs-ec2", service={"maxReplicas": 30}), "ecs-ec2.maxInstances")
    assert problem.problem == (
        "4 of t3.small are too few for 30 tasks, which service.maxReplicas ask for; a rolling deployment needs room "
        "for one more of each service."
    )
    assert problem.example == 16
    assert judge.section("ecs-ec2", {"maxInstances": 16}, backend="ecs-ec2", service={"maxReplicas": 30}) == []
    assert (
        judge.section("ecs-ec2", {"instanceType": "r5.metal"}, backend="ecs-ec2", service={"maxReplicas": 30}) == []
    ), "not known here"


def test_a_rolling_deployment_has_room_at_full_scale(judge: Judge) -> None:
    """A t3.small has interfaces for two tasks, although CPU and memory would do for three: four hold 8."""
    assert only(judge(backend="ecs-ec2", service={"maxReplicas": 8}), "ecs-ec2.maxInstances").example == 5
    assert judge(backend="ecs-ec2", service={"maxReplicas": 7}) == []
    assert judge.section("ecs-ec2", {"maxInstances": 5}, backend="ecs-ec2", service={"maxReplicas": 8}) == []


# --- eks ---


@pytest.mark.parametrize("name", ["assumeRoles", "accessKey", "sharedConfigFiles"])
def test_credentials_that_the_cluster_cannot_be_reached_with(judge: Judge, name: str) -> None:
    """On ECS everything goes by AWS's provider; on EKS the AWS CLI logs in as well, and knows profiles only."""
    config = {"aws:region": "us-east-1", f"aws:{name}": "hidden-secret"}
    (problem,) = judge({**config, "berth:backend": "eks"})
    assert problem.key == f"aws:{name}"
    assert "aws:profile" in problem.allowed
    assert ("hidden-secret" in "\n".join(problem.lines())) is (name != "accessKey")
    assert judge({**config, "berth:backend": "ecs-fargate"}) == []
    assert judge({"aws:region": "us-east-1", "aws:profile": "deploy", "berth:backend": "eks"}) == []


# --- minimum and maximum ---


@pytest.mark.parametrize(
    ("section", "low", "high", "low_default", "high_default"),
    [
        ("service", "minReplicas", "maxReplicas", 2, 4),
        ("ecs-ec2", "minInstances", "maxInstances", 2, 4),
        ("database", "storageGib", "maxStorageGib", 20, 100),
    ],
)
def test_minimum_above_maximum(
    judge: Judge, section: str, low: str, high: str, low_default: int, high_default: int
) -> None:
    problem = only(judge.section(section, {low: high_default + 1}), f"{section}.{low}")
    assert problem.problem == f"{high_default + 1} is above {section}.{high}, which is {high_default}."
    assert problem.example == high_default
    assert judge.section(section, {low: high_default}) == []
    if section != "database":
        assert only(judge.section(section, {high: low_default - 1}), f"{section}.{low}").given is not None


def test_storage_grows_by_a_tenth_or_not_at_all(judge: Judge) -> None:
    def sized(storage: int, most: int) -> list[Problem]:
        return judge(database={"storageGib": storage, "maxStorageGib": most})

    assert sized(1000, 1000) == []
    assert sized(1000, 1100) == []
    assert only(sized(1000, 1099), "database.maxStorageGib").allowed == "1100 or more, or 1000 to let it not grow"
    assert only(sized(25, 27), "database.maxStorageGib").example == 28


def test_spot_that_never_runs(judge: Judge) -> None:
    problem = only(judge.section("ecs-fargate", {"onDemandBase": 4, "spotWeight": 1}), "ecs-fargate.onDemandBase")
    assert problem.allowed == "1 to 3 with this maxReplicas; or spotWeight: 0"
    assert judge.section("ecs-fargate", {"onDemandBase": 3, "spotWeight": 1}) == []
    assert judge.section("ecs-fargate", {"onDemandBase": 4}) == []
    assert judge.section("ecs-fargate", {"onDemandBase": 4, "spotWeight": 1}, backend="eks") == []


# --- network ---


@pytest.mark.parametrize(
    ("cidr", "words", "example"),
    [
        ("10.0.0.0/8", "AWS has no VPC larger than /16.", "10.0.0.0/16"),
        ("10.0.0.0/24", "10.0.0.0/24 is too small", "10.0.0.0/23"),
        ("10.0.1.0/24", "10.0.1.0/24 is too small", "10.0.0.0/23"),
        ("10.0.0.0/28", "10.0.0.0/28 is too small", "10.0.0.0/23"),
        ("10.0.0.0/32", "10.0.0.0/32 is too small", "10.0.0.0/23"),
    ],
)
def test_ranges_of_no_size_for_a_vpc(judge: Judge, cidr: str, words: str, example: str) -> None:
    problem = judge.one("network.cidr", cidr)
    assert words in problem.problem
    assert problem.example == example
    assert judge(network={"cidr": example}) == []


@pytest.mark.parametrize(
    ("backend", "cidr", "clashes"),
    [
        ("ecs-fargate", "172.17.0.0/16", False),
        ("ecs-fargate", "172.20.0.0/16", False),
        ("ecs-ec2", "172.17.128.0/20", True),
        ("ecs-ec2", "10.100.0.0/16", False),
        ("eks", "172.17.0.0/16", True),
        ("eks", "172.20.0.0/20", True),
        ("eks", "10.100.0.0/16", True),
        ("eks", "10.0.0.0/16", False),
    ],
)
def test_ranges_that_a_backend_keeps(judge: Judge, backend: str, cidr: str, clashes: bool) -> None:
    problems = judge(backend=backend, network={"cidr": cidr})
    assert bool(problems) is clashes
    if clashes:
        problem = only(problems, "network.cidr")
        assert f"which {backend} keeps for" in problem.problem
        assert judge(backend=backend, network={"cidr": problem.example}) == []


@pytest.mark.parametrize("backend", ["ecs-fargate", "ecs-ec2", "eks"])
def test_a_vpc_too_small_for_the_service(judge: Judge, backend: str) -> None:
    config: dict[str, Any] = {"service": {"maxReplicas": 120}, "ecs-ec2": {"maxInstances": 61}}
    assert judge(backend=backend, **config) == []
    problem = only(judge(backend=backend, network={"cidr": "10.9.8.0/23"}, **config), "network.cidr")
    assert "Its private subnets have 246 addresses" in problem.problem
    assert judge(backend=backend, network={"cidr": problem.example}, **config) == []
    assert judge(backend=backend, network={"cidr": "10.9.8.0/23"}) == []


def test_the_suggested_range_is_as_large_as_it_must_be(judge: Judge) -> None:
    problem = only(judge(network={"cidr": "10.0.0.0/22"}, service={"maxReplicas": 5000}), "network.cidr")
    assert problem.example == "10.0.0.0/17"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cidr", "10.0.0.0/16"),
        ("zones", 3),
        ("natGateways", "one"),
        ("interfaceEndpoints", ["logs"]),
        ("flowLogRetentionDays", 30),
    ],
)
def test_nothing_stands_beside_an_existing_network(judge: Judge, key: str, value: object) -> None:
    assert judge(network={"existing": EXISTING}) == []
    problem = only(judge(network={"existing": EXISTING, key: value}), f"network.{key}")
    assert "leave it out" in "\n".join(problem.lines())


# --- image ---


@pytest.mark.parametrize(("key", "value"), [("context", "services/x"), ("dockerfile", "x"), ("buildArgs", {"A": "b"})])
def test_a_prebuilt_image_is_not_built(judge: Judge, key: str, value: object) -> None:
    assert judge(service={"image": "registry.example/a:1"}) == []
    problem = only(judge(service={"image": "registry.example/a:1", key: value}), f"service.{key}")
    assert problem.problem == "With service.image nothing is built, and this key would do nothing."


def test_a_context_that_is_not_there(judge: Judge) -> None:
    problem = only(judge(service={"context": "services/none"}), "service.context")
    assert problem.problem == "There is no folder services/none beside Pulumi.yaml."


def test_a_dockerfile_that_is_not_there(judge: Judge) -> None:
    problem = only(judge(service={"dockerfile": "Dockerfile.prod"}), "service.dockerfile")
    assert problem.problem == "There is no file Dockerfile.prod in services/biometric."
    assert problem.allowed == "a Dockerfile, relative to service.context (found there: Dockerfile)"
    assert problem.example == "Dockerfile"


def test_a_context_without_any_dockerfile(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    problem = only(Judge(tmp_path)(service={"context": "app"}), "service.dockerfile")
    assert "there is none in that folder" in problem.allowed


def test_links_do_not_lead_out_of_the_project(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "app").mkdir(parents=True)
    outside.mkdir()
    (outside / "Dockerfile").touch()
    (root / "linked").symlink_to(outside)
    (root / "app" / "Dockerfile").symlink_to(outside / "Dockerfile")
    assert (
        "leads out of the project by a link"
        in only(Judge(root)(service={"context": "linked"}), "service.context").problem
    )
    assert (
        "leads out of the project by a link"
        in only(Judge(root)(service={"context": "app"}), "service.dockerfile").problem
    )


# --- edge ---


def test_jwt_if_and_only_if_asked_for(judge: Judge) -> None:
    assert judge(api={"authorization": "jwt", "jwt": JWT}) == []
    assert only(judge(api={"authorization": "jwt"}), "api.jwt").example["issuer"].startswith("https://")
    problem = only(judge(api={"jwt": JWT}), "api.authorization")
    assert problem.problem == "api.jwt is given, and no token would be asked for."
    assert "the default is" in "\n".join(problem.lines())
    only(judge(api={"authorization": "iam", "jwt": JWT}), "api.authorization")


def test_a_certificate_of_another_region(judge: Judge) -> None:
    domain = {"name": "api.example.com", "certificateArn": CERTIFICATE}
    problem = only(judge(api={"domain": domain}), "api.domain.certificateArn")
    assert problem.problem == "The certificate is in eu-west-1, and us-east-1 is the API's region."
    assert judge({"aws:region": "eu-west-1", "berth:backend": "eks", "berth:api": {"domain": domain}}) == []
    tls = {"serverName": "api.example.com", "certificateArn": CERTIFICATE}
    only(judge(api={"internalTls": tls}), "api.internalTls.certificateArn")


# --- production ---


@pytest.mark.parametrize(
    ("section", "key", "weak"),
    [
        ("database", "multiAz", False),
        ("database", "deletionProtection", False),
        ("database", "backupRetentionDays", 0),
        ("database", "discardOnDestroy", True),
        ("network", "natGateways", "one"),
    ],
)
def test_what_production_refuses(judge: Judge, section: str, key: str, weak: object) -> None:
    assert judge.section(section, {key: weak}) == []
    sure = {"production": True, "accept": ["public-api"]}
    problem = only(judge.section(section, {key: weak}, **sure), f"{section}.{key}")
    assert problem.problem.startswith("berth:production is true. ")
    assert judge.section(section, {key: problem.example}, **sure) == []


@pytest.mark.parametrize(
    ("name", "key", "safer"),
    [
        ("public-api", "api.authorization", {"api": {"authorization": "iam"}}),
        ("master-user", "database.applicationUser", {"database": {"applicationUser": "shop_app"}}),
        ("unverified-database", "database.rootCertificates", {"database": {"rootCertificates": "/app/rds.pem"}}),
    ],
)
def test_production_accepts_a_weakness_by_name_only(judge: Judge, name: str, key: str, safer: dict[str, Any]) -> None:
    others = [other for other in WEAKNESSES if other != name]
    service = {"image": "ghcr.io/example/shop:1.4", "initCommand": ["migrate"]}
    assert judge(service=service) == []
    problem = only(judge(production=True, service=service, accept=others), key)
    assert problem.allowed.endswith(f"; or berth:accept: [{name}]")
    assert judge(production=True, service=service, accept=[*others, name]) == []
    assert judge(production=True, service=service, accept=others, **safer) == []


def test_somebody_creates_the_services_role(judge: Judge) -> None:
    problem = only(
        judge(service={"image": "ghcr.io/example/shop:1.4"}, database={"applicationUser": "shop_app"}),
        "database.applicationUser",
    )
    assert problem.problem == "Nothing would create this role: there is no service.initCommand."
    only(judge(database={"applicationUser": "biometric"}), "database.applicationUser")
    assert judge(service={"initCommand": None}) == []  # the sample without its migrations has no role either


def test_production_in_an_existing_network_says_nothing_of_nat(judge: Judge) -> None:
    assert judge(production=True, accept=["public-api"], network={"existing": EXISTING}) == []


# --- one mistake, one report ---


def test_a_broken_key_is_not_judged_again(judge: Judge) -> None:
    assert [problem.key for problem in judge(service={"cpu": "much", "memory": 3000})] == ["berth:service.cpu"]
    only(judge(service={"minReplicas": 0, "maxReplicas": 1}), "service.minReplicas")


def test_a_range_too_small_is_said_whatever_the_zones(judge: Judge) -> None:
    problems = judge(network={"cidr": "10.0.0.0/27", "zones": 5})
    assert [problem.key for problem in problems] == ["berth:network.cidr", "berth:network.zones"]


@pytest.mark.parametrize("berth", ["ec2", "beanstalk"])
def test_a_machine_runs_what_is_built_and_holds_one_replica(judge: Judge, berth: str) -> None:
    wrong = only(judge(backend=berth, service={"architecture": "arm64"}), f"{berth}.instanceType")
    assert wrong.problem == "t3.small is amd64, and service.architecture is arm64."
    given: dict[str, Any] = {berth: {"instanceType": wrong.example}, "service": {"architecture": "arm64"}}
    assert judge(backend=berth, **given) == []
    large = only(judge(backend=berth, service={"memory": 4096}), "service.memory")
    assert large.problem == "A replica of 256 CPU units and 4096 MiB does not fit on a t3.small."
    assert judge(backend=berth, service={"memory": large.example}) == []
