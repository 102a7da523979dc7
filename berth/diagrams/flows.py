"""Use cases, declared beside the service, as numbered steps that the stack must really offer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from berth.diagrams.build import build
from berth.diagrams.model import KINDS, Edge, Graph, Group, Node
from berth.diagrams.table import LOOKS
from berth.errors import BerthError, ConfigError
from berth.plan import Plan
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
    steps: Sequence[tuple[str, str, str]]
    """(from, to, text), the first two as in ``actors``."""


def flows_file(plan: Plan, root: Path) -> Path | None:
    """Return where the service that the Plan builds declares its use cases, if it does."""
    for image in plan.of_type(_IMAGE):
        build_ = image.inputs.get("build")
        context = build_.get("context") if isinstance(build_, Mapping) else None
        if isinstance(context, str) and (path := root / context / FILE).is_file():
            return path
    return None


def load(plan: Plan, path: Path) -> list[Flow]:
    """Return the use cases that the stack offers.

    Raises:
        FlowError: If the file cannot be used, or a step passes through what the stack does not have; lists all of it.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise FlowError(f"{path.name} cannot be read: {error.strerror}.") from error
    return check(plan, text, path.name)


def check(plan: Plan, text: str, file: str = FILE) -> list[Flow]:
    """Read use cases and hold each step against the Plan; as ``load``, without the file."""
    try:
        declared = _File.model_validate(parse(text.encode("utf-8", "surrogateescape"), file).value or {})
    except ConfigError as error:
        raise FlowError(str(error)) from error
    except ValidationError as error:
        faults = [f"  {'.'.join(map(str, fault['loc'])) or 'the file'}: {fault['msg']}" for fault in error.errors()]
        raise FlowError("\n".join([f"{file} cannot be used:", *faults])) from error
    berths = {mooring.berth for mooring in plan.moorings}
    checker = _Checker(plan, declared.actors)
    flows = [
        checker.flow(case, [step for step in case.steps if not step.backends or berths & set(step.backends)])
        for case in declared.flows
        if (not case.backends or berths & set(case.backends)) and _offered(plan, case)
    ]
    for name in sorted(name for name, count in Counter(flow.name for flow in flows).items() if count > 1):
        checker.faults.append(f'  flow "{name}": declared more than once for this stack')
    if checker.faults:
        have = ", ".join(sorted(checker.nodes))
        lines = [f"{file} has steps that the stack {plan.stack} cannot take:", *checker.faults]
        raise FlowError("\n".join([*lines, f"  The stack has: {have}."]))
    return flows


def _offered(plan: Plan, case: UseCase) -> bool:
    return case.when is None or any(resource.inputs.get(case.when.input) is True for resource in plan.resources)


class _Checker:
    """Knows what the stack has, and collects what it does not have."""

    def __init__(self, plan: Plan, actors: Mapping[str, str]) -> None:
        graphs = [build(plan, kind) for kind in KINDS]
        # By kind; of several of a kind the first by id, and the application's view of it last, so that it counts.
        self.nodes: dict[str, Node] = {}
        self._known: set[frozenset[str]] = set()
        self._boxes: dict[str, Group] = {}
        for graph in graphs:
            kinds = {node.id: node.kind for node in graph.nodes}
            self.nodes |= {node.kind: node for node in reversed(graph.nodes)}
            self._known |= {frozenset((kinds[edge.source], kinds[edge.target])) for edge in graph.edges}
            self._boxes |= {group.id: group for group in graph.groups}
        # A custom domain stands before the API on some stacks: use cases need not say so.
        for door in [pair for pair in self._known if _NAME in pair]:
            for behind in [pair for pair in self._known if _NAME in pair and pair != door]:
                self._known.add(door ^ behind)
        self._actors = actors
        self._stack = plan.stack
        self.faults: list[str] = []

    def flow(self, case: UseCase, steps: Sequence[Step]) -> Flow:
        """Return the flow; what is wrong with it is added to the faults."""
        for number, step in enumerate(steps, 1):
            where = f'  flow "{case.name}", step {number} ({step.source} -> {step.target})'
            self.faults += [f"{where}: {fault}" for fault in self._faults(step)]
        taking = dict.fromkeys(end for step in steps for end in (step.source, step.target))
        nodes = [self._node(end) for end in taking]
        used = {node.group for node in nodes}
        graph = Graph(
            f"{self._stack}: {case.title}",
            tuple(sorted(nodes)),
            tuple(sorted(group for group in self._boxes.values() if group.id in used)),
            # In the order of the steps: that is how they are read and drawn.
            tuple(
                Edge(self._node(step.source).id, self._node(step.target).id, f"{number}  {step.says}", "call")
                for number, step in enumerate(steps, 1)
            ),
        )
        names = [(end, self._node(end).title) for end in taking]
        return Flow(case.name, case.title, graph, names, [(step.source, step.target, step.says) for step in steps])

    def _faults(self, step: Step) -> Iterator[str]:
        ends = (step.source, step.target)
        missing = [end for end in dict.fromkeys(ends) if end not in self.nodes and end not in self._actors]
        for end in missing:
            yield f'there is no "{end}"'
        if missing or any(end in self._actors for end in ends) or step.source == step.target:
            return
        if frozenset(ends) not in self._known:
            yield "nothing connects the two"

    def _node(self, end: str) -> Node:
        """Return the card of an end, in its component's box only: a use case does not ask for the zone."""
        if end in self.nodes:
            node = self.nodes[end]
            group = f"component/{node.component}"
            return Node(node.id, end, node.title, "", node.icon, node.component, group if node.component else None)
        return Node(end, end, self._actors.get(end, end), icon=LOOKS["caller"].icon)
