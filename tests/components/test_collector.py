"""What keeps the logs of pods on EKS."""

from __future__ import annotations

import json
import re

from berth.plan import Plan
from components.berths.eks import collector
from tests.components.specs import SERVICE

GROUP = "/berth/berth-same-eks-biometric"


def test_the_logs_of_every_backend_are_kept_as_long_as_the_stack_says(plans: dict[str, Plan]) -> None:
    for backend, plan in plans.items():
        groups = {item.inputs["name"]: item.inputs for item in plan.of_type("aws:cloudwatch/logGroup:LogGroup")}
        assert groups[f"/berth/berth-same-{backend}-biometric"]["retentionInDays"] == 30


def test_it_may_write_to_its_group_and_read_its_namespace_and_no_more(plans: dict[str, Plan]) -> None:
    plan = plans["eks"]
    [policy] = [
        item for item in plan.of_type("aws:iam/rolePolicy:RolePolicy") if "eks-biometric-logs" in item.inputs["name"]
    ]
    [statement] = json.loads(policy.inputs["policy"])["Statement"]
    assert statement["Action"] == ["logs:PutLogEvents"]
    assert statement["Resource"] == [f"arn:aws:logs:eu-central-1:123456789012:log-group:{GROUP}:*"]
    [role] = plan.of_type("kubernetes:rbac.authorization.k8s.io/v1:Role")  # and no ClusterRole
    assert role.inputs["metadata"]["namespace"] == "biometric"
    assert {(*rule["resources"], *rule["verbs"]) for rule in role.inputs["rules"]} == {
        ("pods", "get", "list", "watch"),
        ("pods/log", "get"),
    }
    accounts = {
        item.inputs["serviceAccount"] for item in plan.of_type("aws:eks/podIdentityAssociation:PodIdentityAssociation")
    }
    assert accounts == {"biometric", "biometric-logs"}


def test_it_writes_into_the_stream_that_the_stack_makes(plans: dict[str, Plan]) -> None:
    """The endpoint makes neither group nor stream."""
    plan = plans["eks"]
    [stream] = plan.of_type("aws:cloudwatch/logStream:LogStream")
    [text] = [
        item.inputs["data"]["config.alloy"]
        for item in plan.of_type("kubernetes:core/v1:ConfigMap")
        if "config.alloy" in item.inputs["data"]
    ]
    assert f'headers  = {{"x-aws-log-group" = "{GROUP}", "x-aws-log-stream" = "{stream.inputs["name"]}"}}' in text
    assert 'endpoint = "https://logs.eu-central-1.amazonaws.com"' in text
    [running] = plan.of_type("kubernetes:apps/v1:StatefulSet")
    assert stream.urn in running.dependencies


def test_every_component_of_its_configuration_is_there() -> None:
    """What one block names another has to be."""
    text = collector.config(SERVICE, GROUP, "eu-central-1", "amazonaws.com")
    blocks = set(re.findall(r'^([a-z0-9.]+) "(\w+)" \{', text, re.MULTILINE))
    named = set(
        re.findall(r"\b((?:discovery|loki|otelcol)[a-z0-9.]*)\.(\w+)\.(?:targets|receiver|input|handler)", text)
    )
    assert named < blocks
    assert text.count("{") == text.count("}")


def test_a_changed_configuration_starts_it_anew() -> None:
    pods = [collector.collector(SERVICE, text)["spec"]["template"]["metadata"] for text in ("one", "two")]
    assert pods[0] != pods[1]


def test_it_is_confined_as_the_service_is() -> None:
    pod = collector.collector(SERVICE, "")["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert pod["securityContext"]["runAsUser"] == container["securityContext"]["runAsUser"] == 10001
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert {key for volume in pod["volumes"] for key in volume} == {"name", "configMap", "emptyDir"}
