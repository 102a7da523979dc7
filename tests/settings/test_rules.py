from __future__ import annotations

from typing import Any

import pytest

from components.config.keys import nearest
from components.config.reading import all_paths, example_of, fields_of, find_field, key_of, nested_model
from components.settings import SETTINGS
from tests.settings.judging import Judge, nested

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
JWT = {"issuer": "https://id.example.com/", "audience": ["me"]}

ALLOWED: list[tuple[str, list[Any]]] = [
    ("service.name", ["a", "biometric", "my-api-2", "a" * 20]),
    ("service.port", [1024, 8080, 65535, "8080"]),
    ("service.healthPath", ["/", "/healthz", "/api/v1/health-check_1", "/~a"]),
    ("service.readyPath", ["/readyz"]),
    ("service.minReplicas", [1, 4]),
    ("service.environment", [{}, {"LOG_LEVEL": "info", "_x1": ""}, {"TOKEN_TTL_SECONDS": "60"}, {"MONKEY": "a"}]),
    ("service.environment", [{"SECRET_ARN": "arn:x"}, {"PUBLIC_KEY": "a"}, {"MAX_TOKENS": "5"}]),
    ("service.buildArgs", [{"PYTHON_VERSION": "3.13"}, {"DATABASE_DRIVER": "psycopg"}]),
    ("service.healthCommand", [None, ["./healthy"], ["python", "-m", "x"]]),
    ("service.image", ["nginx:1.27", "registry.example:5000/team/app:v1.2_3", f"ghcr.io/a/b@sha256:{'0' * 64}"]),
    ("service.image", [f"ghcr.io/a/b:latest@sha256:{'0' * 64}"]),
    ("service.shutdownSeconds", [2, 120]),
    ("service.logRetentionDays", [1, 30, 3653]),
    ("service.cpuTargetPercent", [10, 90]),
    ("service.requestsTarget", [1, 10**9]),
    ("network.cidr", ["10.0.0.0/16", "10.1.2.0/23", "172.31.0.0/16", "192.168.0.0/20", "100.64.0.0/16"]),
    ("network.zones", [2, 3]),
    ("network.interfaceEndpoints", [[], ["ecr.api", "ecr.dkr", "logs"]]),
    ("network.flowLogRetentionDays", [365]),
    ("database.name", ["records", "Records_2", "a" * 63, "postgres"]),
    ("database.user", ["postgres", "app_1", "a" * 16]),
    ("database.engineVersion", ["17", "17.4", "13", "18.1"]),
    ("database.instanceClass", ["db.t4g.micro", "db.m7g.large", "db.x2iedn.32xlarge", "db.r6i.4xlarge.tpc2.mem3x"]),
    ("database.storageGib", [20, 100]),
    ("database.backupRetentionDays", [0, 35]),
    ("api.cors", [{"allowOrigins": ["*"]}, {"allowOrigins": ["https://a.example", "http://localhost:3000"]}]),
    ("api.cors", [{"allowOrigins": ["*"], "allowMethods": ["PUT"], "allowHeaders": ["x-a"], "maxAgeSeconds": -1}]),
    ("api.domain", [{"name": "api.example.com", "certificateArn": CERTIFICATE, "hostedZoneId": "Z0123456789"}]),
    ("api.throttleRate", [1, 20_000]),
    ("api.wafRateLimit", [10, 2_000_000_000]),
    ("ecs-fargate.onDemandBase", [1, 100_000]),
    ("ecs-fargate.spotWeight", [0]),
    ("ecs-ec2.instanceType", ["t3.small", "m7i-flex.large", "u-6tb1.metal"]),
    ("eks.version", ["1.29", "1.34"]),
    ("eks.publicAccessCidrs", [[], ["203.0.113.7/32", "198.51.100.0/24"]]),
    ("eks.adminPrincipalArns", [["arn:aws:iam::123456789012:role/team/Admin", "arn:aws:iam::123456789012:user/me"]]),
    ("eks.adminPrincipalArns", [["arn:aws-us-gov:iam::123456789012:role/Admin"]]),
]

REFUSED: list[tuple[str, Any, str]] = [
    ("service.name", "Biometric", "cannot be part of a DNS name"),
    ("service.name", "1api", "cannot be part of a DNS name"),
    ("service.name", "api-", "cannot be part of a DNS name"),
    ("service.name", "my--api", "cannot be part of a DNS name"),
    ("service.name", "internal", "cannot be part of a DNS name"),
    ("service.name", "", "cannot be part of a DNS name"),
    ("service.name", "a" * 21, "It has 21 characters, 1 too many."),
    ("service.context", "/etc", "leads out of the project"),
    ("service.context", "../elsewhere", "leads out of the project"),
    ("service.context", "services/../../x", "leads out of the project"),
    ("service.dockerfile", "../Dockerfile", "leads out of the project"),
    ("service.port", 80, "80 is too small."),
    ("service.port", 1023, "1023 is too small."),
    ("service.port", 65536, "65536 is too large."),
    ("service.healthPath", "healthz", "begins with /"),
    ("service.healthPath", "", "begins with /"),
    ("service.healthPath", "/a b", "no spaces"),
    ("service.healthPath", "/a?b=c", "no query"),
    ("service.readyPath", "/" + "a" * 1024, "It has 1025 characters, 1 too many."),
    ("service.environment", {"1X": "a"}, "is no name of a variable"),
    ("service.environment", {"A-B": "a"}, "is no name of a variable"),
    ("service.environment", {"": "a"}, "is no name of a variable"),
    ("service.environment", {"DATABASE_URL": "a"}, "would shadow a binding"),
    ("service.environment", {"PORT": "9000"}, "PORT is the program's own. berth:service.port sets it"),
    ("service.environment", {"MAX_REPLICAS": "9"}, "berth:service.maxReplicas sets it"),
    ("service.environment", {"SHUTDOWN_SECONDS": "9"}, "berth:service.shutdownSeconds sets it"),
    ("service.environment", {"RESPONSES_BUFFERED": "false"}, "no key sets it"),
    ("service.environment", {"DB_PASSWORD": "a"}, "DB_PASSWORD looks like a secret"),
    ("service.environment", {"API_TOKEN": "a"}, "looks like a secret"),
    ("service.environment", {"apiKey": "a"}, "looks like a secret"),
    ("service.environment", {"AWS_ACCESS_KEY_ID": "a"}, "looks like a secret"),
    ("service.environment", {"UPSTREAM": "https://me:pass@host/"}, "UPSTREAM looks like a secret"),
    ("service.buildArgs", {"NPM_TOKEN": "a"}, "looks like a secret"),
    ("service.healthCommand", [], "The list is empty"),
    ("service.healthCommand", ["CMD-SHELL", "curl x"], "CMD-SHELL is ECS's notation"),
    ("service.initCommand", ["python", " "], "A word of the command is empty."),
    ("service.image", "nginx", "Without a tag of its own"),
    ("service.image", "nginx:latest", "Without a tag of its own"),
    ("service.image", "registry.example:5000/app", "Without a tag of its own"),
    ("service.image", "NGINX:1", "is no image reference"),
    ("service.cpu", 0, "0 is too small."),
    ("service.minReplicas", -1, "-1 is too small."),
    ("service.maxReplicas", 5001, "5001 is too large."),
    ("service.shutdownSeconds", 121, "121 is too large."),
    ("service.shutdownSeconds", 1, "1 is too small."),
    ("service.logRetentionDays", 31, "31 is not one of them; the nearest is 30."),
    ("service.cpuTargetPercent", 95, "95 is too large."),
    ("service.requestsTarget", 0, "0 is too small."),
    ("network.cidr", "10.0.0.0", "has no prefix; as a single address it is 10.0.0.0/32"),
    ("network.cidr", "ten", '"ten" is no range of addresses.'),
    ("network.cidr", "fd00::/64", "is IPv6"),
    ("network.cidr", "10.0.5.0/16", "the range is 10.0.0.0/16"),
    ("network.cidr", "11.0.0.0/16", "is not private"),
    ("network.zones", 1, "1 is not one of them; the nearest is 2."),
    ("network.zones", 4, "the nearest is 3"),
    ("network.interfaceEndpoints", ["ecr"], '"ecr" is not one of them'),
    ("network.interfaceEndpoints", ["log"], "did you mean logs?"),
    ("network.interfaceEndpoints", ["logs", "logs"], '"logs" stands there twice.'),
    ("network.flowLogRetentionDays", 10, "the nearest is 7"),
    ("database.name", "2records", "cannot be the name of a database"),
    ("database.name", "my-records", "cannot be the name of a database"),
    ("database.name", "Table", "is reserved"),
    ("database.name", "a" * 64, "64 characters, 1 too many"),
    ("database.user", "admin", '"admin" is reserved by PostgreSQL or RDS.'),
    ("database.user", "rdsadmin", "is reserved"),
    ("database.user", "pg_me", "names that begin with pg_"),
    ("database.user", "a" * 17, "17 characters, 1 too many"),
    ("database.engineVersion", "12.9", "12.9 is too old."),
    ("database.engineVersion", "latest", "is not how this version looks"),
    ("database.instanceClass", "t4g.micro", "is not how an RDS instance class looks"),
    ("database.storageGib", 19, "19 is too small."),
    ("database.backupRetentionDays", 36, "36 is too large."),
    ("api.throttleBurst", 0, "0 is too small."),
    ("api.wafRateLimit", 9, "9 is too small."),
    ("ecs-fargate.onDemandBase", 0, "0 is too small."),
    ("ecs-fargate.spotWeight", 1001, "1001 is too large."),
    ("ecs-ec2.instanceType", "small", "is not how an EC2 instance type looks"),
    ("eks.version", 1.35, "This is not text; put it in quotes."),
    ("eks.version", "1.3", "1.3 is too old."),
    ("database.engineVersion", 17.1, "This is not text; put it in quotes."),
    ("eks.version", "1.28", "1.28 is too old."),
    ("eks.version", "v1.34", "is not how this version looks"),
    ("eks.publicAccessCidrs", ["0.0.0.0/0"], "opens the cluster's API to the internet; write your own address"),
    ("eks.publicAccessCidrs", ["128.0.0.0/1"], "opens the cluster's API to the internet"),
    ("eks.publicAccessCidrs", ["10.0.0.0/8"], "is private"),
    ("eks.publicAccessCidrs", ["203.0.113.7"], "it is 203.0.113.7/32"),
    ("eks.publicAccessCidrs", ["me"], "is no range of addresses"),
    ("eks.publicAccessCidrs", ["203.0.113.7/24"], "the range is 203.0.113.0/24"),
    ("eks.publicAccessCidrs", ["2001:db8::/32"], "is IPv6"),
    (
        "eks.adminPrincipalArns",
        ["arn:aws:sts::123456789012:assumed-role/Admin/me@example.com"],
        "write its role: arn:aws:iam::123456789012:role/Admin",
    ),
    (
        "eks.adminPrincipalArns",
        ["arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0a1b/me"],
        "role/aws-reserved/sso.amazonaws.com/<region>/AWSReservedSSO_Admin_0a1b",
    ),
    ("eks.adminPrincipalArns", ["arn:aws:iam::123456789012:root"], "the account itself"),
    ("eks.adminPrincipalArns", ["Admin"], "is no ARN of an IAM role or user"),
    ("network.existing.vpcId", "vpc-xyz", "is no vpc id"),
    ("network.existing.privateSubnetIds", ["subnet-0a1b2c3d"], "1 given, at least 2 needed."),
    ("network.existing.privateSubnetIds", ["subnet-0a1b2c3d", "subnet-0a1b2c3d"], "stands there twice"),
    ("network.existing.dataSubnetIds", ["sg-0a1b2c3d", "subnet-0a1b2c3d"], '"sg-0a1b2c3d" is no subnet id'),
    ("network.existing.dataSubnetIds", [], "None given, at least 2 needed."),
    ("api.jwt.issuer", "http://id.example.com", "is no https URL"),
    ("api.jwt.audience", [], "None given, at least 1 needed."),
    ("api.cors.allowOrigins", ["https://a.example/"], "no slash at its end"),
    ("api.cors.allowOrigins", ["a.example"], "is no origin"),
    ("api.cors.allowMethods", ["get"], "did you mean GET?"),
    ("api.cors.allowHeaders", ["a b"], "is no header's name"),
    ("api.cors.maxAgeSeconds", 86401, "86401 is too large."),
    ("api.domain.name", "api", "is no fully qualified domain name"),
    ("api.domain.name", "API.example.com", "is no fully qualified domain name"),
    ("api.domain.certificateArn", "arn:aws:iam::123456789012:server-certificate/x", "is no ARN of an ACM certificate"),
    ("api.domain.hostedZoneId", "example.com", "is no id of a hosted zone"),
]


OF_JOB = ("schedule", "timezone", "timeoutSeconds", "retries")
ELSEWHERE = {"service.dockerfile", "service.files", "service.host", "api.authorization"}
"""Keys whose example speaks of what the test's project does not have."""


def _with_siblings(path: str, value: Any) -> dict[str, Any]:
    """Put a value where it belongs, beside right values of what else its object requires."""
    sections = nested(path, value)
    section, _, rest = path.partition(".")
    name = rest.partition(".")[0]
    field = find_field(SETTINGS, f"{section}.{name}")
    inner = nested_model(field) if field else None
    if inner:
        for sibling, sibling_field in fields_of(inner).items():
            if sibling_field.is_required():
                sections[section][name].setdefault(sibling, key_of(sibling_field).example)
    if path.startswith("api.jwt"):
        sections["api"]["authorization"] = "jwt"
    if section == "deployment" and name != "strategy":
        sections[section]["strategy"] = "canary"
    if name == "stripPath":
        sections[section].setdefault("path", "/shop")
    if section == "service" and name in OF_JOB:
        sections[section]["kind"] = "job"
    return sections


@pytest.mark.parametrize(("path", "value"), [(path, value) for path, values in ALLOWED for value in values])
def test_allowed(judge: Judge, path: str, value: Any) -> None:
    assert judge(**_with_siblings(path, value)) == []


@pytest.mark.parametrize(("path", "value", "words"), REFUSED)
def test_refused(judge: Judge, path: str, value: Any, words: str) -> None:
    problems = judge(**_with_siblings(path, value))
    assert [problem.key for problem in problems] == [f"berth:{path}"], problems
    (problem,) = problems
    assert words in problem.problem
    assert problem.given == value
    assert problem.allowed
    assert problem.example is not None


@pytest.mark.parametrize(
    ("region", "said"),
    [
        ("us-east", "did you mean us-east-2?"),
        ("US-EAST-1", "did you mean us-east-1?"),
        ("us-east-1a", "did you mean us-east-1?"),
        ("virginia", "is not how a region's code looks."),
        ("", "There is nothing behind the key."),
        ("us-esat-1", "Did you mean us-east-1?"),
        ("eu-wset-3", "Did you mean eu-west-3?"),
        ("xx-yyyy-7", 'AWS has no region "xx-yyyy-7" that is known here.'),
    ],
)
def test_regions(judge: Judge, region: str, said: str) -> None:
    (problem,) = judge({"aws:region": region, "berth:backend": "eks"})
    assert problem.key == "aws:region" and problem.problem.endswith(said)
    assert problem.allowed.startswith("the code of an AWS region; aws:skipRegionValidation: true beside it")


@pytest.mark.parametrize("skip", [True, "true"])
def test_a_region_newer_than_the_program_can_be_let_pass(judge: Judge, skip: object) -> None:
    config = {"aws:region": "eu-east-1", "berth:backend": "eks"}
    assert [problem.key for problem in judge(config)] == ["aws:region"]
    assert judge({**config, "aws:skipRegionValidation": skip}) == []
    assert [problem.key for problem in judge({**config, "aws:skipRegionValidation": "false"})] == ["aws:region"]
    assert len(judge({**config, "aws:region": "europe", "aws:skipRegionValidation": skip})) == 1


def test_every_element_that_is_wrong_is_named(judge: Judge) -> None:
    problem = judge.one("eks.publicAccessCidrs", ["10.0.0.0/8", "0.0.0.0/0", "203.0.113.7/32", "x"])
    assert len(problem.problem.splitlines()) == 3


@pytest.mark.parametrize("path", all_paths(SETTINGS))
def test_every_key_is_described_and_its_own_example_is_allowed(judge: Judge, path: str) -> None:
    field = find_field(SETTINGS, path)
    assert field is not None
    assert key_of(field).about.endswith("."), "a sentence"
    assert example_of(field) is not None
    if path == "region":
        assert judge({"aws:region": example_of(field), "berth:backend": "eks"}) == []
    elif path != "backend":
        broken = {problem.key for problem in judge(**_with_siblings(path, example_of(field)))}
        assert f"berth:{path}" not in broken or path in ELSEWHERE


@pytest.mark.parametrize("path", all_paths(SETTINGS))
def test_every_key_refuses_something(judge: Judge, path: str) -> None:
    """No key takes just anything: a value of no sense is reported under its name."""
    nonsense = {"no": {"sense": [None]}}
    if path == "region":
        problems = judge({"aws:region": nonsense, "berth:backend": "eks"})
    elif path == "backend":
        problems = judge({"aws:region": "us-east-1", "berth:backend": nonsense})
    else:
        problems = judge(**_with_siblings(path, nonsense))
    key = "aws:region" if path == "region" else f"berth:{path}"
    assert any(problem.key.startswith(key) for problem in problems), problems


@pytest.mark.parametrize(
    ("given", "meant"),
    [("helthPath", "healthPath"), ("HEALTH_PATH", "healthPath"), ("health-path", "healthPath"), ("zzzzz", None)],
)
def test_nearest(given: str, meant: str | None) -> None:
    assert nearest(given, ["healthPath", "readyPath", "cpu"]) == meant


def test_an_element_that_lacks_several_keys_is_one_problem_and_the_others_stay(judge: Judge) -> None:
    whole = {"cron": "0 8 * * *", "minReplicas": 1, "maxReplicas": 2}
    given = [{"cron": "0 3 * * *"}, whole, {"cron": "0 4 * * *", "minReplicas": 2}]
    [problem] = judge(service={"image": "registry.example.com/shop:1", "schedules": given})
    assert problem.key == "berth:service.schedules"
    said = (
        "element 1: minReplicas is missing",
        "element 1: maxReplicas is missing",
        "element 3: maxReplicas is missing",
    )
    assert all(one in problem.problem for one in said)
