"""What a table cannot say of a Copilot application: overrides, addons, names, domains, Copilot's own variables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from berth.errors import ConfigError
from berth.importing.copilot.application import load
from berth.importing.copilot.carry import carried, stacks
from berth.importing.draft import Stack
from berth.importing.table import Remark

from .trees import write

WEB = {"type": "Load Balanced Web Service", "image": {"build": "web/Dockerfile", "port": 8080}, "http": {"path": "/"}}
BACKEND = {"type": "Backend Service", "image": {"build": "api/Dockerfile", "port": 8080}}
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/1"
AURORA = """
Parameters: {App: {Type: String}}
Resources:
  dbSecurityGroup: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: {Fn::ImportValue: !Sub '${App}-${Env}-VpcId'}}}
  dbAuroraSecret: {Type: 'AWS::SecretsManager::Secret'}
  dbDBCluster:
    Type: AWS::RDS::DBCluster
    Properties:
      MasterUsername: !Join [ "", [ '{{resolve:secretsmanager:', !Ref dbAuroraSecret, ":SecretString:username}}" ]]
      Engine: 'aurora-postgresql'
  dbInstance: {Type: AWS::RDS::DBInstance, Properties: {Engine: aurora-postgresql}}
Outputs:
  dbSecret: {Value: !Ref dbAuroraSecret}
"""
TABLE = """
Resources:
  things: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Sub '${App}-${Env}-things'}}
  thingsPolicy: {Type: AWS::IAM::ManagedPolicy}
  queue: {Type: 'AWS::SQS::Queue'}
"""


def application(root: Path, **workloads: Any) -> Path:
    """Write an application of workloads and an environment."""
    for name, tree in workloads.items():
        write(root / f"copilot/{name}/manifest.yml", {"name": name, **tree})
    write(root / "copilot/.workspace", {"application": "kiosk"})
    return root


def imported(root: Path, name: str = "test", backend: str = "ecs-fargate") -> Stack:
    return carried(load(root), root, name, backend, "eu-west-1")


def services(stack: Stack) -> dict[str, Any]:
    found: dict[str, Any] = stack.config()["berth:services"]
    return found


def of(stack: Stack, key: str) -> Remark:
    [found] = [one for one in stack.remarks if one.key == key]
    return found


def test_an_override_lies_over_its_manifest_in_its_environment_only(tmp_path: Path) -> None:
    over = {
        "prod": {
            "image": {"location": "public.ecr.aws/example/web:2"},
            "count": {"range": "2-9", "cooldown": {"in": "9s"}},
            "variables": {"B": "two"},
        }
    }
    web = {**WEB, "count": 3, "variables": {"A": "one", "B": "one"}, "environments": over}
    application(tmp_path, web=web)
    test, prod = (services(imported(tmp_path, name))["web"] for name in ("test", "prod"))
    assert (test["context"], test["minReplicas"], test["environment"]) == ("web", 3, {"A": "one", "B": "one"})
    assert "context" not in prod and prod["image"].endswith("web:2"), "the one takes the place of the other"
    assert (prod["environment"], prod["maxReplicas"]) == ({"A": "one", "B": "two"}, 9)
    assert of(imported(tmp_path, "prod"), "environments.prod.count.cooldown.in").kind == "left"
    assert load(tmp_path).stacks() == ["prod"]


def test_a_database_among_the_addons_is_the_room_of_who_has_it(tmp_path: Path) -> None:
    application(tmp_path, api=BACKEND, web=WEB)
    addon = tmp_path / "copilot/api/addons/db.yml"
    addon.parent.mkdir()
    addon.write_text(AURORA)
    (addon.parent / "addons.parameters.yml").write_text("Parameters: {App: !Ref App}")
    stack = imported(tmp_path)
    assert services(stack)["api"]["uses"] == ["database"] and "uses" not in services(stack)["web"]
    said = [one for one in stack.remarks if one.file.endswith("db.yml")]
    assert [(one.key, one.kind) for one in said] == [
        ("Resources.dbDBCluster", "changed"),
        ("Resources.dbInstance", "changed"),
    ], "what a database has beside it comes with the room"


def test_a_database_of_the_environment_is_everybodys(tmp_path: Path) -> None:
    application(tmp_path, api=BACKEND, web=WEB)
    write(tmp_path / "copilot/environments/test/manifest.yml", {"name": "test", "type": "Environment"})
    (tmp_path / "copilot/environments/addons").mkdir()
    (tmp_path / "copilot/environments/addons/db.yml").write_text(AURORA)
    stack = imported(tmp_path)
    assert all(one["uses"] == ["database"] for one in services(stack).values())
    assert "take it from those that do not ask it" in of(stack, "Resources.dbDBCluster").why


def test_other_addons_stay_with_copilot_and_the_list_says_how_to_reach_them(tmp_path: Path) -> None:
    application(tmp_path, api=BACKEND)
    (tmp_path / "copilot/api/addons").mkdir()
    (tmp_path / "copilot/api/addons/more.yml").write_text(TABLE)
    mysql = "Resources: {db: {Type: AWS::RDS::DBCluster, Properties: {Engine: aurora-mysql}}}"
    (tmp_path / "copilot/api/addons/old.yaml").write_text(mysql)
    stack = imported(tmp_path)
    assert "dynamodb:GetItem" in of(stack, "Resources.things").instead
    assert "sqs:ReceiveMessage" in of(stack, "Resources.queue").instead
    assert "grants" in of(stack, "Resources.thingsPolicy").instead
    assert of(stack, "Resources.db").why == "The program's database is PostgreSQL."
    assert "uses" not in services(stack)["api"]


def test_a_template_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    application(tmp_path, api=BACKEND)
    (tmp_path / "copilot/api/addons").mkdir()
    (tmp_path / "copilot/api/addons/db.yml").write_text("a: [")
    with pytest.raises(ConfigError, match=r"db\.yml is not YAML"):
        imported(tmp_path)


def test_files_that_change_what_copilot_makes_are_listed(tmp_path: Path) -> None:
    application(tmp_path, api=BACKEND)
    write(tmp_path / "copilot/api/overrides/cfn.patches.yml", [{"op": "add"}])
    [said] = [one for one in imported(tmp_path).remarks if "cfn.patches" in one.file]
    assert said.kind == "left"


@pytest.mark.parametrize(
    ("url", "uses"),
    [
        ("http://api.test.kiosk.local:8080", True),
        ("http://api.${COPILOT_ENVIRONMENT_NAME}.${COPILOT_APPLICATION_NAME}.internal", True),
        ("http://api.kiosk.local", True),
        ("http://api", True),
        ("http://api.example.com", False),
        ("http://api.prod.kiosk.local", False),
        ("http://nobody:8080", False),
    ],
)
def test_names_of_copilots_network_become_uses(url: str, uses: bool, tmp_path: Path) -> None:
    application(tmp_path, api=BACKEND, web={**WEB, "variables": {"API_URL": url, "OTHER": url}})
    stack = imported(tmp_path)
    web = services(stack)["web"]
    assert web.get("uses") == (["api"] if uses else None)
    assert ("API_URL" in web.get("environment", {})) is not uses
    if uses:
        assert of(stack, "variables.API_URL").kind == "changed", "the program sets the very same variable"
        assert "read API_URL" in of(stack, "variables.OTHER").instead


@pytest.mark.parametrize(
    ("path", "stripped"), [("", True), ("/v1", True), ("/apis", True), ("/api", False), ("/api/v1", False)]
)
def test_what_tells_backends_apart_is_taken_off_unless_they_know_of_it(
    path: str, stripped: bool, tmp_path: Path
) -> None:
    web = {**WEB, "variables": {"API_URL": f"http://api:8080{path}"}}
    application(tmp_path, api=BACKEND, other=BACKEND, web=web)
    found = services(imported(tmp_path))
    assert (found["api"]["path"], found["other"]["path"]) == ("/api", "/other")
    assert found["api"].get("stripPath", False) is stripped and found["other"]["stripPath"] is True


def test_a_public_service_is_not_used(tmp_path: Path) -> None:
    application(tmp_path, web=WEB, api={**BACKEND, "variables": {"WEB_URL": "http://web.test.kiosk.local:8080/a"}})
    stack = imported(tmp_path)
    assert "uses" not in services(stack)["api"] and "public" in of(stack, "variables.WEB_URL").why


def test_what_copilot_tells_its_services_is_told_where_the_source_asks(tmp_path: Path) -> None:
    application(tmp_path, web=WEB)
    (tmp_path / "web").mkdir()
    source = "os.environ['COPILOT_ENVIRONMENT_NAME'] + os.environ['COPILOT_SERVICE_DISCOVERY_ENDPOINT']"
    (tmp_path / "web/main.py").write_text(source)
    (tmp_path / "web/vendor.py").write_text("COPILOT_LB_DNS")
    (tmp_path / "web/.dockerignore").write_text("vendor.py\n")
    (tmp_path / "web/Dockerfile").write_text("FROM scratch\n")
    stack = imported(tmp_path)
    assert services(stack)["web"]["environment"] == {"COPILOT_ENVIRONMENT_NAME": "test"}
    told = {one.given for one in stack.remarks if one.why.startswith("The source reads it")}
    assert told == {"COPILOT_SERVICE_DISCOVERY_ENDPOINT"}, "what the context leaves out is not read"


def test_a_variable_that_nobody_knows_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_TAG", raising=False)
    monkeypatch.setenv("SOME_TAG", "7")
    images = {"location": "public.ecr.aws/example/web:${SOME_TAG}", "port": 8080}
    application(tmp_path, web={**WEB, "image": images, "variables": {"A": "${NO_TAG}", "B": "\\${KEPT}"}})
    stack = imported(tmp_path)
    assert services(stack)["web"]["image"].endswith(":7")
    assert services(stack)["web"]["environment"]["B"] == "${KEPT}"
    assert (of(stack, "variables.A").given, of(stack, "variables.A").file) == ("${NO_TAG}", "copilot/web/manifest.yml")


def test_a_long_name_is_shortened_everywhere(tmp_path: Path) -> None:
    long = "warehouse-inventory-keeper"
    call = {"variables": {"STOCK": f"http://{long}:8080"}}
    application(tmp_path, **{long: BACKEND, "web": {**WEB, **call}})
    stack = imported(tmp_path)
    assert services(stack).keys() == {"warehouse-inventory", "web"}
    assert services(stack)["web"]["uses"] == ["warehouse-inventory"]
    assert "read WAREHOUSE_INVENTORY_URL" in of(stack, "variables.STOCK").instead


@pytest.mark.parametrize(
    ("aliases", "name", "hosts"),
    [
        (("kiosk.example.com",), "kiosk.example.com", ["kiosk.example.com"]),
        (("shop.example.com", "desk.example.com"), "*.example.com", ["shop.example.com", "desk.example.com"]),
        (("shop.example.com", "desk.example.org"), "*.example.com", ["shop.example.com", None]),
    ],
)
def test_aliases_share_one_domain(aliases: tuple[str, ...], name: str, hosts: list[str | None], tmp_path: Path) -> None:
    webs = {
        f"web{number}": {**WEB, "http": {"path": f"/{number}", "alias": [{"name": alias, "hosted_zone": "Z1"}]}}
        for number, alias in enumerate(aliases)
    }
    application(tmp_path, **webs)
    environment = {"name": "test", "type": "Environment", "http": {"public": {"certificates": [CERTIFICATE]}}}
    write(tmp_path / "copilot/environments/test/manifest.yml", environment)
    stack = imported(tmp_path)
    domain = {"name": name, "certificateArn": CERTIFICATE, "hostedZoneId": "Z1"}
    assert stack.config()["berth:api"] == {"domain": domain}
    assert [one.get("host") for one in services(stack).values()] == hosts
    assert len([one for one in stack.remarks if "http.alias" in one.key]) == hosts.count(None)


def test_an_internal_alias_gives_the_api_no_domain(tmp_path: Path) -> None:
    application(tmp_path, api={**BACKEND, "http": {"path": "/", "alias": "api.example.com"}})
    environment = {"name": "test", "type": "Environment", "http": {"public": {"certificates": [CERTIFICATE]}}}
    write(tmp_path / "copilot/environments/test/manifest.yml", environment)
    stack = imported(tmp_path)
    assert "berth:api" not in stack.config()
    assert of(stack, "api: http.alias").why == "An internal service is reached by its path."


def test_an_alias_without_a_certificate_says_what_to_write(tmp_path: Path) -> None:
    application(tmp_path, web={**WEB, "http": {"path": "/", "alias": "kiosk.example.com"}})
    stack = imported(tmp_path)
    assert "berth:api" not in stack.config()
    assert "certificateArn" in of(stack, "web: http.alias").instead


def test_an_existing_network_is_named_by_its_ids(tmp_path: Path) -> None:
    application(tmp_path, web=WEB)
    ids = ["subnet-0b1c2d3e4f5061728", "subnet-0c1d2e3f405162738"]
    vpc = {"id": "vpc-0a1b2c3d4e5f60718", "subnets": {"private": [{"id": one} for one in ids]}}
    write(
        tmp_path / "copilot/environments/test/manifest.yml",
        {"name": "test", "type": "Environment", "network": {"vpc": vpc}},
    )
    existing = {"vpcId": vpc["id"], "privateSubnetIds": ids, "dataSubnetIds": ids}
    assert imported(tmp_path).config()["berth:network"] == {"existing": existing}


def test_the_region_is_what_a_manifest_names(tmp_path: Path) -> None:
    application(tmp_path, web=WEB)
    environment = {"name": "test", "type": "Environment", "http": {"public": {"certificates": [CERTIFICATE]}}}
    write(tmp_path / "copilot/environments/test/manifest.yml", environment)
    [stack] = stacks(load(tmp_path), tmp_path, [], "eks", None, "us-east-1")
    assert stack.region == "eu-west-1"
    [stack] = stacks(load(tmp_path), tmp_path, [], "eks", "eu-central-1", None)
    assert stack.region == "eu-central-1", "what was said comes first"


def test_a_folder_without_manifests_is_refused(tmp_path: Path) -> None:
    (tmp_path / "copilot").mkdir()
    with pytest.raises(ConfigError, match="There is no manifest"):
        load(tmp_path)


def test_further_rules_are_ports_as_open_as_the_service(tmp_path: Path) -> None:
    rules = [
        {"path": "admin", "target_port": 8082, "healthcheck": {"path": "/up", "interval": "9s"}},
        {"path": "other"},
    ]
    application(
        tmp_path,
        web={**WEB, "http": {"path": "/", "additional_rules": rules}},
        api={**BACKEND, "http": {"path": "api", "additional_rules": rules}},
    )
    stack = imported(tmp_path)
    admin = {"port": 8082, "path": "/admin", "healthPath": "/up"}
    assert services(stack)["web"]["ports"] == {"admin": {**admin, "exposure": "public"}}
    assert services(stack)["api"]["ports"] == {"admin": {**admin, "exposure": "internal"}}
    same = [one for one in stack.remarks if one.key == "http.additional_rules.1"]
    assert {one.why for one in same} == {"A service has one path for its own port."}
    assert "healthcheck.interval" in next(one for one in stack.remarks if one.key == "http.additional_rules.0").why


def test_a_sidecar_moves_off_a_low_port_and_not_onto_the_services(tmp_path: Path) -> None:
    proxy = {"image": "public.ecr.aws/example/proxy:1", "port": "80/tcp"}
    application(tmp_path, web={**WEB, "sidecars": {"proxy": proxy}})
    stack = imported(tmp_path)
    assert services(stack)["web"]["sidecars"]["proxy"]["port"] == 9080
    assert "listen on 9080" in of(stack, "sidecars.proxy.port").why


def test_a_parameter_of_another_region_is_not_read_here(tmp_path: Path) -> None:
    arn = "arn:aws:ssm:{}:123456789012:parameter/kiosk/token"
    secrets = {"HERE": arn.format("eu-west-1"), "THERE": arn.format("us-east-1")}
    application(tmp_path, web={**WEB, "secrets": secrets})
    stack = imported(tmp_path)
    assert services(stack)["web"]["secrets"] == {"HERE": {"parameter": "/kiosk/token"}}
    assert of(stack, "secrets.THERE").instead == "copy it to eu-west-1"


@pytest.mark.parametrize("image", [{"build": {"args": {"A": "b"}}}, {}])
def test_an_image_that_says_nothing_of_its_context_is_built_from_the_workspace(image: Any, tmp_path: Path) -> None:
    application(tmp_path, worker={"type": "Worker Service", "image": image})
    assert services(imported(tmp_path))["worker"]["context"] == ".", "and never from the sample's"


def test_stages_of_a_pipeline_are_environments(tmp_path: Path) -> None:
    application(tmp_path, web=WEB)
    write(tmp_path / "copilot/pipelines/main/manifest.yml", {"name": "main", "stages": [{"name": "test"}, {}, 1]})
    assert load(tmp_path).stacks() == ["test"]


def test_a_private_request_driven_service_is_internal(tmp_path: Path) -> None:
    web = {"type": "Request-Driven Web Service", "image": WEB["image"]}
    application(
        tmp_path, one={**web, "http": {"private": True}}, two={**web, "http": {"private": {"endpoint": "vpce-1"}}}
    )
    assert [one["exposure"] for one in services(imported(tmp_path)).values()] == ["internal", "internal"]
