"""The database in the plans: what RDS and SSM take, what ends with it, and who may do what in it."""

from __future__ import annotations

import json
import ssl
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest

from berth.plan import UNKNOWN, Plan, Resource
from tests.components.conftest import BACKENDS
from tests.components.moored import read, units_of
from tests.programs import ROOT, Record


def instance(plan: Plan) -> Resource:
    [found] = plan.of_type("aws:rds/instance:Instance")
    return found


@pytest.mark.parametrize(
    ("config", "most"),
    [("{storageGib: 100}", None), ("{storageGib: 100, maxStorageGib: 110}", 110), ("{storageGib: 50}", 100)],
)
def test_storage_that_may_not_grow_has_no_maximum(record: Record, config: str, most: int | None) -> None:
    """CreateDBInstance refuses a MaxAllocatedStorage that is not above AllocatedStorage."""
    inputs = instance(record("ecs-fargate", f"  berth:database: {config}\n")).inputs
    assert inputs.get("maxAllocatedStorage") == most


@pytest.mark.parametrize("backend", BACKENDS)
def test_passwords_are_letters_and_digits(plans: dict[str, Plan], backend: str) -> None:
    """SSM refuses ``{{``, RDS ``/@"``, and a URL, a shell or an env file reads most other signs in its own way."""
    passwords = plans[backend].of_type("random:index/randomPassword:RandomPassword")
    assert passwords
    for password in passwords:
        assert password.inputs["special"] is False and password.inputs["length"] >= 40


def given(plan: Plan) -> tuple[set[str], set[str]]:
    """Return the names of all variables of the running container and of the one that runs the init command."""
    if tasks := plan.of_type("aws:ecs/taskDefinition:TaskDefinition"):
        main, init = json.loads(tasks[0].inputs["containerDefinitions"])
        found = [{entry["name"] for entry in [*one["environment"], *one["secrets"]]} for one in (main, init)]
        return found[0], found[1]
    if functions := plan.of_type("aws:lambda/function:Function"):
        by_name = sorted(functions, key=lambda one: one.name)
        main, init = (
            {name.removeprefix("BERTH_SECRET_") for name in one.inputs["environment"]["variables"]} for one in by_name
        )
        return main, init - {"AWS_LWA_ERROR_STATUS_CODES"}
    if plan.moorings[0].berth == "ec2":
        init, main = (
            {one.partition("target=")[2] for one in unit["Secret"]}
            | {one[1:].partition("=")[0] for one in unit["Environment"]}
            for unit in units_of(plan.of_type("aws:ec2/launchTemplate:LaunchTemplate")[0])
        )
        return main, init
    if plan.moorings[0].berth == "beanstalk":
        seen = read(plan, plan.moorings[0])
        return set(seen.running.variables), set(seen.initial.variables)
    pod = plan.of_type("kubernetes:apps/v1:Deployment")[0].inputs["spec"]["template"]["spec"]
    data: dict[str, Any] = {}
    for kind, key in (("ConfigMap", "data"), ("Secret", "stringData")):
        for item in plan.of_type(f"kubernetes:core/v1:{kind}"):
            part = item.inputs[key]
            data[f"{kind}/{item.inputs['metadata']['name']}"] = getattr(part, "value", part)

    def names(container: dict[str, Any]) -> set[str]:
        found = {entry["name"] for entry in container["env"]}
        for source in container["envFrom"]:
            [(reference, target)] = source.items()
            kind = {"configMapRef": "ConfigMap", "secretRef": "Secret"}[reference]
            found |= set(data[f"{kind}/{target['name']}"])
        return found

    return names(pod["containers"][0]), names(pod["initContainers"][0])


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_running_service_never_holds_the_master_users_password(plans: dict[str, Plan], backend: str) -> None:
    main, init = given(plans[backend])
    own = {"DATABASE_HOST", "DATABASE_PORT", "DATABASE_NAME", "DATABASE_USER", "DATABASE_PASSWORD"}
    assert own <= main
    assert init - main == {"DATABASE_ADMIN_USER", "DATABASE_ADMIN_PASSWORD"}


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_services_password_is_not_the_master_users(plans: dict[str, Plan], backend: str) -> None:
    names = {item.name for item in plans[backend].of_type("random:index/randomPassword:RandomPassword")}
    assert names == {"berth-same-db-password", "berth-same-db-application-password"}
    assert instance(plans[backend]).inputs["username"] == "biometric"


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_image_that_makes_no_role_connects_as_the_master_user_and_is_told_so(record: Record, backend: str) -> None:
    plan = record(backend, "  berth:service: {image: 'ghcr.io/example/shop:1.4', command: [shop]}\n")
    messages = "\n".join(notice.message for notice in plan.notices)
    assert "berth:accept: [master-user]" in messages and "berth:accept: [unverified-database]" in messages
    assert len(plan.of_type("random:index/randomPassword:RandomPassword")) == 1
    both = "  berth:accept: [master-user, unverified-database]\n"
    quiet = record(backend, "  berth:service: {image: 'ghcr.io/example/shop:1.4', command: [shop]}\n" + both)
    assert "berth:accept" not in "\n".join(notice.message for notice in quiet.notices)


def test_the_database_is_verified_by_a_file_of_the_image(plans: dict[str, Plan], record: Record) -> None:
    def environment(plan: Plan) -> dict[str, str]:
        [task] = plan.of_type("aws:ecs/taskDefinition:TaskDefinition")
        return {one["name"]: one["value"] for one in json.loads(task.inputs["containerDefinitions"])[0]["environment"]}

    verified = environment(plans["ecs-fargate"])
    assert (verified["DATABASE_SSLMODE"], verified["PGSSLROOTCERT"]) == ("verify-full", "/app/rds.pem")
    foreign = environment(record("ecs-fargate", "  berth:service: {image: 'ghcr.io/example/shop:1.4'}\n"))
    assert foreign["DATABASE_SSLMODE"] == "require" and "PGSSLROOTCERT" not in foreign


def common_name(certificate: dict[str, Any]) -> str:
    return str(next(value for ((name, value),) in certificate["subject"] if name == "commonName"))


def test_the_samples_image_knows_the_authority_of_every_region() -> None:
    """Roots of the instance's own certificate, by region, that are not about to end."""
    context = ssl.create_default_context(cafile=str(ROOT / "services/biometric/image/rds.pem"))
    roots = {common_name(root): root for root in context.get_ca_certs()}
    assert all(root["subject"] == root["issuer"] for root in roots.values())
    assert all(name.startswith("Amazon RDS ") and name.endswith(" G1") for name in roots)
    regions = set(botocore.session.get_session().get_available_regions("rds")) - {"ap-east-2", "ap-southeast-6"}
    assert len(regions) > 30  # those two are named in the file as missing
    assert {f"Amazon RDS {region} Root CA RSA2048 G1" for region in regions} <= set(roots)
    ends = [ssl.cert_time_to_seconds(str(root["notAfter"])) for root in roots.values()]
    assert min(ends) > datetime(2060, 1, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize("production", [False, True])
def test_a_deleted_database_leaves_a_snapshot_and_its_backups(record: Record, production: bool) -> None:
    config = "  berth:production: true\n  berth:accept: [public-api]\n" if production else ""
    inputs = instance(record("ecs-fargate", config)).inputs
    assert inputs["skipFinalSnapshot"] is False and inputs["deleteAutomatedBackups"] is False
    assert inputs["finalSnapshotIdentifier"] is UNKNOWN  # another one for each database


def test_data_is_discarded_by_name_only(record: Record) -> None:
    inputs = instance(record("ecs-fargate", "  berth:database: {discardOnDestroy: true}\n")).inputs
    assert inputs["skipFinalSnapshot"] is True and inputs["deleteAutomatedBackups"] is True
