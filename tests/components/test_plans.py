"""The whole program: what must hold in every plan, and what a change of backend may change."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from berth.plan import UNKNOWN, Plan, Resource, Secret
from components.berths.lambda_.settings import RESERVED_VARIABLES
from components.service import variables
from tests.components.conftest import BACKENDS
from tests.components.moored import units_of
from tests.programs import Record

RUNNING = {
    "beanstalk": "aws:elasticbeanstalk/environment:Environment",
    "ec2": "aws:autoscaling/group:Group",
    "eks": "kubernetes:apps/v1:Deployment",
    "lambda": "aws:lambda/function:Function",
}
"""What runs the service at a berth, where it is no service of ECS."""
SHARED_ROOMS = ("berth:network:", "berth:firewall:", "berth:database:", "berth:edge:", "berth:image:")


def room(plan: Plan, resource: Resource) -> str:
    """Return the type of the outermost component a resource stands in."""
    by_urn = {item.urn: item for item in plan.resources}
    at = resource
    while at.parent in by_urn and by_urn[at.parent].type != "pulumi:pulumi:Stack":
        at = by_urn[at.parent]
    return at.type


def shared(plan: Plan) -> dict[str, Any]:
    return {
        item.urn: (item.inputs, item.protect, item.ignore_changes)
        for item in plan.resources
        if room(plan, item).startswith(SHARED_ROOMS)
    }


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{index}]")
    else:
        yield path, value


def test_swapping_the_backend_changes_nothing_but_the_target_group(plans: dict[str, Plan]) -> None:
    first, *others = (shared(plans[backend]) for backend in BACKENDS)
    assert len(first) > 50
    for other in others:
        assert other == first
    groups = [plans[backend].of_type("aws:lb/targetGroup:TargetGroup") for backend in BACKENDS]
    assert all(len(group) == 1 for group in groups)
    assert len({group[0].inputs["name"] for group in groups}) == len(BACKENDS)
    same = [{key: value for key, value in group[0].inputs.items() if key not in ("name", "tags")} for group in groups]
    assert same[0] == same[1] == same[2]


@pytest.mark.parametrize("backend", BACKENDS)
def test_target_group_drains_in_thirty_seconds(plans: dict[str, Plan], backend: str) -> None:
    [group] = plans[backend].of_type("aws:lb/targetGroup:TargetGroup")
    assert group.inputs.get("deregistrationDelay", 0 if group.inputs["targetType"] == "lambda" else None) in (0, 30)
    assert group.inputs["healthCheck"]["path"] == "/healthz"


@pytest.mark.parametrize("backend", BACKENDS)
def test_outputs_name_url_images_and_access(plans: dict[str, Plan], backend: str) -> None:
    outputs = plans[backend].outputs
    assert set(outputs) == {"url", "images", "access"}
    assert outputs["access"]["biometric"][backend].startswith("aws ")
    registry = r"123456789012\.dkr\.ecr\.eu-central-1\.amazonaws\.com"
    assert re.fullmatch(registry + r"/berth/berth-same/biometric:[0-9a-f]{16}", outputs["images"]["biometric"])


@pytest.mark.parametrize("backend", ["ecs-fargate", "ecs-ec2"])
def test_container_definitions_are_known_at_preview(plans: dict[str, Plan], backend: str) -> None:
    [task] = plans[backend].of_type("aws:ecs/taskDefinition:TaskDefinition")
    assert isinstance(task.inputs["containerDefinitions"], str)
    assert json.loads(task.inputs["containerDefinitions"])[0]["user"] == "10001:10001"
    # The service must wait for what fills the definition's references.
    [running] = plans[backend].of_type("aws:ecs/service:Service")
    types = {urn.split("::")[2].rsplit("$", 1)[-1] for urn in running.dependencies}
    assert {
        "aws:lb/listener:Listener",
        "aws:ssm/parameter:Parameter",
        "aws:rds/instance:Instance",
        "docker:index/image:Image",
        "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
    } <= types


def test_pods_are_known_at_preview(plans: dict[str, Plan]) -> None:
    [deployment] = plans["eks"].of_type("kubernetes:apps/v1:Deployment")
    # The one exception is what no policy reads, and what makes the pods start anew.
    unknown = [path for path, value in leaves(deployment.inputs) if value == UNKNOWN]
    assert unknown == [".spec.template.metadata.annotations.berth/bindings"]
    [namespace] = plans["eks"].of_type("kubernetes:core/v1:Namespace")
    labels = namespace.inputs["metadata"]["labels"]
    assert {labels[f"pod-security.kubernetes.io/{mode}"] for mode in ("enforce", "audit", "warn")} == {"restricted"}


def containers_of(plan: Plan) -> list[dict[str, Any]]:
    """Return the service's containers, the initial ones with them, as ECS or Kubernetes is told of them."""
    if plan.moorings[0].berth == "eks":
        [deployment] = plan.of_type("kubernetes:apps/v1:Deployment")
        pod = deployment.inputs["spec"]["template"]["spec"]
        return [*pod["initContainers"], *pod["containers"]]
    if functions := plan.of_type("aws:lambda/function:Function"):
        variables = [one.inputs["environment"]["variables"] for one in functions]
        return [{"environment": [{"name": n, "value": v} for n, v in one.items()]} for one in variables]
    if plan.moorings[0].berth == "ec2":
        [template] = plan.of_type("aws:ec2/launchTemplate:LaunchTemplate")
        words = [[shlex.split(one)[0] for one in unit["Environment"]] for unit in units_of(template)]
        told = [dict(word.split("=", 1) for word in unit) for unit in words]
        return [{"environment": [{"name": n, "value": v} for n, v in one.items()]} for one in told]
    if bundles := plan.of_type("aws:s3/bucketObjectv2:BucketObjectv2"):
        text = bundles[0].inputs["source"]["archive"]["assets"]["docker-compose.yml"]["asset"]["text"]
        told = [one["environment"] for one in json.loads(text)["services"].values()]
        return [{"environment": [{"name": n, "value": v} for n, v in one.items()]} for one in told]
    [task] = plan.of_type("aws:ecs/taskDefinition:TaskDefinition")
    containers: list[dict[str, Any]] = json.loads(task.inputs["containerDefinitions"])
    return containers


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_service_learns_what_stands_around_it(plans: dict[str, Plan], backend: str) -> None:
    containers = containers_of(plans[backend])
    assert len(containers) >= 2
    for container in containers:
        environment = container["env" if backend == "eks" else "environment"]
        values = {one["name"]: one["value"] for one in environment}
        # Its share of the database's connections; that an HTTP API buffers; how long it has to leave.
        most = "10" if backend == "lambda" else "4"
        assert (values["MAX_REPLICAS"], values["RESPONSES_BUFFERED"], values["SHUTDOWN_SECONDS"]) == (
            most,
            "true",
            "30",
        )
        # What the program sets, no stack file may set: the load balancer, for one, would keep to the program's value.
        free = [name for name in values if not list(variables.environment.find({name: "x"}))]
        assert [name for name in free if backend != "lambda" or not RESERVED_VARIABLES.fullmatch(name)] == []


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_gateways_request_id_reaches_the_service(plans: dict[str, Plan], backend: str) -> None:
    [integration] = plans[backend].of_type("aws:apigatewayv2/integration:Integration")
    assert integration.inputs["requestParameters"] == {
        "overwrite:path": "$request.path",
        "overwrite:header.berth-client-address": "$context.identity.sourceIp",
        "overwrite:header.x-request-id": "$context.requestId",
    }


def test_every_kubernetes_object_has_the_cluster_provider(plans: dict[str, Plan]) -> None:
    objects = [item for item in plans["eks"].resources if item.type.startswith("kubernetes:")]
    assert len(objects) == 20
    assert all(item.provider and "pulumi:providers:kubernetes" in item.provider for item in objects)


@pytest.mark.parametrize("backend", BACKENDS)
def test_passwords_are_secret_wherever_they_stand(plans: dict[str, Plan], backend: str) -> None:
    plan = plans[backend]
    [instance] = plan.of_type("aws:rds/instance:Instance")
    assert isinstance(instance.inputs["password"], Secret)
    for image in plan.of_type("docker:index/image:Image"):
        assert isinstance(image.inputs["registry"], Secret) or isinstance(image.inputs["registry"]["password"], Secret)
    parameters = plan.of_type("aws:ssm/parameter:Parameter")
    kept = [item.inputs["value"] for item in parameters if item.inputs["type"] == "SecureString"]
    kept += [item.inputs["stringData"] for item in plan.of_type("kubernetes:core/v1:Secret")]
    assert kept, "the service gets no password at all"
    for value in kept:
        assert isinstance(value, Secret) or all(isinstance(one, Secret) for one in value.values())


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_role_has_a_wildcard_action(plans: dict[str, Plan], backend: str) -> None:
    policies = plans[backend].of_type("aws:iam/rolePolicy:RolePolicy")
    assert policies
    for item in policies:
        for statement in json.loads(item.inputs["policy"])["Statement"]:
            assert not [action for action in statement["Action"] if action.endswith("*")]


@pytest.mark.parametrize("backend", BACKENDS)
def test_security_groups_admit_by_group_only(plans: dict[str, Plan], backend: str) -> None:
    rules = plans[backend].of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    # Load balancer from link, service from load balancer, database from service; nobody connects to a function.
    assert len(rules) == (2 if backend == "lambda" else 3)
    assert all("referencedSecurityGroupId" in rule.inputs and "cidrIpv4" not in rule.inputs for rule in rules)


def test_machines_are_hardened(plans: dict[str, Plan]) -> None:
    [template] = plans["ecs-ec2"].of_type("aws:ec2/launchTemplate:LaunchTemplate")
    assert template.inputs["metadataOptions"]["httpTokens"] == "required"
    assert template.inputs["metadataOptions"]["httpPutResponseHopLimit"] == 1
    assert template.inputs["imageId"].startswith("resolve:ssm:/aws/service/ecs/optimized-ami/")
    assert "keyName" not in template.inputs
    [disk] = template.inputs["blockDeviceMappings"]
    assert disk["ebs"]["volumeType"] == "gp3" and disk["ebs"]["encrypted"] == "true"


def test_machines_are_replaced_before_they_are_old(plans: dict[str, Plan]) -> None:
    """Each starts from the newest AMI; nothing protects an old one, and its tasks move before it goes."""
    [group] = plans["ecs-ec2"].of_type("aws:autoscaling/group:Group")
    assert group.inputs["maxInstanceLifetime"] == 14 * 24 * 60 * 60
    assert not group.inputs.get("protectFromScaleIn")
    [provider] = plans["ecs-ec2"].of_type("aws:ecs/capacityProvider:CapacityProvider")
    scaling = provider.inputs["autoScalingGroupProvider"]
    assert (scaling["managedDraining"], scaling["managedTerminationProtection"]) == ("ENABLED", "DISABLED")
    by_age, by_template = group.inputs["instanceMaintenancePolicy"], group.inputs["instanceRefresh"]["preferences"]
    assert by_age == by_template == {"minHealthyPercentage": 100, "maxHealthyPercentage": 150}


def test_cluster_endpoint_is_public_for_named_addresses_only(plans: dict[str, Plan], record: Record) -> None:
    [closed] = plans["eks"].of_type("eks:index:Cluster")
    assert closed.inputs["endpointPrivateAccess"] is True and closed.inputs["endpointPublicAccess"] is False
    # The provider refuses addresses for an endpoint that is not public.
    assert "publicAccessCidrs" not in closed.inputs
    [open_] = record("eks", "  berth:eks: {publicAccessCidrs: [203.0.113.7/32]}\n").of_type("eks:index:Cluster")
    assert open_.inputs["endpointPublicAccess"] is True
    assert open_.inputs["publicAccessCidrs"] == ["203.0.113.7/32"]


def test_api_options(record: Record) -> None:
    plan = record(
        "ecs-fargate",
        "  berth:api:\n"
        "    authorization: jwt\n"
        "    jwt: {issuer: 'https://id.example.com/', audience: [berth]}\n"
        "    cors: {allowOrigins: ['https://app.example.com']}\n"
        "    domain: {name: api.example.com, hostedZoneId: Z0123456789ABCDEFGHIJ,"
        " certificateArn: 'arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012'}\n",
    )
    routes = {item.inputs["routeKey"]: item.inputs for item in plan.of_type("aws:apigatewayv2/route:Route")}
    assert routes["$default"]["authorizationType"] == "JWT"
    # A browser's preflight carries no token.
    assert routes["OPTIONS /{proxy+}"]["authorizationType"] == "NONE"
    [api] = plan.of_type("aws:apigatewayv2/api:Api")
    assert api.inputs["disableExecuteApiEndpoint"] is True
    assert plan.outputs["url"] == "https://api.example.com"
    assert plan.of_type("aws:route53/record:Record")


def test_tls_goes_on_behind_the_gateway_by_choice(plans: dict[str, Plan], record: Record) -> None:
    """The certificate's name is verified by API Gateway, and the whole chain moves to port 443."""
    arn = "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    tls = record(
        "ecs-fargate", f"  berth:api: {{internalTls: {{serverName: api.example.com, certificateArn: '{arn}'}}}}\n"
    )
    for plan, port in ((plans["ecs-fargate"], 80), (tls, 443)):
        [listener] = plan.of_type("aws:lb/listener:Listener")
        [integration] = plan.of_type("aws:apigatewayv2/integration:Integration")
        rules = [
            item.inputs["fromPort"]
            for kind in ("Egress", "Ingress")
            for item in plan.of_type(f"aws:vpc/securityGroup{kind}Rule:SecurityGroup{kind}Rule")
            if "link-to-alb" in item.name or "alb-from-link" in item.name
        ]
        assert [listener.inputs["port"], *rules] == [port] * 3
        encrypted = port == 443
        assert listener.inputs["protocol"] == ("HTTPS" if encrypted else "HTTP")
        assert listener.inputs.get("certificateArn") == (arn if encrypted else None)
        verified = {"serverNameToVerify": "api.example.com"} if encrypted else None
        assert integration.inputs.get("tlsConfig") == verified


def test_existing_network_is_adopted(record: Record) -> None:
    plan = record(
        "ecs-fargate",
        "  berth:network:\n"
        "    existing:\n"
        "      vpcId: vpc-0123456789abcdef0\n"
        "      privateSubnetIds: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]\n"
        "      dataSubnetIds: [subnet-0123456789abcdef2, subnet-0123456789abcdef3]\n",
    )
    assert not [item for item in plan.resources if item.type.startswith("aws:ec2/subnet")]
    [balancer] = plan.of_type("aws:lb/loadBalancer:LoadBalancer")
    assert balancer.inputs["subnets"] == ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]


def test_network_by_config(record: Record) -> None:
    plan = record(
        "ecs-fargate",
        "  berth:network: {zones: 3, natGateways: per-zone, interfaceEndpoints: [ecr.api, ecr.dkr, logs]}\n",
    )
    assert len(plan.of_type("aws:ec2/natGateway:NatGateway")) == 3
    endpoints = plan.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
    assert sorted(item.inputs["vpcEndpointType"] for item in endpoints) == ["Gateway", *["Interface"] * 3]
    [closed] = plan.of_type("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
    assert "ingress" not in closed.inputs and "egress" not in closed.inputs
    [flow_log] = plan.of_type("aws:ec2/flowLog:FlowLog")
    assert flow_log.inputs["trafficType"] == "ALL"


def test_prebuilt_image_builds_nothing(record: Record) -> None:
    plan = record("ecs-fargate", "  berth:service: {image: 'public.ecr.aws/nginx/nginx-unprivileged:1.27'}\n")
    assert not plan.of_type("docker:index/image:Image") and not plan.of_type("aws:ecr/repository:Repository")
    assert plan.outputs["images"] == {"biometric": "public.ecr.aws/nginx/nginx-unprivileged:1.27"}


def test_production_keeps_what_holds_data(record: Record) -> None:
    plan = record("ecs-fargate", "  berth:production: true\n  berth:accept: [public-api]\n")
    [database] = plan.of_type("aws:rds/instance:Instance")
    assert database.protect is True
    assert database.inputs["multiAz"] is True and database.inputs["deletionProtection"] is True


@pytest.mark.parametrize("weight", [0, 1])
def test_production_keeps_a_berth_that_has_requests(record: Record, weight: int) -> None:
    """One without is on its way in or out, and a protected cluster could not go."""
    shares = f"  berth:berths: {{ecs-fargate: 1, eks: {weight}}}\n"
    plan = record(None, f"  berth:production: true\n  berth:accept: [public-api]\n{shares}")
    [cluster] = plan.of_type("eks:index:Cluster")
    assert cluster.inputs["deletionProtection"] is bool(weight)


def test_access_logs_go_to_a_closed_bucket(plans: dict[str, Plan]) -> None:
    plan = plans["ecs-fargate"]
    [bucket] = plan.of_type("aws:s3/bucket:Bucket")
    [balancer] = plan.of_type("aws:lb/loadBalancer:LoadBalancer")
    assert balancer.inputs["accessLogs"] == {"bucket": bucket.inputs["bucket"], "enabled": True}
    [closed] = plan.of_type("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    flags = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert all(closed.inputs[flag] is True for flag in flags)
    [policy] = plan.of_type("aws:s3/bucketPolicy:BucketPolicy")
    writes, insecure = json.loads(policy.inputs["policy"])["Statement"]
    assert writes["Principal"] == {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    # The path pins the account; the load balancer's test write does not hold under a condition.
    assert writes["Resource"] == [f"arn:aws:s3:::{bucket.inputs['bucket']}/AWSLogs/123456789012/*"]
    assert "Condition" not in writes
    assert insecure["Effect"] == "Deny" and insecure["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    # Without its policy the bucket refuses the load balancer, and the load balancer is not made.
    assert policy.urn in balancer.dependencies


def test_what_aws_refuses_to_delete_in_use_is_made_before_the_old_goes(plans: dict[str, Plan], record: Record) -> None:
    """A fixed name makes the provider delete first: the group has a new name each time, the VPC link has none."""
    [link] = plans["eks"].of_type("aws:apigatewayv2/vpcLink:VpcLink")
    assert "name" not in link.inputs
    moved = record("eks", "  berth:service: {port: 9090}\n")
    names = [plan.of_type("aws:lb/targetGroup:TargetGroup")[0].inputs["name"] for plan in (plans["eks"], moved)]
    assert names[0] != names[1]
    bindings = [
        plan.of_type("kubernetes:eks.amazonaws.com/v1:TargetGroupBinding")[0].inputs["metadata"]["name"]
        for plan in (plans["eks"], moved)
    ]
    assert bindings == ["biometric-8080", "biometric-9090"]


def test_another_zone_leaves_the_control_plane_where_it_is(record: Record) -> None:
    [cluster] = record("eks", "  berth:network: {zones: 3}\n").of_type("eks:index:Cluster")
    assert len(cluster.inputs["subnetIds"]) == 2


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_way_out_stands_before_the_workload(plans: dict[str, Plan], backend: str) -> None:
    workload = plans[backend].of_type(RUNNING.get(backend, "aws:ecs/service:Service"))[0]
    types = {urn.split("::")[2].rsplit("$", 1)[-1] for urn in workload.dependencies}
    assert {
        "aws:ec2/route:Route",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    } <= types


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_log_group_expires(plans: dict[str, Plan], backend: str) -> None:
    groups = plans[backend].of_type("aws:cloudwatch/logGroup:LogGroup")
    assert all(group.inputs["retentionInDays"] for group in groups)
    of_no_cluster = {name: f"/berth/berth-same-{name}-biometric" for name in ("beanstalk", "ec2", "lambda")}
    own = {"eks": "/aws/eks/berth-same-eks/cluster", **of_no_cluster}.get(
        backend, f"/aws/ecs/containerinsights/berth-same-{backend}/performance"
    )
    assert own in {group.inputs["name"] for group in groups}  # AWS would make it without an end


def test_a_cluster_out_of_reach_keeps_its_objects_in_the_state(plans: dict[str, Plan]) -> None:
    """Said by hand for one command only: PULUMI_K8S_DELETE_UNREACHABLE, which this setting would override."""
    [provider] = plans["eks"].of_type("pulumi:providers:kubernetes")
    assert "deleteUnreachable" not in provider.inputs


def test_the_cluster_is_never_billed_for_extended_support(plans: dict[str, Plan]) -> None:
    [cluster] = plans["eks"].of_type("eks:index:Cluster")
    assert cluster.inputs["upgradePolicy"] == {"supportType": "STANDARD"}


@pytest.mark.parametrize("backend", BACKENDS)
def test_access_names_the_profile_of_the_stack(record: Record, backend: str) -> None:
    access = record(backend, "  aws:profile: deploy\n").outputs["access"]["biometric"][backend]
    assert "--region eu-central-1 --profile deploy" in access
