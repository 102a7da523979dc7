"""Who the Kubernetes provider logs in as."""

from __future__ import annotations

import json

from components.berths.eks.kubeconfig import with_profile

GIVEN = json.dumps(
    {"users": [{"name": "aws", "user": {"exec": {"command": "aws", "args": ["eks", "get-token", "--region", "eu"]}}}]}
)


def test_the_profile_of_the_stack_asks_for_the_token() -> None:
    [user] = json.loads(with_profile(GIVEN, "deploy"))["users"]
    assert user["user"]["exec"]["args"] == ["eks", "get-token", "--region", "eu", "--profile", "deploy"]


def test_without_a_profile_it_is_left_alone() -> None:
    assert with_profile(GIVEN, None) == GIVEN
