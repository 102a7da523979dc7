"""Records what a program declares, in the place of the engine.

The SDK's own mock monitor answers what a preview has no use for (features, packages, hooks). The rest is answered as
the engine does at a first preview: a resource's outputs are its inputs, and all else, such as its id, is unknown.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import unquote, urlsplit

from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import engine_pb2, provider_pb2, resource_pb2

from berth.config import StackConfig
from berth.errors import UnsupportedError
from berth.lookups import NOT_KNOWN, Cloud, answer
from berth.plan import UNKNOWN, Notice, Resource, Secret, Value
from berth.values import from_struct, to_struct

ROOT_TYPE: Final = "pulumi:pulumi:Stack"


class _NoMocks(Mocks):
    """Mocks nothing: what the recorder does not answer itself is an error."""

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        raise UnsupportedError(f"The program calls {args.token}, which a preview without the engine cannot answer.")

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        raise UnsupportedError(f"The program makes {args.typ} in a way that berth does not know.")


class Recorder(MockMonitor):
    """A resource monitor that keeps every request; the SDK calls it from several threads at once."""

    def __init__(self, config: StackConfig, root: Path) -> None:
        super().__init__(_NoMocks())
        self._config = config
        self._root = root.resolve()
        self._lock = threading.Lock()
        self._root_urn = self._urn("", ROOT_TYPE, f"{config.project}-{config.stack}")
        self._recorded: dict[str, Resource] = {}
        self._states: dict[str, tuple[str, struct_pb2.Struct]] = {}
        self._outputs: dict[str, Value] = {}
        self.not_known: set[str] = set()
        """Lookups that were answered by saying that the answer is not known."""

    @property
    def recorded(self) -> list[Resource]:
        """Every resource, sorted by (parent, type, name): the order of arrival varies."""
        return sorted(self._recorded.values(), key=lambda item: (item.parent or "", item.type, item.name))

    @property
    def outputs(self) -> Mapping[str, Value]:
        """The stack's outputs."""
        return self._outputs

    # The names of the methods below are the protocol's.

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> resource_pb2.RegisterResourceResponse:
        """Keep the resource and echo its inputs as its outputs."""
        if request.type == ROOT_TYPE:
            return resource_pb2.RegisterResourceResponse(urn=self._root_urn)
        if request.transforms:
            raise _transforms_unsupported()
        urn = self._urn(request.parent, request.type, request.name)
        properties = {
            key: tuple(sorted(set(request.propertyDependencies[key].urns)))
            for key in sorted(request.propertyDependencies)
            if request.propertyDependencies[key].urns
        }
        awaited = {*request.dependencies, *(urn for urns in properties.values() for urn in urns)}
        inputs = from_struct(request.object)
        for key in request.additionalSecretOutputs:
            # The SDK has named what its provider treats as secret; the input of that name is too.
            if key in inputs and not isinstance(inputs[key], Secret):
                inputs[key] = Secret(inputs[key])
        self._keep(
            urn,
            request,
            inputs=inputs,
            dependencies=tuple(sorted(awaited)),
            property_dependencies=properties,
            custom=request.custom,
            remote=request.remote,
            protect=request.protect,
            retain=request.retainOnDelete,
            aliases=self._aliases(request),
            ignore_changes=tuple(sorted(request.ignoreChanges)),
            replace_on_changes=tuple(sorted(request.replaceOnChanges)),
        )
        # What a provider constructs elsewhere is not known here, not even an output named like an input.
        outputs = struct_pb2.Struct() if request.remote else request.object
        self._states[urn] = ("", outputs)
        return resource_pb2.RegisterResourceResponse(urn=urn, object=outputs)

    def ReadResource(self, request: resource_pb2.ReadResourceRequest) -> resource_pb2.ReadResourceResponse:
        """Keep a resource that exists already; only its id and what the program says of it are known."""
        if request.type == "pulumi:pulumi:StackReference":
            raise UnsupportedError(
                f"The program reads the outputs of the stack {request.id!r}, which are not known without the engine.\n"
                "Pass the values in the stack's config instead."
            )
        urn = self._urn(request.parent, request.type, request.name)
        dependencies = tuple(sorted(set(request.dependencies)))
        self._keep(urn, request, inputs=from_struct(request.properties), dependencies=dependencies, external=True)
        self._states[urn] = (request.id, request.properties)
        return resource_pb2.ReadResourceResponse(urn=urn, properties=request.properties)

    def RegisterResourceOutputs(self, request: resource_pb2.RegisterResourceOutputsRequest) -> empty_pb2.Empty:
        """Keep the stack's outputs; a component's are what its children say already."""
        if request.urn == self._root_urn:
            self._outputs = from_struct(request.outputs)
        return empty_pb2.Empty()

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest) -> resource_pb2.ResourceInvokeResponse:
        """Answer a lookup from the config, or refuse it."""
        args = from_struct(request.args)
        if request.tok in NOT_KNOWN:
            self.not_known.add(request.tok)
            return resource_pb2.ResourceInvokeResponse(unknown=True)
        if request.tok == "pulumi:pulumi:getResource":
            identifier, state = self._states[args["urn"]]
            result = to_struct({"urn": args["urn"], "id": identifier or UNKNOWN})
            result.get_or_create_struct("state").CopyFrom(state)
        else:
            result = to_struct(answer(request.tok, args, self._cloud(request)))
        response = resource_pb2.ResourceInvokeResponse()
        getattr(response, "return").CopyFrom(result)
        return response

    def Call(self, request: resource_pb2.ResourceCallRequest) -> provider_pb2.CallResponse:
        """Answer a method of a resource that only its provider has: not known before it exists."""
        response = provider_pb2.CallResponse()
        getattr(response, "return").CopyFrom(to_struct({"result": UNKNOWN}))
        return response

    def RegisterStackTransform(self, request: Any) -> empty_pb2.Empty:
        """Refuse: the recorder cannot change every resource by it, as the engine would."""
        raise _transforms_unsupported()

    def RegisterStackInvokeTransform(self, request: Any) -> empty_pb2.Empty:
        """Refuse, as above."""
        raise _transforms_unsupported()

    def _keep(
        self, urn: str, request: resource_pb2.RegisterResourceRequest | resource_pb2.ReadResourceRequest, **more: Any
    ) -> None:
        resource = Resource(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=None if request.parent in ("", self._root_urn) else request.parent,
            # A reference to a provider is its URN and its id.
            provider=request.provider.rpartition("::")[0] or None,
            source=self._source(request.sourcePosition, request.stackTrace),
            **more,
        )
        with self._lock:
            first = self._recorded.setdefault(resource.urn, resource)
        if first is not resource:
            places = " and ".join(sorted({place for place in (first.source, resource.source) if place}))
            raise UnsupportedError(
                f"Two resources have the URN {resource.urn}" + (f" ({places})." if places else ".") + "\n"
                "Names of one type under one parent must differ."
            )

    def _urn(self, parent: str, type_: str, name: str) -> str:
        """Return the URN the engine would give; the stack itself is not part of a path of types."""
        path = parent.split("::")[2] if parent else ""
        qualified = type_ if path in ("", ROOT_TYPE) else f"{path}${type_}"
        return f"urn:pulumi:{self._config.stack}::{self._config.project}::{qualified}::{name}"

    def _aliases(self, request: resource_pb2.RegisterResourceRequest) -> tuple[str, ...]:
        """Return the URNs that the engine knows a resource by as well: its own aliases, and what its parent's imply."""
        found: set[str] = set()
        for alias in request.aliases:
            if alias.urn:
                found.add(alias.urn)
                continue
            spec = alias.spec
            parent = "" if spec.noParent else spec.parentUrn or request.parent
            found.add(self._urn(parent, spec.type or request.type, spec.name or request.name))
        above = self._recorded.get(request.parent)
        for urn in above.aliases if above else ():
            # A child that is named after its parent was so before, as the engine assumes.
            name = request.name
            if above and name.startswith(above.name):
                name = urn.rsplit("::", 1)[-1] + name.removeprefix(above.name)
            found.add(self._urn(urn, request.type, name))
        return tuple(sorted(found))

    def _cloud(self, request: resource_pb2.ResourceInvokeRequest) -> Cloud:
        settings: dict[str, Value] = {
            key.removeprefix("aws:"): value for key, value in self._config.values.items() if key.startswith("aws:")
        }
        provider = self._recorded.get(request.provider.rpartition("::")[0])
        return Cloud({**settings, **provider.inputs} if provider else settings)

    def _source(self, position: Any, trace: Any) -> str | None:
        """Return the innermost place in the project's own files."""
        for frame in (position, *(item.pc for item in trace.frames)):
            file = Path(unquote(urlsplit(frame.uri).path))
            if file.is_relative_to(self._root) and "site-packages" not in file.parts:
                return f"{file.relative_to(self._root).as_posix()}:{frame.line}"
        return None


def _transforms_unsupported() -> UnsupportedError:
    return UnsupportedError(
        "The program registers a resource transform, which the engine runs and a preview without it cannot.\n"
        "A transformation (ResourceOptions.transformations) runs in the program and works."
    )


class Listener:
    """The engine's side of ``pulumi.log``: keeps what the program says."""

    _LEVELS: Final[Mapping[int, Literal["info", "warning", "error"]]] = {
        engine_pb2.INFO: "info",
        engine_pb2.WARNING: "warning",
        engine_pb2.ERROR: "error",
    }

    def __init__(self, log: Callable[[Notice], None]) -> None:
        self._log = log

    def Log(self, request: engine_pb2.LogRequest) -> None:
        """Keep a message; those for debugging are dropped."""
        level = self._LEVELS.get(request.severity)
        if level is not None:
            self._log(Notice(level, request.message.strip(), request.urn or None))

    def RequirePulumiVersion(self, request: engine_pb2.RequirePulumiVersionRequest) -> None:
        """Accept: there is no CLI here whose version could be wrong."""
