"""The longest names that the config allows, in every plan, beside AWS's limits."""

from __future__ import annotations

import pytest

from components.config.regions import REGIONS
from components.iam import LONGEST_NAME
from components.settings import NAME_LENGTH
from tests.components.conftest import BACKENDS
from tests.programs import recorder

# What AWS's API references state of each name.
LIMITS = {
    ("aws:ecs/cluster:Cluster", "name"): 255,
    ("aws:ecs/service:Service", "name"): 255,
    ("aws:elasticbeanstalk/application:Application", "name"): 100,
    ("aws:elasticbeanstalk/environment:Environment", "name"): 40,
    ("aws:iam/instanceProfile:InstanceProfile", "name"): 128,
    ("aws:iam/role:Role", "name"): 64,
    ("aws:lb/loadBalancer:LoadBalancer", "name"): 32,
    ("aws:lb/targetGroup:TargetGroup", "name"): 32,
    ("aws:rds/instance:Instance", "identifier"): 63,
    ("aws:s3/bucket:Bucket", "bucket"): 63,
    ("aws:wafv2/webAcl:WebAcl", "name"): 128,
    ("eks:index:Cluster", "name"): 100,
}


def test_the_longest_names_fit(tmp_path_factory: pytest.TempPathFactory) -> None:
    site, service = "s" * NAME_LENGTH, "b" * 20
    record = recorder(tmp_path_factory, region=max(REGIONS, key=len))
    lengths: dict[tuple[str, str], int] = {}
    for backend in BACKENDS:
        for item in record(backend, f"  berth:name: {site}\n  berth:service: {{name: {service}}}\n").resources:
            for kind, name in LIMITS:
                if item.type == kind:
                    lengths[kind, name] = max(lengths.get((kind, name), 0), len(item.inputs[name]))
    assert lengths.keys() == LIMITS.keys()
    assert {key: length for key, length in lengths.items() if length > LIMITS[key]} == {}
    assert lengths["aws:lb/loadBalancer:LoadBalancer", "name"] == NAME_LENGTH
    assert lengths["aws:iam/role:Role", "name"] == LONGEST_NAME, "the longest is shortened, with a hash of all of it"
