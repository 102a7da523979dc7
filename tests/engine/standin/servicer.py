"""The provider's side of the engine's protocol for every package whose resources are only made up."""

import os
from importlib import metadata
from typing import Any, NoReturn, TypeAlias

import grpc  # type: ignore[import-untyped]
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderServicer

from . import account, catalog, invokes, objects, registry
from .log_groups import LogGroups
from .replacement import replacing
from .values import DEFAULT_REGION, Made, made_up
from .wire import UNKNOWN, Properties, has_unknown, to_dict, to_struct

Context: TypeAlias = grpc.ServicerContext

_LOG_GROUP = "cloudwatch/logGroup"


class StandIn(ResourceProviderServicer):
    """One package, for any number of provider resources and stacks: it keeps the region and the log groups."""

    def __init__(self, package: str) -> None:
        """Stand in for one package, such as `aws`."""
        self.package = package
        self.region = DEFAULT_REGION
        self.log_groups = LogGroups()

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: Context
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Ask for plain values: the engine then marks outputs as secret where an input of that name was."""
        return provider_pb2.ProviderHandshakeResponse()

    def Attach(self, request: plugin_pb2.PluginAttach, context: Context) -> empty_pb2.Empty:
        """Accept the engine's address; nothing here calls the engine."""
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: Context) -> plugin_pb2.PluginInfo:
        """Name the SDK's own version, which is the one the program asks for."""
        return plugin_pb2.PluginInfo(version=metadata.version(f"pulumi-{self.package}"))

    def GetSchema(self, request: provider_pb2.GetSchemaRequest, context: Context) -> provider_pb2.GetSchemaResponse:
        """Give a schema without types: only a YAML program or a code generator would need them."""
        return provider_pb2.GetSchemaResponse(schema=f'{{"name": "{self.package}"}}')

    def CheckConfig(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        """Refuse an AWS provider without a region, as the real one does."""
        config = to_dict(request.news)
        failures = []
        if self.package == "aws" and not (config.get("region") or os.environ.get("AWS_REGION")):
            failures.append(provider_pb2.CheckFailure(property="region", reason="missing region information"))
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        """Compare a provider's settings; none of them replaces it."""
        return _difference(_changed(to_dict(request.old_inputs), to_dict(request.news)), [])

    def Configure(self, request: provider_pb2.ConfigureRequest, context: Context) -> provider_pb2.ConfigureResponse:
        """Take the settings, of which only the region matters."""
        region = to_dict(request.args).get("region")
        if isinstance(region, str) and region != UNKNOWN:
            self.region = region
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Check(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        """Accept the inputs, and name what has no name: known at preview already, as with the real providers."""
        news = to_dict(request.news)
        if self.package == "kubernetes":
            return provider_pb2.CheckResponse(inputs=to_struct(objects.named(news, request.urn)))
        made = self._made(request.urn, news)
        if self._autonamed(made.token) and not news.get("name") and not news.get("namePrefix"):
            news["name"] = f"{made.logical_name}-{made.digits(7)}"
        return provider_pb2.CheckResponse(inputs=to_struct(news))

    def Diff(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        """Compare the inputs, and tell what a change of them replaces."""
        olds, news = to_dict(request.old_inputs), to_dict(request.news)
        changed = _changed(olds, news)
        if self.package == "kubernetes":
            return _difference(changed, objects.replaces(olds, news))
        if self.package == "docker" and "registry" in changed and _same_server(olds, news):
            # The real provider overlooks a new password: a registry hands a different one out every time.
            changed.remove("registry")
        return _difference(changed, replacing(self._made(request.urn, news).kind, changed))

    def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:
        """Echo the inputs and make the outputs up; at preview they are unknown."""
        inputs = to_dict(request.properties)
        if self.package == "kubernetes":
            made_id = "" if request.preview else objects.object_id(inputs)
            state = objects.live(inputs, request.urn, request.preview)
            return provider_pb2.CreateResponse(id=made_id, properties=to_struct(state))
        made = self._made(request.urn, inputs)
        if not request.preview and has_unknown(inputs):
            _refuse(context, f"{request.urn} is created with an unknown input")
        if made.kind == _LOG_GROUP and not request.preview and (reason := self.log_groups.create(made.name)):
            _refuse(context, reason)
        if not request.preview:
            _register(made.token, inputs, context)
        made_id = "" if request.preview else made.id
        return provider_pb2.CreateResponse(id=made_id, properties=to_struct(_outputs(made, request.preview)))

    def Update(self, request: provider_pb2.UpdateRequest, context: Context) -> provider_pb2.UpdateResponse:
        """Echo the new inputs and keep what was made up before."""
        news, olds = to_dict(request.news), to_dict(request.olds)
        if self.package == "kubernetes":
            return provider_pb2.UpdateResponse(properties=to_struct(objects.live(news, request.urn, request.preview)))
        token = self._made(request.urn, news).token
        if not request.preview:
            _register(token, news, context)
        schema = catalog.schema_of(token)
        kept = {name: olds[name] for name in schema.outputs if name in olds}
        return provider_pb2.UpdateResponse(properties=to_struct({**kept, **news}))

    def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> empty_pb2.Empty:
        """Delete anything that the cloud would; a log group stays where its settings say so."""
        properties = to_dict(request.properties)
        made = self._made(request.urn, properties)
        if made.kind == "rds/instance" and (why := account.delete_database(properties)):
            _refuse(context, why)
        if made.kind == _LOG_GROUP and not properties.get("skipDestroy"):
            self.log_groups.delete(made.name)
        registry.deleted(made.token, properties)
        return empty_pb2.Empty()

    def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:
        """Return what the engine remembers, or for a `get` something made up under that id."""
        state = to_dict(request.properties)
        made = self._made(request.urn, {"name": request.id, **state})
        if made.kind == _LOG_GROUP and request.id not in self.log_groups:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=request.id,
            properties=to_struct({**_outputs(made, preview=False), **state}),
            # An import: a service's log group has a name and no more.
            inputs=to_struct({"name": request.id}) if made.kind == _LOG_GROUP and not state else request.inputs,
        )

    def Invoke(self, request: provider_pb2.InvokeRequest, context: Context) -> provider_pb2.InvokeResponse:
        """Answer a function call."""
        arguments = to_dict(request.args)
        try:
            if request.tok == "aws:cloudwatch/getLogGroups:getLogGroups":
                names = self.log_groups.beginning_with(str(arguments.get("logGroupNamePrefix", "")))
                answer: Properties = {"arns": [], "id": self.region, "logGroupNames": names, "region": self.region}
            else:
                answer = invokes.invoke(request.tok, arguments, self.region)
        except (invokes.UnknownFunctionError, registry.RefusedError) as error:
            _refuse(context, str(error))
        # `return` is a Python keyword, so the field is only reached by name.
        fields: dict[str, Any] = {"return": to_struct(answer)}
        return provider_pb2.InvokeResponse(**fields)

    def Call(self, request: provider_pb2.CallRequest, context: Context) -> provider_pb2.CallResponse:
        """Refuse: no resource of these packages has methods."""
        _refuse(context, f"{self.package} has no method {request.tok}")

    def Construct(self, request: provider_pb2.ConstructRequest, context: Context) -> provider_pb2.ConstructResponse:
        """Refuse: these packages are not to be used for remote components, which the policies could not look into."""
        _refuse(context, f"the stand-in for {self.package} makes no {request.type}")

    def Cancel(self, request: empty_pb2.Empty, context: Context) -> empty_pb2.Empty:
        """Have nothing to cancel."""
        return empty_pb2.Empty()

    def _made(self, urn: str, inputs: Properties) -> Made:
        # The type is the last of the types in the URN's third part, each joined to its parent's by a dollar sign.
        token = urn.split("::")[2].rsplit("$", maxsplit=1)[-1]
        return Made(token, urn, inputs, self.region)

    def _autonamed(self, token: str) -> bool:
        schema = catalog.schema_of(token)
        return self.package == "aws" and "name" in schema.inputs and "name" in schema.outputs


def _refuse(context: Context, reason: str) -> NoReturn:
    context.abort(grpc.StatusCode.INVALID_ARGUMENT, reason)
    raise AssertionError("abort always raises")


def _register(token: str, inputs: Properties, context: Context) -> None:
    try:
        registry.made(token, inputs)
    except registry.RefusedError as error:
        _refuse(context, str(error))


def _outputs(made: Made, preview: bool) -> Properties:
    state = dict(made.inputs)
    schema = catalog.schema_of(made.token)
    for name, declared in schema.outputs.items():
        if name in state:
            _complete(made, state, name, preview)
        elif name in schema.computed or not declared.optional:
            computed = name in schema.computed
            state[name] = UNKNOWN if preview else _made_output(made, name, declared, computed)
    return state


def _made_output(made: Made, name: str, declared: catalog.Declared, computed: bool) -> Any:
    if name == "tagsAll":
        return made.inputs.get("tags", {})
    if not computed and catalog.element_of(declared.type_) is not None:
        # A list that could have been given and was not: the cloud would have left it empty.
        return []
    return made_up(made, name, declared.type_)


def _complete(made: Made, state: Properties, name: str, preview: bool) -> None:
    """Add what the cloud fills in inside of an input."""
    if made.kind == "eks/cluster" and name == "vpcConfig" and isinstance(state[name], dict):
        group = UNKNOWN if preview else f"sg-{made.digits(17, 'cluster')}"
        state[name] = {**state[name], "clusterSecurityGroupId": group}


def _changed(olds: Properties, news: Properties) -> list[str]:
    names = sorted(set(olds) | set(news))
    return [name for name in names if olds.get(name) != news.get(name) and not name.startswith("__")]


def _same_server(olds: Properties, news: Properties) -> bool:
    old, new = olds.get("registry"), news.get("registry")
    return isinstance(old, dict) and isinstance(new, dict) and old.get("server") == new.get("server")


def _difference(changed: list[str], replaces: list[str]) -> provider_pb2.DiffResponse:
    some = bool(changed)
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if some else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=changed,
        replaces=replaces,
    )
