"""IAM documents."""

from __future__ import annotations

import json

import pytest

from components.iam import assumed_by, policy, statement


@pytest.mark.parametrize("action", ["*", "s3:*"])
def test_wildcard_actions_are_refused(action: str) -> None:
    with pytest.raises(ValueError, match="name the actions"):
        statement([action], ["arn:aws:s3:::b"])


def test_policy_is_sorted_json() -> None:
    document = json.loads(policy(statement(["ssm:GetParameters", "ecr:BatchGetImage"], ["b", "a"])))
    assert document == {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["ecr:BatchGetImage", "ssm:GetParameters"], "Resource": ["a", "b"]}
        ],
    }


def test_trust_names_one_service() -> None:
    document = json.loads(assumed_by("pods.eks.amazonaws.com", "sts:TagSession"))
    [only] = document["Statement"]
    assert only["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert only["Action"] == ["sts:AssumeRole", "sts:TagSession"]
