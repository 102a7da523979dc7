"""The image: what the registry is asked before it is pushed, and what the engine is told."""

from __future__ import annotations

from types import SimpleNamespace

import pulumi_aws as aws
import pytest

from berth.plan import Plan
from components.rooms.image import image


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

    monkeypatch.setattr(aws.ecr, "get_repositories", lambda: SimpleNamespace(names=repositories))
    monkeypatch.setattr(aws.ecr, "get_images", images)
    assert image.is_pushed("berth/it", "new") is pushed


def test_an_image_is_replaced_and_never_updated(plans: dict[str, Plan]) -> None:
    """An update would push what is there; and once pushed, that it is there changes nothing."""
    [made] = plans["eks"].of_type("docker:index/image:Image")
    assert made.replace_on_changes == ("*",) and made.ignore_changes == ("skipPush",)
    assert made.inputs["skipPush"] is False
