"""The image: what the registry is asked before it is pushed, and what the engine is told."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pulumi_aws as aws
import pytest

from berth.plan import Plan
from components.rooms.image import image
from components.rooms.image.registry import Registry
from components.site import Site
from tests.programs import Record


@pytest.mark.parametrize(
    ("repositories", "tags", "pushed"),
    [
        ([], [], False),  # before the first `up`
        (["berth/it"], [], False),
        (["berth/it"], ["old", None], False),  # expired, or an interrupted push
        (["berth/it"], ["old", "new"], True),
    ],
)
def test_only_a_missing_tag_is_pushed(
    monkeypatch: pytest.MonkeyPatch, repositories: list[str], tags: list[str | None], pushed: bool
) -> None:
    def images(repository_name: str) -> SimpleNamespace:
        assert repository_name in repositories, "an error in AWS's provider"
        return SimpleNamespace(image_ids=[SimpleNamespace(image_tag=tag) for tag in tags])

    asked: list[None] = []

    def named() -> SimpleNamespace:
        asked.append(None)
        return SimpleNamespace(names=repositories)

    monkeypatch.setattr(aws.ecr, "get_repositories", named)
    monkeypatch.setattr(aws.ecr, "get_images", images)
    registry = Registry(Site("it", "123456789012", "aws", "us-east-1"))
    assert registry.holds("berth/it", "new") is pushed
    assert registry.holds("berth/other", "new") is False
    assert len(asked) == 1, "a list of all repositories, for every service"


def test_an_image_is_replaced_and_never_updated(plans: dict[str, Plan]) -> None:
    """An update would push what is there; and once pushed, that it is there changes nothing."""
    [made] = plans["eks"].of_type("docker:index/image:Image")
    assert made.replace_on_changes == ("*",) and made.ignore_changes == ("skipPush",)
    assert made.inputs["skipPush"] is False


def test_tasks_may_pull_a_prebuilt_image_of_ecr(record: Record) -> None:
    """A task's execution role pulls, and has no right on a repository that its policy does not name."""
    reference = "210987654321.dkr.ecr.eu-west-1.amazonaws.com/team/shop:1.4.2"
    plan = record("ecs-fargate", f"  berth:service: {{image: '{reference}', uses: []}}\n")
    [policy] = [one for one in plan.of_type("aws:iam/rolePolicy:RolePolicy") if "-execution" in one.name]
    [pull] = [one for one in json.loads(policy.inputs["policy"])["Statement"] if "ecr:BatchGetImage" in one["Action"]]
    assert pull["Resource"] == ["arn:aws:ecr:eu-west-1:210987654321:repository/team/shop"]


@pytest.mark.parametrize("reference", ["public.ecr.aws/nginx/nginx:1", "registry.example.com/123456789012.dkr.ecr/a:1"])
def test_other_registries_need_no_right(reference: str) -> None:
    assert image.repository_of(reference, "aws") is None
