"""API Gateway: HTTP APIs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from functools import partial
from typing import Final

from berth.plan import Resource
from berth.resource_types.charges import MILLION, Charge, Charges, Context, mapping, unpriced
from berth.resource_types.prices import Selector, selector
from berth.resource_types.resource_type import Free, Minutes, ResourceType, both, forces, free

METERED_GB: Final = Decimal(512) / (1024 * 1024)
"""GB that an HTTP API counts as one request: 512 KB."""
_INTEGRATION: Final = "terraform-provider-aws: internal/service/apigatewayv2/integration.go"


def stage(resource: Resource, context: Context) -> Charges:
    """Charge the API's requests and the traffic out."""
    usage = context.usage
    share = context.count(resource.type)
    metered = max((usage.gb_per_request / METERED_GB).to_integral_value(ROUND_CEILING), Decimal(1))
    yield Charge("requests", "api.http", usage.requests * metered / MILLION / share)
    yield Charge("data sent out", "transfer.out", usage.traffic_gb / share)
    if mapping(resource.inputs.get("defaultRouteSettings")).get("detailedMetricsEnabled"):
        yield unpriced(resource, "detailed metrics", "the number of metrics depends on the routes called")


_of_api = partial(free, "part of the API", look=both("api"))

TYPES: Final = (
    ResourceType(
        "aws:apigatewayv2/api:Api",
        Free("billed by request, on its stage"),
        both("api"),
        replaced_by=forces("protocolType", "apigatewayv2:UpdateApi"),
        calls="apigateway: DELETE PATCH POST PUT TagResource UntagResource",
    ),
    _of_api("aws:apigatewayv2/apiMapping:ApiMapping", look=both("domain"), calls="apigateway: DELETE PATCH POST"),
    _of_api("aws:apigatewayv2/authorizer:Authorizer", calls="apigateway: DELETE PATCH POST"),
    _of_api(
        "aws:apigatewayv2/domainName:DomainName",
        look=both("domain"),
        calls="apigateway: AddCertificateToDomain DELETE PATCH POST RemoveCertificateFromDomain",
    ),
    _of_api(
        "aws:apigatewayv2/integration:Integration",
        replaced_by=forces("apiId integrationSubtype integrationType", _INTEGRATION),
        calls="apigateway: DELETE PATCH POST",
    ),
    _of_api(
        "aws:apigatewayv2/route:Route",
        replaced_by=forces("apiId", "apigatewayv2:UpdateRoute"),
        calls="apigateway: DELETE PATCH POST",
    ),
    ResourceType(
        "aws:apigatewayv2/stage:Stage",
        stage,
        both("api"),
        replaced_by=forces("apiId name", "apigatewayv2:UpdateStage"),
        calls="apigateway: DELETE PATCH POST; logs: CreateLogDelivery DeleteLogDelivery GetLogDelivery "
        "PutResourcePolicy UpdateLogDelivery",
    ),
    ResourceType(
        "aws:apigatewayv2/vpcLink:VpcLink",
        Free("HTTP APIs are not charged for VPC links"),
        both("vpc-link"),
        minutes=Minutes(2, 4),
        replaced_by=forces("securityGroupIds subnetIds", "apigatewayv2:UpdateVpcLink"),
        calls="apigateway: DELETE PATCH POST; iam: CreateServiceLinkedRole",
    ),
)

PRICES: Final[Mapping[str, Selector]] = {
    "api.http": selector("AmazonApiGateway", "ApiGatewayHttpRequest", factor=MILLION),
    "transfer.out": selector("AWSDataTransfer", "DataTransfer-Out-Bytes"),
}
