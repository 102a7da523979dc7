"""EKS in Auto Mode: AWS keeps the nodes, the load-balancing controller and the pod network.

Creates once: KMS key for the cluster's secrets, node role, security group, the cluster with all control-plane logs and
access entries, node class and pool, metrics-server. For each service: a namespace that enforces Pod Security
``restricted``, the bindings, every object of ``charts/service``, pod role and Pod Identity, the collector of the pods'
logs with its log group, and the TargetGroupBinding that fills the target group.

The API endpoint is private; it is public only for the addresses in ``berth:eks.publicAccessCidrs``.
Needs the ``aws`` command where it runs, at preview too: the provider looks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks
import pulumi_kubernetes as kubernetes

from components.berths.eks import manifests
from components.berths.eks.kubeconfig import with_profile
from components.berths.eks.objects import kubernetes_object
from components.berths.eks.settings import EksSettings
from components.berths.eks.workload import Workload
from components.berths.host import Host
from components.iam import Role, assumed_by
from components.logs import service_log_group
from components.mooring import Mooring

LOG_TYPES = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
"""All control-plane logs there are."""
KEY_DELETION_DAYS = 30
CONTROL_PLANE_ZONES = 2
"""Zones of the control plane's subnets: EKS wants two and refuses another zone later (user guide, network
requirements), so a stack that goes from two zones to three must not add one here."""
SYSTEM_POOL = "system"
"""Auto Mode's built-in pool for critical add-ons; with one built-in pool EKS admits the node role itself."""


class Eks(Host[EksSettings]):
    """A cluster of EKS."""

    nodes: list[pulumi.Resource]
    """What must exist before a pod can start."""

    def target_tags(self) -> dict[str, Any]:
        """Auto Mode's controller fills only groups that carry its cluster's name."""
        return {"eks:eks-cluster-name": self.name}

    def build(self) -> None:
        """Create the cluster and its nodes."""
        ground, name = self.ground, self.name
        node_role = Role(
            f"{name}-node",
            assumed_by("ec2.amazonaws.com"),
            managed=[
                ground.site.managed_policy("AmazonEKSWorkerNodeMinimalPolicy"),
                ground.site.managed_policy("AmazonEC2ContainerRegistryPullOnly"),
            ],
            opts=self.child,
        )
        self._cluster = self._create_cluster(node_role)
        self._provider = kubernetes.Provider(
            f"{name}-kubernetes",
            # No `delete_unreachable`: an address that changed would drop every object from the state. For a cluster
            # that is gone, PULUMI_K8S_DELETE_UNREACHABLE says it for one command (pulumi-kubernetes 2489).
            kubeconfig=self._cluster.kubeconfig_json.apply(lambda known: with_profile(known, ground.site.profile)),
            opts=self.child,
        )
        self.nodes = self._create_nodes(node_role)
        self._metrics_server()

    def run(self, mooring: Mooring) -> str:
        """Create the service's objects in a namespace of its own."""
        name = mooring.spec.name
        Workload(self, mooring)
        command = f"exec -it deploy/{name} -- /bin/sh"
        if mooring.spec.job:
            command = f"create job {name}-$(date +%s) --from=cronjob/{name}"
        return (
            f"aws eks update-kubeconfig --name {self.name} {self.ground.site.cli_options}"
            f" && kubectl --namespace {name} {command}"
        )

    def _create_cluster(self, node_role: Role) -> eks.Cluster:
        ground, settings = self.ground, self.settings
        key = aws.kms.Key(
            f"{self.name}-secrets",
            description=f"Kubernetes secrets of {self.name}",
            enable_key_rotation=True,
            deletion_window_in_days=KEY_DELETION_DAYS,
            opts=self.child,
        )
        # EKS makes this group itself, and then it never expires.
        logs = service_log_group(
            f"{self.name}-control-plane",
            f"/aws/eks/{self.name}/cluster",
            self.log_retention_days,
            self.child,
        )
        public = bool(settings.public_access_cidrs)
        if not public:
            pulumi.log.warn(
                "berth:eks.publicAccessCidrs is empty, so the cluster's API endpoint is private: `pulumi up` must run"
                " inside the VPC. To run it from here, add your own address, e.g. publicAccessCidrs: [203.0.113.7/32]",
                self,
            )
        admin_policy = f"arn:{ground.site.partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
        return eks.Cluster(
            self.name,
            name=self.name,
            version=settings.version,
            vpc_id=ground.network.vpc_id,
            # The control plane keeps the zones it began with; the nodes use all of them.
            subnet_ids=ground.network.private_subnet_ids[:CONTROL_PLANE_ZONES],
            authentication_mode=eks.AuthenticationMode.API,
            auto_mode={
                "enabled": True,
                "create_node_role": False,
                "compute_config": {"node_pools": [SYSTEM_POOL], "node_role_arn": node_role.arn},
            },
            # Auto Mode brings DNS with its nodes; the component would add both of these all the same.
            coredns_addon_options={"enabled": False},
            create_instance_role=False,
            endpoint_private_access=True,
            endpoint_public_access=public,
            public_access_cidrs=settings.public_access_cidrs if public else None,
            enabled_cluster_log_types=LOG_TYPES,
            encryption_config_key_arn=key.arn,
            access_entries={
                f"admin-{index}": {
                    "principal_arn": arn,
                    "access_policies": {"admin": {"policy_arn": admin_policy, "access_scope": {"type": "cluster"}}},
                }
                for index, arn in enumerate(settings.admin_principal_arns)
            },
            deletion_protection=ground.production,
            # EXTENDED is AWS's default: 0.60 USD an hour instead of 0.10 once the version is 14 months old. STANDARD
            # upgrades it by itself then (EKS user guide, "Cluster upgrade policy").
            upgrade_policy={"support_type": "STANDARD"},
            opts=self.child.merge(pulumi.ResourceOptions(depends_on=[logs, *node_role.ready])),
        )

    def _create_nodes(self, node_role: Role) -> list[pulumi.Resource]:
        """Create what a pod needs of its node: the pool, and the enforcement of network policies."""
        ground = self.ground
        group, ways = ground.firewall.host_group(self.name, self.services, self.child)
        node_class = self.object(
            manifests.node_class(
                f"{self.name}-node",
                ground.network.private_subnet_ids,
                [self._cluster.cluster_security_group_id, group.id],
            ),
            [*node_role.ready, *ground.network.ready, *ways],
        )
        pool = self.object(manifests.node_pool(self.services, len(ground.network.private_subnet_ids)), [node_class])
        return [pool, self.object(manifests.network_policy_switch()), *ground.network.ready, *ways]

    def _metrics_server(self) -> None:
        """What the autoscaler reads; Auto Mode does not bring it."""
        aws.eks.Addon(
            f"{self.name}-metrics-server",
            cluster_name=self.name,
            addon_name="metrics-server",
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            opts=self.child.merge(pulumi.ResourceOptions(depends_on=[self._cluster, *self.nodes])),
        )

    def object(
        self, manifest: dict[str, Any], after: Sequence[pulumi.Resource] = (), parent: pulumi.Resource | None = None
    ) -> pulumi.CustomResource:
        """Create one Kubernetes object in the cluster."""
        opts = pulumi.ResourceOptions(parent=parent or self, provider=self._provider, depends_on=list(after))
        if "replicas" in manifest.get("spec", {}) and manifest["kind"] == "Deployment":
            opts.ignore_changes = ["spec.replicas"]  # the number it begins with; the clock and the autoscaler change it
        return kubernetes_object(manifest, opts)

    def pod_identity(
        self, mooring: Mooring, suffix: str, account: str, statements: Sequence[dict[str, Any]]
    ) -> pulumi.Resource:
        """Give a service account AWS rights by Pod Identity: Auto Mode has the agent."""
        role = Role(
            f"{mooring.name}-{suffix}",
            assumed_by(
                "pods.eks.amazonaws.com",
                "sts:TagSession",
                condition={"StringEquals": {"aws:SourceAccount": self.ground.site.account}},
            ),
            statements=statements,
            opts=mooring.child,
        )
        return aws.eks.PodIdentityAssociation(
            f"{mooring.name}-{suffix}",
            cluster_name=self.name,
            namespace=mooring.spec.name,
            service_account=account,
            role_arn=role.arn,
            opts=mooring.child.merge(pulumi.ResourceOptions(depends_on=[self._cluster, *role.ready])),
        )
