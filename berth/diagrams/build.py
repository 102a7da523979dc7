"""From a Plan to a picture's nodes, boxes and edges; pure."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from berth.diagrams.graph import Arrow, Graph, Group, Kind, Node
from berth.diagrams.references import MACHINES, Reference, references
from berth.diagrams.table import HOME, LOOKS
from berth.plan import Mooring, Plan, Resource, Value
from berth.resource_types import known
from berth.resource_types.elasticbeanstalk import least_machines
from berth.resource_types.resource_type import Look, both
from berth.views.common import short_type

_SUBNET: Final = "aws:ec2/subnet:Subnet"
_MOORING: Final = "berth:berths:Mooring"
_VPC: Final = "aws:ec2/vpc:Vpc"
_TIERS: Final = ("public", "private", "data")
CALLER: Final = "caller"
WORKLOAD: Final = "workload"


@dataclass
class _Draft:
    """A node while resources are still being folded into it."""

    kind: str
    component: str
    look: Look
    resources: list[Resource] = field(default_factory=list)
    moorings: dict[str, Mooring] = field(default_factory=dict)
    """Whose they are, by URN; empty where the stack has one at most."""


class _Builder:
    def __init__(self, plan: Plan, kind: Kind) -> None:
        self._plan, self._kind = plan, kind
        self._by_urn = {resource.urn: resource for resource in plan.resources}
        self._drafts: dict[str, _Draft] = {}
        self._node_of: dict[str, str] = {}
        self._groups: dict[str, Group] = {}
        self._references = references(plan)
        moorings = plan.moorings
        self._moorings = {one.urn: one for one in moorings} if len(moorings) > 1 else {}
        self._hosts = {host.berth: host.title for host in plan.hosts}

    def graph(self) -> Graph:
        """Return the finished picture."""
        for resource in self._plan.resources:
            self._fold(resource)
        if self._kind == "full":
            self._network()
        nodes = [self._node(id_, draft) for id_, draft in self._drafts.items()]
        edges = self._edges()
        if doors := [node.id for node in nodes if node.kind == "domain"] or [n.id for n in nodes if n.kind == "api"]:
            look = LOOKS[CALLER]
            nodes.append(Node(CALLER, CALLER, look.title, icon=look.icon))
            edges += [Arrow(CALLER, door, "HTTPS", "call") for door in doors]
        used = {node.group for node in nodes} | {group.parent for group in self._groups.values()}
        groups = [g for g in self._groups.values() if g.id in used or g.style in ("zone", "tier")]
        title = f"{self._plan.stack}: {self._kind}"
        # One service is one long chain, several are many short ones.
        downwards = self._kind == "application" and not self._moorings
        return Graph(title, tuple(sorted(nodes)), tuple(sorted(groups)), tuple(sorted(edges)), downwards)

    def _fold(self, resource: Resource) -> None:
        """Put a resource into its node; components are boxes, not nodes."""
        if not resource.custom and not resource.remote:
            return
        record = known(resource.type)
        place = record.look if record else None
        if record and record.moored and (top := self._top(resource)) and top.type == _MOORING:
            place = record.moored
        if place is None:
            # Nothing says where: one node a type and component, on both pictures.
            place, look = both(resource.type), Look(short_type(resource.type), "generic")
        else:
            look = LOOKS.get(place.on(self._kind) or "", Look("", "generic"))
        kind = place.on(self._kind)
        if kind is None:
            return
        # A ConfigMap of the cluster's own is no binding of the service.
        if resource.type.startswith("kubernetes:") and _namespace(resource) == "kube-system":
            if self._kind == "application":
                return
            kind, look = "cluster", LOOKS["cluster"]
        component = HOME.get(kind) or self._component(resource) or "stack"
        if kind == "logs" and self._kind == "application" and not self._written(resource.urn):
            return
        id_ = f"{component}/{kind}" if place.on(self._kind) in LOOKS else f"{component}/{short_type(resource.type)}"
        if resource.type in ("aws:ec2/natGateway:NatGateway", "aws:ec2/eip:Eip"):
            # One a zone: by its own place, not merged with its neighbours.
            id_ = f"{component}/{resource.name.removeprefix(self._prefix(resource))}"
        main = kind == (place.application or place.full)
        mooring = self._mooring(resource)
        if mooring and self._kind == "application":
            # One card a service and berth; what it is made of is on the same service's pictures with one berth.
            main, kind, look, component = main and kind == WORKLOAD, WORKLOAD, LOOKS[WORKLOAD], mooring.berth
            id_ = f"{component}/{kind}@{mooring.service}"
        draft = self._drafts.setdefault(id_, _Draft(kind, component, look))
        # A service that stays has CronJobs too, where it is scaled by the clock.
        clock = mooring and mooring.kind != "job" and resource.type == "kubernetes:batch/v1:CronJob"
        if record and record.title and main and not clock:
            draft.look = record.title
        draft.resources.append(resource)
        if mooring:
            draft.moorings[mooring.urn] = mooring
        self._node_of[resource.urn] = id_

    def _written(self, urn: str) -> bool:
        """Whether something that is on the picture writes here."""
        for reference in self._references:
            if reference.target == urn:
                record = known(self._by_urn[reference.source].type)
                if record is None or record.look is None or record.look.on(self._kind):
                    return True
        return False

    def _top(self, resource: Resource) -> Resource | None:
        """Return the outermost component around a resource."""
        top = None
        while (parent := self._by_urn.get(resource.parent or "")) is not None:
            top = resource = parent
        return top

    def _component(self, resource: Resource) -> str | None:
        """Return the box a resource is drawn in: its berth, or its outermost component."""
        top = self._top(resource)
        if top and isinstance(berth := top.inputs.get("berth"), str) and berth in self._hosts:
            return berth
        return top.type.rsplit(":", 1)[-1].lower() if top else None

    def _mooring(self, resource: Resource) -> Mooring | None:
        """Return the mooring a resource is a part of, where the stack has several."""
        top = self._top(resource)
        return self._moorings.get(top.urn) if top else None

    def _prefix(self, resource: Resource) -> str:
        top = self._top(resource)
        return f"{top.name}-" if top else ""

    # Boxes ------------------------------------------------------------------------------------

    def _network(self) -> None:
        for vpc in self._plan.of_type(_VPC):
            self._groups[vpc.urn] = Group(
                self._vpc_id(vpc), f"VPC {_plain(vpc.inputs.get('cidrBlock'))}".strip(), "vpc"
            )
        for subnet in self._plan.of_type(_SUBNET):
            tier, vpc_group = self._tier(subnet), self._vpc_group(subnet)
            tier_id = f"{vpc_group or 'vpc'}/{_order(tier)}{tier}"
            self._groups[tier_id] = Group(tier_id, f"{tier} subnets", "tier", vpc_group)
            zone = _plain(subnet.inputs.get("availabilityZone")) or subnet.name
            title = f"{zone} {_plain(subnet.inputs.get('cidrBlock'))}".strip()
            self._groups[subnet.urn] = Group(f"{tier_id}/{zone}", title, "zone", tier_id)

    def _vpc_id(self, vpc: Resource) -> str:
        return "vpc" if len(self._plan.of_type(_VPC)) == 1 else f"vpc/{vpc.name}"

    def _vpc_group(self, resource: Resource) -> str | None:
        for urn in resource.property_dependencies.get("vpcId", ()):
            if urn in self._groups:
                return self._groups[urn].id
        return None

    def _tier(self, subnet: Resource) -> str:
        tags = subnet.inputs.get("tags")
        tier = tags.get("berth:tier") if isinstance(tags, Mapping) else None
        return _plain(tier) or ("public" if subnet.inputs.get("mapPublicIpOnLaunch") is True else "private")

    def _place(self, draft: _Draft) -> str | None:
        """Return the innermost box of a node: its zone, tier or VPC, else its component."""
        held = list(draft.resources)
        if draft.kind == WORKLOAD:
            # What runs on machines is drawn where they are.
            held += [one for one in self._plan.of_type(MACHINES) if self._component(one) in (None, draft.component)]
        if self._kind == "full" and draft.kind not in ("cluster", "target-group"):
            urns = {urn for r in held for urns in r.property_dependencies.values() for urn in urns}
            subnets = [urn for urn in urns if urn in self._groups and self._by_urn[urn].type == _SUBNET]
            if len(subnets) == 1:
                return self._groups[subnets[0]].id
            if subnets:
                parents = {self._groups[urn].parent for urn in subnets}
                return parents.pop() if len(parents) == 1 else "vpc"
            for resource in held:
                # A load balancer's target group is of the VPC, but a node goes where its subnets are.
                if (group := self._vpc_group(resource)) is not None:
                    return group
        if draft.component == "stack":
            return None
        id_ = f"component/{draft.component}"
        self._groups.setdefault(id_, Group(id_, self._title(draft)))
        return id_

    def _title(self, draft: _Draft) -> str:
        if draft.component in self._hosts:
            return self._hosts[draft.component]
        top = None if draft.kind in HOME else self._top(draft.resources[0])
        return top.type.rsplit(":", 1)[-1] if top else draft.component.capitalize()

    # Nodes ------------------------------------------------------------------------------------

    def _node(self, id_: str, draft: _Draft) -> Node:
        title, detail = _title(draft) or draft.look.title, _detail(draft)
        services = sorted({mooring.service for mooring in draft.moorings.values()})
        if draft.kind == WORKLOAD and services:
            if self._kind == "full":
                berth = f"{self._hosts.get(draft.component, draft.component)}\n" if len(self._hosts) > 1 else ""
                title, detail = title + "s" * (len(services) > 1), berth + _names(services)
            else:
                title, detail = services[0], "\n".join([_door(draft), f"{title}, {detail}".removesuffix(", ")])
        count = len(draft.resources)
        return Node(id_, draft.kind, title, detail, draft.look.icon, draft.component, self._place(draft), count)

    # Edges ------------------------------------------------------------------------------------

    def _edges(self) -> list[Arrow]:
        labels: dict[tuple[str, str], list[Reference]] = defaultdict(list)
        for reference in self._references:
            source, target = self._node_of.get(reference.source), self._node_of.get(reference.target)
            if source and target and source != target:
                labels[source, target].append(reference)
        solid = {pair for pair, found in labels.items() if not all(reference.firewall for reference in found)}
        calls = {pair for pair, found in labels.items() if any(reference.style == "call" for reference in found)}
        edges = []
        for (source, target), found in labels.items():
            if (target, source) in calls and (source, target) not in calls:
                # One arrow between two cards: the call says that they know each other.
                continue
            if self._kind == "full" and self._drafts[target].kind == "alb" and (target, source) in calls:
                # Services that call each other through the load balancer share a card here.
                continue
            if (source, target) not in solid and _reaches(solid, source, target):
                # The calls themselves are drawn: what may pass adds nothing.
                continue
            style: Literal["call", "use"] = "call" if any(reference.style == "call" for reference in found) else "use"
            words = dict.fromkeys(reference.label for reference in found if reference.label)
            shares = self._shares(target) if self._drafts[source].kind == "alb" else ""
            edges.append(Arrow(source, target, shares or ", ".join(words), style))
        return edges

    def _shares(self, id_: str) -> str:
        """Return what part of its services' requests a card gets, e.g. ``90 %``; empty where each has one berth."""
        moorings = self._drafts[id_].moorings.values()
        shares = sorted({share for one in moorings if (share := self._plan.share(one)) is not None})
        if not shares or shares == [100]:
            return ""
        return " to ".join(f"{share:.3g} %" for share in dict.fromkeys((shares[0], shares[-1])))


def build(plan: Plan, kind: Kind) -> Graph:
    """Return one picture of the Plan."""
    return _Builder(plan, kind).graph()


def _order(tier: str) -> str:
    """Sort the tiers from the outside in."""
    return f"{_TIERS.index(tier)}-" if tier in _TIERS else "9-"


def _namespace(resource: Resource) -> str | None:
    metadata = resource.inputs.get("metadata")
    return metadata.get("namespace") if isinstance(metadata, Mapping) else None


def _reaches(edges: set[tuple[str, str]], source: str, target: str) -> bool:
    """Whether the edges lead from one node to the other."""
    seen, open_ = {source}, [source]
    while open_:
        here = open_.pop()
        for a, b in edges:
            if a == here and b not in seen:
                seen.add(b)
                open_.append(b)
    return target in seen


def _names(names: Sequence[str]) -> str:
    """Return names in lines of a card's width."""
    return "\n".join(textwrap.wrap(", ".join(names), 28, break_long_words=False, break_on_hyphens=False))


def _door(draft: _Draft) -> str:
    """Return who reaches a service, and by which addresses; of what nobody calls, what starts it."""
    mooring = next(iter(draft.moorings.values()))
    if mooring.kind == "job":
        return f"job: {mooring.when}"
    if mooring.kind == "worker":
        return "worker"
    ways = [
        f"{way.exposure}: {way.host or ''}{way.path or ('' if way.host else 'all other paths')}" for way in mooring.ways
    ]
    return "\n".join(ways)


def _title(draft: _Draft) -> str:
    """Return the card's first line where it hangs on more than the type; else an empty text."""
    for resource in draft.resources:
        inputs = resource.inputs
        if resource.type == "aws:lb/loadBalancer:LoadBalancer":
            kind = {"network": "NLB", "gateway": "GWLB"}.get(_plain(inputs.get("loadBalancerType")), "ALB")
            return f"{'Internal' if inputs.get('internal') is True else 'Public'} {kind}"
        if resource.type == "aws:rds/instance:Instance":
            engine = _plain(inputs.get("engine"))
            return "" if engine == "postgres" else engine or "Database"
        if resource.type == "aws:s3/bucket:Bucket":
            return "" if resource.name.endswith("access-logs") else "S3 bucket"
    return ""


def _detail(draft: _Draft) -> str:
    """Return the card's second line: what tells this node from another of its kind."""
    for resource in draft.resources:
        inputs = resource.inputs
        if resource.type == "aws:rds/instance:Instance":
            zones = "multi-AZ" if inputs.get("multiAz") is True else "single-AZ"
            return f"{_plain(inputs.get('instanceClass'))} {zones}".strip()
        if resource.type == "aws:elasticbeanstalk/environment:Environment":
            always = least_machines(resource)
            return f"{always} machines" if always else ""
        if resource.type == "aws:ecs/service:Service":
            tasks = _plain(inputs.get("desiredCount"))
            return f"{tasks} tasks" if tasks else ""
        if resource.type == "aws:autoscaling/group:Group" and draft.kind == WORKLOAD:
            least = _plain(inputs.get("minSize"))
            return f"{least} machines" if least else ""
        if resource.type == "kubernetes:apps/v1:Deployment":
            spec = inputs.get("spec")
            resting = isinstance(spec, Mapping) and spec.get("replicas") == 0
            replicas = "0" if resting else _plain(_replicas(draft))
            return f"{replicas} pods" if replicas else ""
        if resource.type == "aws:ecr/repository:Repository":
            scanning = inputs.get("imageScanningConfiguration")
            return "scans on push" if isinstance(scanning, Mapping) and scanning.get("scanOnPush") is True else ""
        if resource.type == "aws:wafv2/webAcl:WebAcl":
            rules = inputs.get("rules")
            return f"{len(rules)} rules" if isinstance(rules, list) else ""
    if draft.kind in ("logs", "roles", "parameters"):
        main = {"logs": "LogGroup", "roles": "Role", "parameters": "Parameter"}[draft.kind]
        count = sum(resource.type.endswith(f":{main}") for resource in draft.resources)
        return f"x{count}" if count > 1 else ""
    return ""


def _plain(value: Value) -> str:
    """Return a text or a number as text; a picture shows nothing secret, and nothing of what is unknown."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _replicas(draft: _Draft) -> Value:
    """Return how many pods the autoscaler keeps at least, as far as it is on this card."""
    for resource in draft.resources:
        spec = resource.inputs.get("spec")
        if isinstance(spec, Mapping) and "minReplicas" in spec:
            return spec["minReplicas"]
    return None
