"""Lambda."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Final

from berth.plan import Plan, Resource
from berth.resource_types.charges import Charge, Charges, Context, items, number, unpriced
from berth.resource_types.prices import Selector, selector
from berth.resource_types.resource_type import In, Look, Minutes, ResourceType, Way, both, forces, free

MIB_A_GB: Final = Decimal(1024)
SECONDS_AN_HOUR: Final = Decimal(3600)
_ALIAS: Final = "aws:lambda/alias:Alias"
_FUNCTION: Final = "aws:lambda/function:Function"


def _memory_gb(function: Resource) -> Decimal:
    return (number(function.inputs.get("memorySize")) or Decimal(128)) / MIB_A_GB


def _processor(function: Resource) -> str:
    return "arm" if "arm64" in items(function.inputs.get("architectures")) else "x86"


def share(plan: Plan, mooring_urn: str | None) -> Decimal | None:
    """Return which part of the stack's requests comes to a mooring, by the weights; None where it is no mooring.

    Services have equal parts, as nobody knows better.
    """
    answering = [one for one in plan.moorings if one.ways]
    own = next((one for one in answering if one.urn == mooring_urn), None)
    if own is None:
        return None
    weights = sum(one.weight for one in answering if one.service == own.service)
    services = len({one.service for one in answering})
    return Decimal(own.weight) / weights / services if weights else Decimal(0)


def function(resource: Resource, context: Context) -> Charges:
    """Charge a function's requests, and their time at its memory; one that nobody's alias stands for runs seldom."""
    if not any(resource.urn in alias.dependencies for alias in context.plan.of_type(_ALIAS)):
        return
    part = share(context.plan, resource.parent)
    if part is None:
        yield unpriced(resource, "requests", "how often it is invoked is not known")
        return
    requests = context.usage.requests * part
    seconds = requests * context.usage.request_ms / 1000
    yield Charge("requests", "lambda.request", requests)
    what = f"duration, {context.usage.request_ms} ms a request"
    yield Charge(what, f"lambda.duration.{_processor(resource)}", seconds * _memory_gb(resource))


def provisioned(resource: Resource, context: Context) -> Charges:
    """Charge the instances that are kept started."""
    behind = context.behind(resource, "functionName", _FUNCTION)
    instances = number(resource.inputs.get("provisionedConcurrentExecutions"))
    if behind is None or instances is None:
        yield unpriced(resource, "instances kept started", "their number or their function is not known")
        return
    quantity = instances * context.usage.hours * SECONDS_AN_HOUR * _memory_gb(behind)
    yield Charge(f"{instances} instances kept started", f"lambda.provisioned.{_processor(behind)}", quantity)


_of_function = partial(free, "part of the function")

TYPES: Final = (
    _of_function(
        _ALIAS,
        moored=both("workload"),
        replaced_by=forces("functionName name", "lambda:UpdateAlias"),
        calls="lambda: CreateAlias DeleteAlias UpdateAlias",
    ),
    ResourceType(
        _FUNCTION,
        function,
        moored=both("workload"),
        # The functions' network interfaces; and an image is made ready for Lambda's hosts.
        minutes=Minutes(1, 3),
        replaced_by=forces("name packageType tenancyConfig", "lambda:UpdateFunctionConfiguration"),
        title=Look("Lambda function", "lambda"),
        ways={
            "loggingConfig": Way("writes"),
            "environment": Way("reads"),
            "replacementSecurityGroupIds": None,
        },
        calls="ec2: DescribeNetworkInterfaces; iam: PassRole; lambda: CreateFunction DeleteFunction "
        "DeleteFunctionConcurrency PublishVersion PutFunctionConcurrency TagResource UntagResource "
        "UpdateFunctionCode UpdateFunctionConfiguration",
    ),
    _of_function(
        "aws:lambda/invocation:Invocation",
        moored=both("workload"),
        # The migrations, behind a first start.
        minutes=Minutes(0.2, 1),
        replaced_by=forces("functionName input lifecycleScope qualifier tenantId terraformKey triggers"),
        # Nothing ends it: what it did stays.
        calls="lambda: InvokeFunction",
    ),
    _of_function(
        "aws:lambda/permission:Permission",
        In(None, None),
        replaced_by=forces(
            "action eventSourceToken function functionUrlAuthType invokedViaFunctionUrl principal principalOrgId "
            "qualifier sourceAccount sourceArn statementId statementIdPrefix"
        ),
        calls="lambda: AddPermission RemovePermission",
    ),
    ResourceType(
        "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
        provisioned,
        moored=both("scaling"),
        minutes=Minutes(1, 3),
        replaced_by=forces("functionName qualifier", "lambda:PutProvisionedConcurrencyConfig"),
        calls="lambda: DeleteProvisionedConcurrencyConfig PutProvisionedConcurrencyConfig",
    ),
)

PRICES: Final[Mapping[str, Selector]] = {
    "lambda.request": selector("AWSLambda", "Request"),
    "lambda.duration.x86": selector("AWSLambda", "Lambda-GB-Second"),
    "lambda.duration.arm": selector("AWSLambda", "Lambda-GB-Second-ARM"),
    "lambda.provisioned.x86": selector("AWSLambda", "Lambda-Provisioned-Concurrency"),
    "lambda.provisioned.arm": selector("AWSLambda", "Lambda-Provisioned-Concurrency-ARM"),
}
