"""The contract of the registries: what a service is given and promised stands in the Plan of every berth.

A new berth or room is covered as soon as it is in its registry; a workload of a new type needs a reader in moored.py.
"""

from __future__ import annotations

import copy
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pulumi_random as random
import pytest
import yaml

from components.berths.registry import BERTHS
from components.offer import Binding, Grant, Offer, Reach
from components.rooms.registry import ROOMS
from components.service import spec as specs
from components.service.spec import ContainerSecurity, ServiceSpec
from tests.components.moored import Moored, read
from tests.programs import recorder

SERVICE = "biometric"
MEDIA = "arn:aws:s3:::shop-media/*"
CONFIG = yaml.safe_load(f"""\
  berth:services:
    {SERVICE}:
      uses: [{", ".join([*ROOMS, "billing"])}]
      grants: [{{actions: ["s3:GetObject"], resources: ["{MEDIA}"]}}]
      entrypoint: [python]
      command: ["-m", "biometric"]
      secrets: {{API_KEY: {{secret: shop/api-key, field: key}}, TOKEN: {{parameter: /shop/token}}}}
      files:
        - {{path: /etc/shop/app.yaml, source: policy/PulumiPolicy.yaml}}
        - {{path: /etc/shop/key.pem, secret: shop/tls}}
        - {{path: /opt/shop/token, parameter: /shop/token}}
      sidecars:
        agent:
          image: registry.example.com/agent:1
          command: [run]
          environment: {{LEVEL: info}}
          secrets: {{AGENT_TOKEN: {{parameter: /agent/token}}}}
    billing: {{image: "registry.example.com/billing:2.0.1", exposure: internal, minReplicas: 1, maxReplicas: 1}}
""")
SECURITY = ContainerSecurity(uid=12001, gid=12002, writable_paths=("/tmp", "/var/cache/app"))
"""Nothing that a berth could have by default."""


@dataclass(frozen=True)
class Case:
    """One berth with what a service there was offered, and what came of it."""

    berth: str
    spec: ServiceSpec
    offers: Sequence[Offer]
    seen: Moored


def extra() -> Offer:
    """What no room gives today, beside what the rooms give: each kind of binding, and two ways to one thing."""
    return Offer(
        environment={"QUEUE_REGION": "eu-central-1"},
        bindings=(
            Binding("QUEUE_URL", "https://queue.example"),
            Binding("QUEUE_KEY", "hunter2", secret=True),
            Binding("QUEUE_ADMIN", "admin", init_only=True),
            Binding("QUEUE_ADMIN_KEY", "hunter3", secret=True, init_only=True),
        ),
        grants=(Grant(("sqs:ReceiveMessage", "sqs:SendMessage"), ("arn:aws:sqs:eu-central-1:123456789012:jobs",)),),
        reach=(Reach("queue", "sg-0123456789abcdef0", 5671), Reach("queue-plain", "sg-0123456789abcdef0", 5672)),
        ready=(random.RandomId("queue", byte_length=4),),
    )


def config(berth: str, kind: str) -> str:
    """Return the stack's config: all that a service can have, but for what the berth refuses."""
    found = copy.deepcopy(CONFIG)
    services = found["berth:services"]
    given = services[SERVICE]
    services[SERVICE] = {"kind": kind, **{key: given[key] for key in given if key not in BERTHS[berth].without}}
    return textwrap.indent(yaml.safe_dump(found), "  ")


@pytest.fixture(
    scope="module", params=[(name, kind) for name, berth in BERTHS.items() for kind in berth.kinds], ids="-".join
)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    berth, kind = request.param
    offered: list[tuple[ServiceSpec, Sequence[Offer]]] = []
    original = specs.service_spec

    def enriched(settings: Any, image: Any, offers: Sequence[Offer], environment: Mapping[str, str]) -> ServiceSpec:
        if settings.name != SERVICE:
            return original(settings, image, offers, environment)
        offers = [*offers, extra()]
        spec = replace(original(settings, image, offers, environment), security=SECURITY)
        offered.append((spec, offers))
        return spec

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(specs, "service_spec", enriched)
        plan = recorder(tmp_path_factory)(berth, config(berth, kind))
    [mooring] = [one for one in plan.moorings if one.service == SERVICE]
    [(spec, offers)] = offered
    return Case(berth, spec, offers, read(plan, mooring))


def test_every_variable_reaches_who_is_meant_and_no_secret_is_seen(case: Case) -> None:
    plain = {*case.spec.environment, *(name for offer in case.offers for name in offer.environment)}
    plain |= set(case.spec.secrets)  # which exist already, and are hidden below
    bindings = [binding for offer in case.offers for binding in offer.bindings]
    assert case.seen.initial.variables == {*plain, *(one.variable for one in bindings)}
    assert case.seen.running.variables == {*plain, *(one.variable for one in bindings if not one.init_only)}
    for container in (case.seen.running, case.seen.initial):
        assert {one.variable for one in bindings if one.secret} & set(container.variables) <= set(container.hidden)
        assert {"API_KEY", "TOKEN"} <= set(container.hidden)


def test_every_right_is_the_services_own_and_it_has_no_other(case: Case) -> None:
    grants = [
        *(grant for offer in case.offers for grant in offer.grants),
        Grant(("s3:GetObject",), (MEDIA,)),
    ]
    assert case.seen.rights == {(action, arn) for one in grants for action in one.actions for arn in one.resources}


def test_every_way_is_open_through_every_guard(case: Case) -> None:
    reached = {reach.port for offer in case.offers for reach in offer.reach}
    assert len(reached) >= 4 and case.seen.ports
    for ports in case.seen.ports:
        assert reached <= set(ports)


def test_every_container_is_confined_as_promised(case: Case) -> None:
    seen = [case.seen.running, case.seen.initial, *case.seen.sidecars.values()]
    assert len(seen) == 2 + len(case.spec.sidecars)
    assert all(one.security == (SECURITY if one.security else None) for one in seen)
    sandboxed = [name for name, berth in BERTHS.items() if any("sandbox" in limit.instead for limit in berth.limits)]
    assert all((one.security is None) == (case.berth in sandboxed) for one in seen)


def test_the_words_files_and_sidecars_of_the_spec_are_there(case: Case) -> None:
    running, initial = case.seen.running, case.seen.initial
    assert (tuple(running.entrypoint), tuple(running.command)) == (case.spec.entrypoint, case.spec.command)
    assert tuple(initial.command) == case.spec.init_command
    files = {"/etc/shop/app.yaml": False, "/etc/shop/key.pem": True, "/opt/shop/token": True}
    assert running.files == initial.files == {one.path: files[one.path] for one in case.spec.files}
    assert case.seen.sidecars.keys() == {one.name for one in case.spec.sidecars}
    for name, agent in case.seen.sidecars.items():
        assert (name, tuple(agent.command), tuple(agent.entrypoint), dict(agent.files)) == ("agent", ("run",), (), {})
        assert set(agent.variables) == {"LEVEL", "AGENT_TOKEN"} and set(agent.hidden) == {"AGENT_TOKEN"}


def test_it_starts_after_what_must_be_there(case: Case) -> None:
    ready = [resource for offer in case.offers for resource in offer.ready]
    assert len(ready) > 1
    made = {(urn.split("::")[2].rpartition("$")[2], urn.split("::")[3]) for urn in case.seen.after}
    assert {(one.pulumi_resource_type, one.pulumi_resource_name) for one in ready} <= made
