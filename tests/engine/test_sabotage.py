"""A container that would run as root is refused at the very first preview, whoever lets it in."""

from pathlib import Path

import pytest

from .cli import Checkout, Verdict

pytestmark = pytest.mark.engine


@pytest.fixture
def checkout(providers: str, tmp_path: Path) -> Checkout:
    """Give a copy of the project to sabotage."""
    return Checkout(tmp_path, providers)


@pytest.mark.parametrize("stack", ["ecs-fargate-dev", "ecs-ec2-dev"])
def test_root_in_a_container_definition(checkout: Checkout, stack: str) -> None:
    """The task definition's user."""
    checkout.edit("components/berths/ecs/definition.py", 'f"{security.uid}:{security.gid}"', '"0"')
    _assert_names_the_place(_refusals(checkout, stack), "aws:ecs/taskDefinition:", "user")


def test_root_in_a_unit(checkout: Checkout) -> None:
    """The user of a container that a machine runs by its user data."""
    checkout.edit("components/berths/ec2/units.py", '("User", str(security.uid))', '("User", "0")')
    _assert_names_the_place(_refusals(checkout, "ec2-dev"), "aws:ec2/launchTemplate:", "User")


def test_root_in_a_compose_file(checkout: Checkout) -> None:
    """The user of a service in a bundle."""
    checkout.edit("components/berths/beanstalk/compose.py", 'f"{security.uid}:{security.gid}"', '"0"')
    _assert_names_the_place(_refusals(checkout, "beanstalk-dev"), "aws:s3/bucketObjectv2:", "user")


def test_root_in_the_chart(checkout: Checkout) -> None:
    """The chart's values."""
    checkout.edit("charts/service/values.yaml", "runAsNonRoot: true", "runAsNonRoot: false")
    _assert_names_the_place(_refusals(checkout, "eks-dev"), "kubernetes:apps/v1:Deployment:", "runAsNonRoot")


def test_root_in_the_dockerfile(checkout: Checkout) -> None:
    """The image's user."""
    checkout.edit("services/biometric/Dockerfile", "USER 10001:10001", "USER 0:0")
    _assert_names_the_place(_refusals(checkout, "dev"), "docker:index/image:", "services/biometric/Dockerfile:")


def _refusals(checkout: Checkout, stack: str) -> list[Verdict]:
    checkout.pulumi("stack", "init", stack)
    run = checkout.preview()
    assert run.code != 0, run.output
    refusals = [verdict for verdict in run.verdicts if verdict.level == "mandatory"]
    assert refusals, run.output
    assert all(verdict.rule in run.output for verdict in refusals)
    return refusals


def _assert_names_the_place(refusals: list[Verdict], type_: str, place: str) -> None:
    assert any(
        "non-root" in verdict.rule and type_ in verdict.resource and place in verdict.message for verdict in refusals
    ), refusals
