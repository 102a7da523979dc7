"""The remote component `eks:index:Cluster` with Auto Mode: the same children and outputs as the real provider's."""

import hashlib
import json
from importlib import metadata
from typing import Any

import grpc  # type: ignore[import-untyped]
import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
from google.protobuf import empty_pb2
from pulumi.provider.provider import ConstructResult, Provider
from pulumi.provider.server import ProviderServicer
from pulumi.runtime.proto import plugin_pb2, provider_pb2

_CLUSTER_POLICIES = (
    "AmazonEKSClusterPolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
)
_NODE_POLICIES = ("AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly")


class EksServicer(ProviderServicer):
    """The SDK's own provider server, with what a provider needs that the engine attaches to instead of starting."""

    def __init__(self) -> None:
        """Serve the stand-in for `eks`."""
        super().__init__(Eks(version=metadata.version("pulumi-eks")), [], "")

    async def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.aio.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Take the engine's address, and everything inputs can be."""
        self.engine_address = request.engine_address
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True, accept_outputs=True)

    async def Attach(self, request: plugin_pb2.PluginAttach, context: grpc.aio.ServicerContext) -> empty_pb2.Empty:
        """Take the engine's address."""
        self.engine_address = request.address
        return empty_pb2.Empty()

    async def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.aio.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Accept any settings."""
        return provider_pb2.CheckResponse(inputs=request.news)

    async def DiffConfig(
        self, request: provider_pb2.DiffRequest, context: grpc.aio.ServicerContext
    ) -> provider_pb2.DiffResponse:
        """Find no difference in the settings."""
        return provider_pb2.DiffResponse()


class Eks(Provider):
    """The package `eks`, of which only the cluster is made."""

    def construct(
        self, name: str, resource_type: str, inputs: pulumi.Inputs, options: pulumi.ResourceOptions | None = None
    ) -> ConstructResult:
        """Construct a cluster.

        Raises:
            ValueError: for any other type, or for arguments that the real provider refuses too.
        """
        if resource_type != "eks:index:Cluster":
            raise ValueError(f"the stand-in for eks makes no {resource_type}")
        cluster = Cluster(name, dict(inputs), options)
        return ConstructResult(cluster.urn, cluster.state)


class Cluster(pulumi.ComponentResource):
    """A cluster, its two roles, its access entries and its Kubernetes provider."""

    def __init__(self, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions | None) -> None:
        """Register the component and its children."""
        super().__init__("eks:index:Cluster", name, inputs, opts)
        _refuse_what_the_provider_refuses(inputs)
        own = pulumi.ResourceOptions(parent=self)
        service_role = ServiceRole(f"{name}-eksRole", "eks.amazonaws.com", _CLUSTER_POLICIES, inputs.get("tags"), own)
        node_role = None
        if inputs["autoMode"].get("createNodeRole", True):
            node_role = ServiceRole(f"{name}-nodeRole", "ec2.amazonaws.com", _NODE_POLICIES, inputs.get("tags"), own)
        if _makes_unused_instance_role(inputs):
            ServiceRole(f"{name}-instanceRole", "ec2.amazonaws.com", ("AmazonEKS_CNI_Policy",), None, own)

        cluster = self._cluster(name, inputs, service_role, node_role)
        kubeconfig = pulumi.Output.all(
            cluster.name, cluster.endpoint, cluster.certificate_authority.data, cluster.region
        ).apply(lambda known: _kubeconfig(known[0], known[1], known[2], known[3]))
        kubeconfig_json = kubeconfig.apply(json.dumps)
        kubernetes.Provider(f"{name}-eks-k8s", kubeconfig=kubeconfig_json, opts=own)
        self._access_entries(name, inputs, cluster)
        if (inputs.get("corednsAddonOptions") or {}).get("enabled", True):
            aws.eks.Addon(f"{name}-coredns", addon_name="coredns", cluster_name=cluster.name, opts=own)

        group = cluster.vpc_config.cluster_security_group_id
        issuer = cluster.identities[0].oidcs[0].issuer
        self.state: dict[str, Any] = {
            "autoModeNodeRoleName": node_role.role.name if node_role else "",
            "clusterIngressRuleId": "",
            "clusterSecurityGroupId": group,
            "core": {"cluster": cluster, "endpoint": cluster.endpoint, "clusterIamRole": service_role.role},
            "defaultNodeGroupAsgName": "",
            "eksCluster": cluster,
            "fargateProfileId": "",
            "fargateProfileStatus": "",
            "instanceRoles": [],
            "kubeconfig": kubeconfig,
            "kubeconfigJson": kubeconfig_json,
            "nodeSecurityGroupId": group,
            "oidcIssuer": issuer.apply(lambda url: str(url).removeprefix("https://")),
            "oidcProviderArn": "",
            "oidcProviderUrl": issuer,
        }
        self.register_outputs(self.state)

    def _cluster(
        self, name: str, inputs: dict[str, Any], service_role: "ServiceRole", node_role: "ServiceRole | None"
    ) -> aws.eks.Cluster:
        private = inputs.get("privateSubnetIds") or []
        public = inputs.get("publicSubnetIds") or []
        subnets = inputs.get("subnetIds") or pulumi.Output.all(private, public).apply(lambda ids: [*ids[0], *ids[1]])
        key = inputs.get("encryptionConfigKeyArn")
        compute = {"nodePools": ["general-purpose", "system"], **(inputs["autoMode"].get("computeConfig") or {})}
        attachments = [*service_role.attachments, *(node_role.attachments if node_role else [])]
        return aws.eks.Cluster(
            f"{name}-eksCluster",
            name=inputs.get("name"),
            version=inputs.get("version"),
            role_arn=service_role.role.arn,
            bootstrap_self_managed_addons=False,
            deletion_protection=inputs.get("deletionProtection"),
            access_config={
                "authentication_mode": inputs["authenticationMode"],
                "bootstrap_cluster_creator_admin_permissions": True,
            },
            compute_config={
                "enabled": True,
                "node_pools": compute["nodePools"],
                "node_role_arn": compute.get("nodeRoleArn") or (node_role.role.arn if node_role else None),
            },
            storage_config={"block_storage": {"enabled": True}},
            kubernetes_network_config={"ip_family": "ipv4", "elastic_load_balancing": {"enabled": True}},
            enabled_cluster_log_types=inputs.get("enabledClusterLogTypes"),
            encryption_config={"provider": {"key_arn": key}, "resources": ["secrets"]} if key else None,
            vpc_config={
                "endpoint_private_access": inputs.get("endpointPrivateAccess"),
                "endpoint_public_access": inputs.get("endpointPublicAccess"),
                "public_access_cidrs": inputs.get("publicAccessCidrs"),
                "subnet_ids": subnets,
            },
            tags=inputs.get("tags"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=attachments),
        )

    def _access_entries(self, name: str, inputs: dict[str, Any], cluster: aws.eks.Cluster) -> None:
        for entry_name, entry in (inputs.get("accessEntries") or {}).items():
            made = aws.eks.AccessEntry(
                f"{name}-{entry_name}",
                cluster_name=cluster.name,
                principal_arn=entry["principalArn"],
                kubernetes_groups=entry.get("kubernetesGroups"),
                type=entry.get("type"),
                opts=pulumi.ResourceOptions(parent=self, depends_on=[cluster]),
            )
            for policy_name, policy in (entry.get("accessPolicies") or {}).items():
                aws.eks.AccessPolicyAssociation(
                    f"{name}-{entry_name}-{policy_name}",
                    cluster_name=cluster.name,
                    principal_arn=entry["principalArn"],
                    policy_arn=policy["policyArn"],
                    access_scope=policy["accessScope"],
                    opts=pulumi.ResourceOptions(parent=made, depends_on=[made]),
                )


class ServiceRole(pulumi.ComponentResource):
    """A role that an AWS service assumes, with AWS's managed policies."""

    def __init__(
        self, name: str, service: str, policies: tuple[str, ...], tags: Any, opts: pulumi.ResourceOptions
    ) -> None:
        """Register the role and its attachments."""
        super().__init__("eks:index:ServiceRole", name, None, opts)
        statement = {"Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": [service]}}
        self.role = aws.iam.Role(
            f"{name}-role",
            assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.attachments = []
        for policy in policies:
            arn = f"arn:aws:iam::aws:policy/{policy}"
            digest = hashlib.sha1(arn.encode(), usedforsecurity=False).hexdigest()[:8]
            attachment = aws.iam.RolePolicyAttachment(
                f"{name}-{digest}", policy_arn=arn, role=self.role.name, opts=pulumi.ResourceOptions(parent=self)
            )
            self.attachments.append(attachment)
        self.register_outputs({})


def _refuse_what_the_provider_refuses(inputs: dict[str, Any]) -> None:
    if not (inputs.get("autoMode") or {}).get("enabled"):
        raise ValueError("the stand-in for eks only makes clusters with Auto Mode")
    if inputs.get("authenticationMode") not in ("API", "API_AND_CONFIG_MAP"):
        raise ValueError("Access entries are required when using EKS Auto Mode: set the authentication mode to API")
    if inputs.get("subnetIds") and (inputs.get("publicSubnetIds") or inputs.get("privateSubnetIds")):
        raise ValueError("subnetIds and publicSubnetIds or privateSubnetIds are mutually exclusive")
    if inputs.get("publicAccessCidrs") and inputs.get("endpointPublicAccess") is False:
        raise ValueError("`publicAccessCidrs` can only be set when `endpointPublicAccess` is true")


def _makes_unused_instance_role(inputs: dict[str, Any]) -> bool:
    wanted = inputs.get("createInstanceRole")
    return bool(wanted) or (wanted is None and not inputs.get("skipDefaultNodeGroup"))


def _kubeconfig(name: str, endpoint: str, certificate: str, region: str) -> dict[str, Any]:
    arguments = ["--region", region, "eks", "get-token", "--cluster-name", name, "--output", "json"]
    execute = {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "aws", "args": arguments}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": "kubernetes", "cluster": {"server": endpoint, "certificate-authority-data": certificate}}
        ],
        "contexts": [{"name": "aws", "context": {"cluster": "kubernetes", "user": "aws"}}],
        "current-context": "aws",
        "users": [{"name": "aws", "user": {"exec": execute}}],
    }
