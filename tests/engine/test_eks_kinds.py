"""All kinds of service on EKS under the real engine: secrets that exist already are read, kept and shown nowhere."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from . import findings
from .cli import Run
from .life import Life, Stack
from .standin.invokes import SECRET_VALUE

pytestmark = pytest.mark.engine

MAIL = """\
    mail:
      kind: worker
      image: registry.example.com/mail:1
      minReplicas: 0
      schedules:
        - {cron: "0 8 * * MON-FRI", minReplicas: 4, maxReplicas: 10}
        - {cron: "0 20 * * *", minReplicas: 0, maxReplicas: 0}
"""
CONFIG = f"""\
  berth:backend: eks
  berth:services:
    shop:
      image: registry.example.com/shop:1
      secrets:
        API_KEY: {{secret: shop/api-key, field: password}}
        TOKEN: {{parameter: /shop/token}}
      files: [{{path: /etc/shop/key.pem, secret: shop/tls}}, {{path: /etc/shop/app.yaml, source: Pulumi.yaml}}]
      sidecars: {{agent: {{image: "registry.example.com/agent:1", secrets: {{TOKEN: {{parameter: /agent/token}}}}}}}}
    nightly: {{kind: job, image: "registry.example.com/shop:1", schedule: "0 3 * * *"}}
{MAIL}"""
FIELD = "field: password"


@dataclass(frozen=True)
class Kinds(Life):
    """A stack's life."""

    state: Run
    missing: Run
    changed: Run


@pytest.fixture(scope="module")
def kinds(providers: str, tmp_path_factory: pytest.TempPathFactory) -> Kinds:
    stack = Stack(providers, tmp_path_factory, "kinds", CONFIG)
    return Kinds(
        first=stack.first,
        up=stack.up(),
        again=stack.again(),
        state=stack.export(),
        missing=stack.up((FIELD, "field: nothing")),
        changed=stack.up(("field: nothing", "field: password"), (MAIL, "")),
        end=stack.destroy(),
    )


def test_it_goes_up_and_stays(kinds: Kinds) -> None:
    kinds.judge("missing")
    containers = set(findings.containers(kinds.up))
    assert containers and containers == set(findings.containers(kinds.first))


def test_the_secrets_are_read_and_shown_nowhere(kinds: Kinds) -> None:
    for run in (kinds.first, kinds.up, kinds.again, kinds.state, kinds.missing, kinds.changed, kinds.end):
        assert SECRET_VALUE not in run.output
        assert SECRET_VALUE not in json.dumps(run.events)


def test_a_field_that_is_missing_is_named(kinds: Kinds) -> None:
    assert kinds.missing.code != 0
    assert "The secret shop/api-key has no field nothing; it has: password." in kinds.missing.output
