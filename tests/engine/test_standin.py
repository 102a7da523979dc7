"""The stand-in providers themselves: what they answer decides what the engine's tests are worth."""

from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from .standin import catalog, invokes, replacement
from .standin.servicer import StandIn
from .standin.values import ACCOUNT, Made
from .standin.wire import UNKNOWN, to_dict, to_struct


def _urn(token: str, name: str = "it") -> str:
    return f"urn:pulumi:dev::berth::some:Parent${token}::{name}"


def _create(token: str, inputs: dict[str, Any], preview: bool) -> provider_pb2.CreateResponse:
    request = provider_pb2.CreateRequest(urn=_urn(token), properties=to_struct(inputs), preview=preview)
    return StandIn(token.split(":")[0]).Create(request, None)


def _diff(token: str, olds: dict[str, Any], news: dict[str, Any]) -> provider_pb2.DiffResponse:
    request = provider_pb2.DiffRequest(urn=_urn(token), old_inputs=to_struct(olds), news=to_struct(news))
    return StandIn(token.split(":")[0]).Diff(request, None)


def test_computed_outputs_are_unknown_at_preview() -> None:
    """A preview knows what was given and nothing else."""
    response = _create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}, preview=True)
    state = to_dict(response.properties)
    assert response.id == ""
    assert state["cidrBlock"] == "10.0.0.0/16"
    assert state["arn"] == state["defaultSecurityGroupId"] == UNKNOWN


def test_outputs_are_made_up_and_the_same_every_time() -> None:
    """Whatever the SDK declares is there, in a plausible shape."""
    first, second = (_create("aws:lb/targetGroup:TargetGroup", {"name": "web"}, preview=False) for _ in range(2))
    assert first == second
    arn = to_dict(first.properties)["arn"]
    assert arn.startswith(f"arn:aws:elasticloadbalancing:eu-central-1:{ACCOUNT}:targetgroup/web/")
    assert first.id == arn


@pytest.mark.parametrize(
    ("token", "output", "path"),
    [
        ("aws:eks/cluster:Cluster", "certificateAuthority", ("data",)),
        ("aws:eks/cluster:Cluster", "identities", (0, "oidcs", 0, "issuer")),
        ("aws:rds/instance:Instance", "masterUserSecrets", (0, "secretArn")),
    ],
)
def test_nested_outputs_are_whole(token: str, output: str, path: tuple[str | int, ...]) -> None:
    """A program may reach into an output and find a string there."""
    value = to_dict(_create(token, {}, preview=False).properties)[output]
    for step in path:
        value = value[step]
    assert isinstance(value, str)


def test_names_are_known_at_preview() -> None:
    """What is not named by the program is named by Check, as the bridged providers do."""
    request = provider_pb2.CheckRequest(urn=_urn("aws:iam/role:Role", "task"), news=to_struct({}))
    name = to_dict(StandIn("aws").Check(request, None).inputs)["name"]
    assert name.startswith("task-")


def test_a_change_updates_or_replaces() -> None:
    """Only what the cloud cannot change in place is replaced."""
    olds = {"name": "web", "port": 80, "deregistrationDelay": 30}
    assert _diff("aws:lb/targetGroup:TargetGroup", olds, olds).changes == provider_pb2.DiffResponse.DIFF_NONE
    assert list(_diff("aws:lb/targetGroup:TargetGroup", olds, {**olds, "deregistrationDelay": 60}).replaces) == []
    assert list(_diff("aws:lb/targetGroup:TargetGroup", olds, {**olds, "port": 81}).replaces) == ["port"]
    assert replacement.replacing("ecs/taskDefinition", ["cpu", "tags"]) == ["cpu"]


def test_a_new_registry_password_is_no_change() -> None:
    """A registry hands out another password every time; the Docker provider compares the server alone."""
    olds = {"registry": {"server": "here", "password": "one"}}
    same = {"registry": {"server": "here", "password": "two"}}
    other = {"registry": {"server": "there", "password": "two"}}
    assert list(_diff("docker:index/image:Image", olds, same).diffs) == []
    assert list(_diff("docker:index/image:Image", olds, other).diffs) == ["registry"]


def test_a_deployments_selector_is_immutable() -> None:
    """The API server refuses a new selector, so the object is replaced."""
    olds = {"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"selector": {"a": "b"}, "replicas": 1}}
    scaled = {**olds, "spec": {"selector": {"a": "b"}, "replicas": 2}}
    moved = {**olds, "spec": {"selector": {"a": "c"}, "replicas": 1}}
    assert list(_diff("kubernetes:apps/v1:Deployment", olds, scaled).replaces) == []
    assert list(_diff("kubernetes:apps/v1:Deployment", olds, moved).replaces) == ["spec"]


def test_an_unknown_function_is_an_error() -> None:
    """An empty answer would let a program pass that the cloud would fail."""
    with pytest.raises(invokes.UnknownFunctionError):
        invokes.invoke("aws:ec2/getNothing:getNothing", {}, "eu-central-1")


def test_an_aws_provider_needs_a_region() -> None:
    """A stack without one fails on AWS as well."""
    request = provider_pb2.CheckRequest(news=to_struct({}))
    assert [failure.property for failure in StandIn("aws").CheckConfig(request, None).failures] == ["region"]


def test_the_catalog_knows_inputs_from_outputs() -> None:
    """An output that could have been an input is not unknown when it was given."""
    schema = catalog.schema_of("aws:lb/loadBalancer:LoadBalancer")
    assert "name" in schema.inputs
    assert {"arn", "dnsName"} <= schema.computed
    assert Made("aws:lb/loadBalancer:LoadBalancer", _urn("x"), {"name": "web"}).name == "web"
