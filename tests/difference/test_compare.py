from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from berth.difference.codec import dumps, loads, seal
from berth.difference.compare import difference
from berth.difference.outcome import Change, Difference, ResourceChange
from berth.difference.view import entries_of
from berth.plan import UNKNOWN, Plan, Resource, Secret, Value
from berth.views.section import named as titled
from tests.programs import Record

GOLDEN = Path(__file__).parent / "golden" / "ecs-fargate-to-eks.txt"


def resource(token: str, name: str, parent: str = "", **inputs: Value) -> Resource:
    chain = f"{parent}${token}" if parent else token
    return Resource(
        urn=f"urn:pulumi:dev::toy::{chain}::{name}",
        type=token,
        name=name,
        parent=f"urn:pulumi:dev::toy::{parent}::room" if parent else None,
        inputs=inputs,
    )


def plan(*resources: Resource, **outputs: Value) -> Plan:
    return Plan("dev", resources, outputs)


def only(found: Difference) -> ResourceChange:
    (change,) = found.resources
    return change


def named(found: Difference, token: str, part: str = "") -> ResourceChange:
    (change,) = (item for item in found.resources if item.resource.type == token and part in item.resource.name)
    return change


def at(change: ResourceChange, where: str) -> Change:
    (found,) = (item for item in change.changes if item.where == where)
    return found


def test_a_plan_differs_in_nothing_from_itself(fargate: Plan) -> None:
    found = difference(loads(dumps(fargate, b"salt")), seal(fargate, b"salt"))
    assert not found.resources and not found.outputs
    assert found.unchanged == len(fargate.resources)


def test_the_order_of_resources_does_not_count(fargate: Plan, record: Record) -> None:
    other = record("eks")
    turned = replace(other, resources=tuple(reversed(other.resources)))
    assert difference(fargate, turned) == difference(fargate, other)


def test_two_backends(fargate: Plan, record: Record) -> None:
    found = difference(fargate, record("eks"))
    lines = []
    for change, entry in zip(found.resources, entries_of(found), strict=False):
        lines.append(f"{entry.sign} {titled(entry)}")
        lines += [f"    {item.kind} {item.where}{' !' if item.replaces else ''}" for item in change.changes]
    lines += [f"output {item.kind} {item.where}" for item in found.outputs]
    text = "\n".join(lines) + "\n"
    if os.environ.get("BERTH_WRITE_GOLDEN"):
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text(), "BERTH_WRITE_GOLDEN=1 writes it anew: read what has changed."


def test_cpu_registers_a_new_task_definition(fargate: Plan, record: Record) -> None:
    # Memory as well: 512 is no memory for a vCPU on Fargate.
    found = difference(fargate, record("ecs-fargate", "  berth:service: {cpu: 1024, memory: 2048}\n"))
    task = named(found, "aws:ecs/taskDefinition:TaskDefinition")
    assert task.kind == "replace"
    assert (at(task, "cpu").before, at(task, "cpu").after) == ("256", "1024")
    # A service takes a new revision in place, and its number is not known yet.
    service = named(found, "aws:ecs/service:Service")
    assert service.kind == "maybe"
    assert "replaced" in at(service, "taskDefinition").note


def test_cpu_is_found_inside_the_container_definitions() -> None:
    # This program gives the task its CPU, not the container: a plan made by hand.
    def task(cpu: int) -> Plan:
        text = json.dumps([{"name": "init", "cpu": 1}, {"name": "biometric", "cpu": cpu}])
        return plan(resource("aws:ecs/taskDefinition:TaskDefinition", "t", containerDefinitions=text))

    change = at(only(difference(task(256), task(512))), "containerDefinitions[biometric].cpu")
    assert (change.before, change.after) == (256, 512)


def test_cpu_is_found_inside_the_pod(record: Record) -> None:
    found = difference(record("eks"), record("eks", "  berth:service: {cpu: 512}\n"))
    deployment = named(found, "kubernetes:apps/v1:Deployment")
    assert deployment.kind == "update"
    assert at(deployment, "spec.template.spec.containers[biometric].resources.requests.cpu")


def test_another_port_replaces_the_target_group(fargate: Plan, record: Record) -> None:
    found = difference(fargate, record("ecs-fargate", "  berth:service: {port: 9090}\n"))
    group = named(found, "aws:lb/targetGroup:TargetGroup")
    assert group.kind == "replace" and group.certain
    change = at(group, "port")
    assert (change.before, change.after) == (8080, 9090)
    assert change.replaces
    task = named(found, "aws:ecs/taskDefinition:TaskDefinition")
    assert at(task, "containerDefinitions[biometric].environment[PORT].value").after == "9090"
    # The listener forwards to it by an ARN that nobody knows yet.
    assert named(found, "aws:lb/listener:Listener").kind == "maybe"


def test_a_replacement_spreads_along_references(fargate: Plan, record: Record) -> None:
    found = difference(fargate, record("ecs-fargate", "  berth:network: {cidr: 10.9.0.0/16}\n"))
    replaced = {item.resource.type for item in found.of_kind("replace")}
    assert {"aws:ec2/vpc:Vpc", "aws:ec2/securityGroup:SecurityGroup", "aws:lb/targetGroup:TargetGroup"} <= replaced
    # Only what cannot be changed: the cluster and the repository stand in no network.
    assert not {"aws:ecs/cluster:Cluster", "aws:ecr/repository:Repository"} & replaced


def test_created_deleted_and_the_stack_does_not_count() -> None:
    here = plan(resource("aws:s3/bucket:Bucket", "a", bucket="a"), resource("aws:ec2/eip:Eip", "x"))
    there = plan(resource("aws:kms/key:Key", "k", description="k"), resource("aws:ec2/eip:Eip", "x"))
    there = replace(
        there, stack="prod", resources=[replace(r, urn=r.urn.replace(":dev:", ":prod:")) for r in there.resources]
    )
    found = difference(here, there)
    assert [(item.kind, item.resource.name) for item in found.resources] == [("delete", "a"), ("create", "k")]
    assert found.unchanged == 1


def test_moved_and_renamed() -> None:
    bucket = "aws:s3/bucket:Bucket"
    found = difference(plan(resource(bucket, "logs", bucket="b")), plan(resource(bucket, "logs", "a:b:C", bucket="b")))
    assert only(found).kind == "move"
    assert "was under the stack" in titled(entries_of(found)[0])
    found = difference(plan(resource(bucket, "logs", bucket="b")), plan(resource(bucket, "log", bucket="b")))
    assert only(found).kind == "move"
    assert "was logs" in titled(entries_of(found)[0])


def test_what_merely_looks_alike_is_not_moved() -> None:
    route = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    before = plan(resource(route, "a", subnetId=UNKNOWN))
    assert {item.kind for item in difference(before, plan(resource(route, "b", subnetId=UNKNOWN))).resources} == {
        "create",
        "delete",
    }
    twins = plan(resource("aws:ec2/eip:Eip", "b", domain="vpc"), resource("aws:ec2/eip:Eip", "c", domain="vpc"))
    found = difference(plan(resource("aws:ec2/eip:Eip", "a", domain="vpc")), twins)
    assert sorted(item.kind for item in found.resources) == ["create", "create", "delete"]


@pytest.mark.parametrize(("new", "kind"), [("a", None), ("b", "update")])
def test_a_secret_is_compared_without_being_known(new: str, kind: str | None) -> None:
    token = "aws:ssm/parameter:Parameter"
    base = loads(dumps(plan(resource(token, "p", value=Secret("a"))), b"salt"))
    found = difference(base, seal(plan(resource(token, "p", value=Secret(new))), b"salt"))
    assert [item.kind for item in found.resources] == ([kind] if kind else [])


def test_an_unknown_is_compared_by_what_it_refers_to() -> None:
    token = "aws:ec2/eip:Eip"

    def refers(urn: str) -> Plan:
        eip = resource(token, "e", instance=UNKNOWN)
        return plan(replace(eip, property_dependencies={"instance": (f"urn:pulumi:dev::toy::{urn}",)}))

    assert difference(refers("t::a"), refers("t::a")).unknown == 1
    change = only(difference(refers("t::a"), refers("t::b")))
    assert change.kind == "update"
    assert change.changes[0].note == "refers to b, not a"


def test_a_replacement_that_hangs_on_an_unknown_is_not_certain() -> None:
    token = "aws:ec2/subnet:Subnet"
    found = difference(plan(resource(token, "s", vpcId=UNKNOWN)), plan(resource(token, "s", vpcId="vpc-1")))
    assert only(found).kind == "replace"
    assert not only(found).certain


def test_options_and_outputs() -> None:
    key = resource("aws:kms/key:Key", "k")
    found = difference(plan(key, a="1", b=UNKNOWN), plan(replace(key, protect=True), a="2", b=UNKNOWN))
    assert only(found).changes[0].where == "protect"
    assert [(item.where, item.after) for item in found.outputs] == [("a", "2")]


def test_an_iam_policy_is_compared_by_statement() -> None:
    def role(effect: str) -> Plan:
        text = json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "A", "Effect": effect}, {"Sid": "B"}]})
        return plan(resource("aws:iam/rolePolicy:RolePolicy", "r", policy=text))

    assert [item.where for item in only(difference(role("Allow"), role("Deny"))).changes] == [
        "policy.Statement[A].Effect"
    ]
