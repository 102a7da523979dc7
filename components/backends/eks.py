"""EKS in Auto Mode: AWS keeps the nodes, the load-balancing controller and the pod network.

Creates (``berth:eks:Eks``): KMS key for the cluster's secrets, node and pod role, the cluster with all
control-plane logs and access entries, node class and pool, a namespace that enforces Pod Security
``restricted``, the bindings, every object of ``charts/service``, Pod Identity, the collector of the pods'
logs with its log group, metrics-server, and the TargetGroupBinding that fills the target group.

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

from components.backends.base import Ground
from components.backends.kubernetes import collector, manifests
from components.backends.kubernetes.chart import Release, chart_values, render
from components.backends.kubernetes.kubeconfig import with_profile
from components.backends.kubernetes.objects import kubernetes_object
from components.backends.rollout import bindings_revision
from components.iam import Role, assumed_by, statement
from components.logs import service_log_group
from components.settings import Backend
from components.subnets import plan_subnets

LOG_TYPES = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
"""All control-plane logs there are."""
KEY_DELETION_DAYS = 30
CONTROL_PLANE_ZONES = 2
"""Zones of the control plane's subnets: EKS wants two and refuses another zone later (user guide, network
requirements), so a stack that goes from two zones to three must not add one here."""
SYSTEM_POOL = "system"
"""Auto Mode's built-in pool for critical add-ons; with one built-in pool EKS admits the node role itself."""


class Eks(pulumi.ComponentResource):
    """The service on EKS."""

    access: str

    def __init__(self, ground: Ground, *, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create cluster and workload on the given ground."""
        name = ground.site.berth_name(Backend.EKS)
        super().__init__("berth:eks:Eks", name, {"version": ground.settings.eks.version}, opts)
        self._ground, self._name = ground, name
        self._child = pulumi.ResourceOptions(parent=self)
        self._namespace = ground.service.name

        node_role = Role(
            f"{name}-node",
            assumed_by("ec2.amazonaws.com"),
            managed=[
                ground.site.managed_policy("AmazonEKSWorkerNodeMinimalPolicy"),
                ground.site.managed_policy("AmazonEC2ContainerRegistryPullOnly"),
            ],
            opts=self._child,
        )
        cluster = self._cluster(node_role)
        provider = kubernetes.Provider(
            f"{name}-kubernetes",
            # No `delete_unreachable`: an address that changed would drop every object from the state. For a cluster
            # that is gone, PULUMI_K8S_DELETE_UNREACHABLE says it for one command (pulumi-kubernetes 2489).
            kubeconfig=cluster.kubeconfig_json.apply(lambda known: with_profile(known, ground.site.profile)),
            opts=self._child,
        )
        self._objects = pulumi.ResourceOptions(parent=self, provider=provider)
        nodes = self._nodes(cluster, node_role)
        self._workload(cluster, nodes)
        self._metrics_server(cluster, nodes)
        self.access = (
            f"aws eks update-kubeconfig --name {name} {ground.site.cli_options}"
            f" && kubectl --namespace {self._namespace} exec -it deploy/{ground.service.name} -- /bin/sh"
        )
        self.register_outputs({"access": self.access})

    def _cluster(self, node_role: Role) -> eks.Cluster:
        ground, settings = self._ground, self._ground.settings.eks
        key = aws.kms.Key(
            f"{self._name}-secrets",
            description=f"Kubernetes secrets of {self._name}",
            enable_key_rotation=True,
            deletion_window_in_days=KEY_DELETION_DAYS,
            opts=self._child,
        )
        # EKS makes this group itself, and then it never expires.
        logs = service_log_group(
            f"{self._name}-control-plane",
            f"/aws/eks/{self._name}/cluster",
            ground.settings.service.log_retention_days,
            self._child,
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
            self._name,
            name=self._name,
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
            deletion_protection=ground.settings.production,
            # EXTENDED is AWS's default: 0.60 USD an hour instead of 0.10 once the version is 14 months old. STANDARD
            # upgrades it by itself then (EKS user guide, "Cluster upgrade policy").
            upgrade_policy={"support_type": "STANDARD"},
            opts=self._child.merge(pulumi.ResourceOptions(depends_on=[logs, *node_role.ready])),
        )

    def _nodes(self, cluster: eks.Cluster, node_role: Role) -> pulumi.Resource:
        ground = self._ground
        group_ids = [cluster.cluster_security_group_id, ground.firewall.service_id]
        node_class = self._object(
            manifests.node_class(self._namespace, f"{self._name}-node", ground.network.private_subnet_ids, group_ids),
            [*node_role.ready, *ground.network.ready],
        )
        return self._object(manifests.node_pool(ground.service, ground.settings.network.zones), [node_class])

    def _workload(self, cluster: eks.Cluster, nodes: pulumi.Resource) -> None:
        ground, service = self._ground, self._ground.service
        namespace = self._object(manifests.namespace(self._namespace))
        ready: list[pulumi.Resource] = [nodes, namespace, self._object(manifests.network_policy_switch())]
        ready.append(self._pod_identity(cluster, "pod", service.name))
        self._logs(cluster, [nodes, namespace])

        release = Release(
            config_map=f"{service.name}-bindings",
            secret=f"{service.name}-bindings",
            init_secret=f"{service.name}-init-bindings" if any(one.init_only for one in service.bindings) else "",
            ingress_cidrs=self._load_balancer_cidrs(),
            cpu_target=ground.settings.service.cpu_target_percent,
        )
        running = [binding for binding in service.bindings if not binding.init_only]
        plain = {binding.variable: binding.value for binding in running if not binding.secret}
        ready.append(self._object(manifests.config_map(release.config_map, self._namespace, plain), [namespace]))
        hidden = {
            release.secret: [binding for binding in running if binding.secret],
            release.init_secret: [binding for binding in service.bindings if binding.init_only],
        }
        for secret, bindings in hidden.items():
            if secret:
                data = {binding.variable: binding.value for binding in bindings}
                ready.append(self._object(manifests.secret(secret, self._namespace, data), [namespace]))

        rendered = render(service.name, self._namespace, chart_values(service, release))
        for manifest in rendered:
            if manifest["kind"] != "Deployment":
                ready.append(self._object(manifest, [namespace]))
        binding = manifests.target_group_binding(service.name, self._namespace, service.port, ground.target_group.arn)
        ready.append(self._object(binding, [*ready, ground.listener]))
        revision = bindings_revision(self._name, service.bindings, self._child)
        for manifest in rendered:
            if manifest["kind"] == "Deployment":
                self._object(manifests.with_revision(manifest, revision), [*ready, *ground.waits_for])

    def _load_balancer_cidrs(self) -> list[str]:
        """Return the private subnets, where the load balancer stands; none for an existing VPC (ranges unknown)."""
        network = self._ground.settings.network
        if network.existing:
            return []
        return list(plan_subnets(network.cidr, network.zones).private)

    def _logs(self, cluster: eks.Cluster, after: list[pulumi.Resource]) -> None:
        """Keep the pods' logs, which would end with the pods, as long as on every other backend."""
        ground, service = self._ground, self._ground.service
        log_group, name = f"/berth/{self._name}", collector.collector_name(service)
        group = aws.cloudwatch.LogGroup(
            f"{self._name}-logs",
            name=log_group,
            retention_in_days=ground.settings.service.log_retention_days,
            opts=self._child,
        )
        stream = aws.cloudwatch.LogStream(
            f"{self._name}-logs", name=collector.LOG_STREAM, log_group_name=group.name, opts=self._child
        )
        write = statement(["logs:PutLogEvents"], [ground.site.arn("logs", f"log-group:{log_group}:*")])
        text = collector.config(service, log_group, ground.site.region, ground.site.dns_suffix)
        config = manifests.config_map(name, self._namespace, {collector.CONFIG: text})
        ready = [self._pod_identity(cluster, "logs", name, [write]), stream, *after]
        for manifest in (config, collector.network_policy(service), *collector.rights(service)):
            ready.append(self._object(manifest, after))
        self._object(collector.collector(service, text), ready)

    def _pod_identity(
        self, cluster: eks.Cluster, suffix: str, account: str, statements: Sequence[dict[str, Any]] = ()
    ) -> pulumi.Resource:
        """Give a service account AWS rights, for the service none so far, by Pod Identity: Auto Mode has the agent."""
        role = Role(
            f"{self._name}-{suffix}",
            assumed_by(
                "pods.eks.amazonaws.com",
                "sts:TagSession",
                condition={"StringEquals": {"aws:SourceAccount": self._ground.site.account}},
            ),
            statements=statements,
            opts=self._child,
        )
        return aws.eks.PodIdentityAssociation(
            f"{self._name}-{suffix}",
            cluster_name=self._name,
            namespace=self._namespace,
            service_account=account,
            role_arn=role.arn,
            opts=self._child.merge(pulumi.ResourceOptions(depends_on=[cluster, *role.ready])),
        )

    def _metrics_server(self, cluster: eks.Cluster, nodes: pulumi.Resource) -> None:
        """What the autoscaler reads; Auto Mode does not bring it."""
        aws.eks.Addon(
            f"{self._name}-metrics-server",
            cluster_name=self._name,
            addon_name="metrics-server",
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            opts=self._child.merge(pulumi.ResourceOptions(depends_on=[cluster, nodes])),
        )

    def _object(self, manifest: dict[str, Any], after: list[pulumi.Resource] | None = None) -> pulumi.CustomResource:
        opts = self._objects.merge(pulumi.ResourceOptions(depends_on=after or []))
        return kubernetes_object(manifest, opts)
