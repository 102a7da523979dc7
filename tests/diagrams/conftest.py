"""Plans of the stacks whose pictures are shown, and ways to change a Plan."""

from __future__ import annotations

import pytest

from berth.plan import Plan
from tests.diagrams.regenerate import STACKS, record
from tests.programs import recorder


@pytest.fixture(scope="session")
def plans() -> dict[str, Plan]:
    """One plan a backend, as the repository's own stacks have it, and one of several services at several."""
    return {stack: record(stack) for stack in STACKS}


EVERYTHING = """\
  berth:production: true
  berth:ecs-fargate: {exec: true}
  berth:ecs-ec2: {exec: true}
  berth:api:
    authorization: jwt
    jwt: {issuer: "https://id.example.com/", audience: [shop]}
    domain:
      name: api.example.com
      certificateArn: arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-0000-0000-000000000000
      hostedZoneId: Z0123456789
"""


@pytest.fixture(scope="session", params=["eks", "ecs-fargate", "ecs-ec2"])
def rich(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """A stack in production with what the default stacks do not have: a domain, an authorizer, a NAT gateway a zone."""
    return recorder(tmp_path_factory, "rich")(request.param, EVERYTHING)
