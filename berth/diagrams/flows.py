"""Use cases, declared beside the service, as numbered steps that the stack must really offer."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from berth.diagrams.build import WORKLOAD, build
from berth.diagrams.graph import KINDS, Arrow, Graph, Group, Node
from berth.diagrams.references import strings
from berth.diagrams.table import LOOKS
from berth.errors import BerthError, ConfigError
from berth.plan import Mooring, Plan, Resource
from berth.yaml_file import parse

FILE: Final = "flows.yaml"
_NAME: Final = "domain"
_IMAGE: Final = "docker:index/image:Image"


class FlowError(BerthError):
    """A use case cannot be read, or passes through what the stack does not have."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Model):
    """One arrow of a use case."""

    source: Annotated[str, Field(alias="from")]
    """Kind of node, or an actor."""
    target: Annotated[str, Field(alias="to")]
    says: str
    backends: tuple[str, ...] = ()
    """Backends that take this step; none means all."""


class When(_Model):
    """A setting without which a stack does not offer the use case."""

    input: str
    """An input of any resource that must be true, e.g. ``enableExecuteCommand``."""


class UseCase(_Model):
    """What somebody does with the service."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    title: str
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    backends: tuple[str, ...] = ()
    when: When | None = None


class _File(_Model):
    actors: dict[str, str] = {}
    flows: tuple[UseCase, ...]


@dataclass(frozen=True)
class Flow:
    """One use case on one stack, every step checked."""

    name: str
    title: str
    graph: Graph
    actors: Sequence[tuple[str, str]]
    """Who takes part, as (id, name), in order of appearance."""
    steps: Sequence[tuple[str, str, str, str]]
    """(from, to, text, berth), the first two as in ``actors``; no berth where all of the service's go the same way."""


def load(plan: Plan, root: Path) -> list[Flow]:
    """Return the use cases that the stack offers, of every service that it builds and that declares some.

    Raises:
        FlowError: If a file cannot be used, or a step passes through what the stack does not have; lists all of it.
    """
    found: dict[str, list[Flow]] = {}
    for image in plan.of_type(_IMAGE):
        build_ = image.inputs.get("build")
        context = build_.get("context") if isinstance(build_, Mapping) else None
        try:
            text = (root / str(context) / FILE).read_text(encoding="utf-8", errors="surrogateescape")
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise FlowError(f"{FILE} cannot be read: {error.strerror}.") from error
        service = _service(plan, image)
        found[service or image.name] = check(plan, text, service)
    if len(found) == 1:
        return next(iter(found.values()))
    # Two services may call their use cases alike.
    return [
        replace(flow, name=f"{service}-{flow.name}", title=f"{service}: {flow.title}")
        for service, flows in found.items()
        for flow in flows
    ]


def _service(plan: Plan, image: Resource) -> str | None:
    """Return the service that runs an image, if that is known."""
    name = image.inputs.get("imageName")
    for mooring in plan.moorings:
        if any(name == text or f'"{name}"' in text for one in plan.inside(mooring.urn) for text in strings(one.inputs)):
            return mooring.service
    return None


def check(plan: Plan, text: str, service: str | None = None) -> list[Flow]:
    """Read a service's use cases and hold each step against the Plan; as ``load``, without the file."""
    try:
        declared = _File.model_validate(parse(text.encode("utf-8", "surrogateescape"), FILE).value or {})
    except ConfigError as error:
        raise FlowError(str(error)) from error
    except ValidationError as error:
        faults = [f"  {'.'.join(map(str, fault['loc'])) or 'the file'}: {fault['msg']}" for fault in error.errors()]
        raise FlowError("\n".join([f"{FILE} cannot be used:", *faults])) from error
    checker = _Checker(plan, declared.actors, service)
    flows = [
        flow for name in dict.fromkeys(case.name for case in declared.flows) if (flow := checker.flow(name, declared))
    ]
    if checker.faults:
        have = ", ".join(sorted({kind for place in checker.places for kind in place.nodes}))
        lines = [f"{FILE} has steps that the stack {plan.stack} cannot take:", *checker.faults]
        raise FlowError("\n".join([*lines, f"  The stack has: {have}."]))
    return flows


class _Place:
    """What the stack has for a service at one berth."""

    def __init__(self, plan: Plan, mooring: Mooring | None) -> None:
        self.berth = mooring.berth if mooring else ""
        self.share = plan.share(mooring) if mooring else None
        self.plan = _only(plan, mooring) if mooring else plan
        # By kind; of several of a kind the first by id, and the application's view of it last, so that it counts.
        self.nodes: dict[str, Node] = {}
        self.boxes: dict[str, Group] = {}
        self.known: set[frozenset[str]] = set()
        for graph in [build(self.plan, kind) for kind in KINDS]:
            kinds = {node.id: node.kind for node in graph.nodes}
            self.nodes |= {node.kind: node for node in reversed(graph.nodes)}
            self.known |= {frozenset((kinds[edge.source], kinds[edge.target])) for edge in graph.edges}
            self.boxes |= {group.id: group for group in graph.groups}
        # A custom domain stands before the API on some stacks: use cases need not say so.
        for door in [pair for pair in self.known if _NAME in pair]:
            for behind in [pair for pair in self.known if _NAME in pair and pair != door]:
                self.known.add(door ^ behind)

    def takes(self, backends: Collection[str]) -> bool:
        """Whether a step or flow for these backends, or for all where there are none, is one for this berth."""
        return not backends or self.berth in backends

    def offers(self, case: UseCase) -> bool:
        """Whether a use case can be had at this berth."""
        when = case.when
        return self.takes(case.backends) and (
            when is None or any(resource.inputs.get(when.input) is True for resource in self.plan.resources)
        )


def _only(plan: Plan, mooring: Mooring) -> Plan:
    """Return the Plan as if one service at one berth were all of it."""
    others = [one.urn for one in plan.moorings if one.urn != mooring.urn]
    others += [host.urn for host in plan.hosts if host.berth != mooring.berth]
    gone = {*others, *(resource.urn for urn in others for resource in plan.inside(urn))}
    return replace(plan, resources=[resource for resource in plan.resources if resource.urn not in gone])


class _Checker:
    """Knows what the stack has for a service, and collects what it does not have."""

    def __init__(self, plan: Plan, actors: Mapping[str, str], service: str | None) -> None:
        first = {one.berth: one for one in reversed(plan.moorings) if service in (None, one.service)}
        self.places = [_Place(plan, first[berth]) for berth in sorted(first)] or [_Place(plan, None)]
        self.faults: list[str] = []
        self._actors, self._stack = actors, plan.stack
        self._service = service if len({one.service for one in plan.moorings}) > 1 else None

    def flow(self, name: str, declared: _File) -> Flow | None:
        """Return the flow of a name, if any berth offers it; what is wrong with it is added to the faults."""
        cases = [case for case in declared.flows if case.name == name]
        if any(sum(place.offers(case) for case in cases) > 1 for place in self.places):
            self.faults.append(f'  flow "{name}": declared more than once for this stack')
        ways = [
            (step, places)
            for case in cases
            for step in case.steps
            if (places := [place for place in self.places if place.offers(case) and place.takes(step.backends)])
        ]
        if not ways:
            return None
        nodes: dict[str, Node] = {}
        names: dict[str, str] = {}
        arrows: dict[Arrow, None] = {}
        steps: dict[tuple[str, str, str, str], None] = {}
        for number, (step, places) in enumerate(ways, 1):
            where = f'  flow "{name}", step {number} ({step.source} -> {step.target})'
            for place in places:
                faults = [f"{where}: {fault}" for fault in self._faults(step, place)]
                self.faults += [fault for fault in faults if fault not in self.faults]
                (a, source), (b, target) = self._end(step.source, place), self._end(step.target, place)
                own = (a, b) != (step.source, step.target)
                says = step.says
                if own and (step.source, step.target) == ("alb", WORKLOAD) and place.share is not None:
                    says += f", {place.share:.3g} %"
                nodes |= {source.id: source, target.id: target}
                names |= {a: a.replace(step.source, source.title, 1), b: b.replace(step.target, target.title, 1)}
                arrows[Arrow(source.id, target.id, f"{number}  {says}", "call")] = None
                steps[a, b, says, place.berth if own else ""] = None
        used = {node.group for node in nodes.values()}
        boxes = {id_: box for place in self.places for id_, box in place.boxes.items() if id_ in used}
        title = cases[0].title
        # Arrows in the order of the steps: that is how they are read and drawn.
        graph = Graph(
            f"{self._stack}: {title}",
            tuple(sorted(nodes.values())),
            tuple(sorted(boxes.values())),
            tuple(arrows),
            downwards=True,
        )
        return Flow(name, title, graph, list(names.items()), list(steps))

    def _faults(self, step: Step, place: _Place) -> Iterator[str]:
        ends = (step.source, step.target)
        missing = [end for end in dict.fromkeys(ends) if end not in place.nodes and end not in self._actors]
        at = f" at {place.berth}" if len(self.places) > 1 else ""
        for end in missing:
            yield f'there is no "{end}"{at}'
        if missing or any(end in self._actors for end in ends) or step.source == step.target:
            return
        if frozenset(ends) not in place.known:
            yield f"nothing connects the two{at}"

    def _end(self, end: str, place: _Place) -> tuple[str, Node]:
        """Return an end's name, with its berth where other berths have one of their own, and its card."""
        node = self._node(end, place)
        own = len(self.places) > 1 and node.component == place.berth
        return (f"{end} at {place.berth}" if own else end), node

    def _node(self, end: str, place: _Place) -> Node:
        """Return the card of an end, in its component's box only: a use case does not ask for the zone."""
        if end in place.nodes:
            node = place.nodes[end]
            group = f"component/{node.component}"
            detail = (self._service or "") if end == WORKLOAD else ""
            return Node(node.id, end, node.title, detail, node.icon, node.component, group if node.component else None)
        return Node(end, end, self._actors.get(end, end), icon=LOOKS["caller"].icon)
