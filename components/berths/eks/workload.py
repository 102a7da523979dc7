"""A service in an EKS cluster: namespace, bindings, the chart's objects, rights, logs, and the target groups' bindings.

Creates them as children of the mooring; what makes the pods comes last, when all that they need is there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from components.berths.eks import collector, manifests, secrets
from components.berths.eks.chart import Release, chart_values, render, secrets_name
from components.berths.eks.files import files_name, keys
from components.berths.eks.timetable import timetable
from components.berths.rollout import bindings_revision
from components.iam import granted, statement
from components.mooring import Mooring
from components.offer import Binding
from components.service.spec import Source

if TYPE_CHECKING:
    from components.berths.eks.host import Eks


MAKES_PODS = ("Deployment", "CronJob")


class Workload:
    """What runs one mooring's service on EKS."""

    def __init__(self, host: Eks, mooring: Mooring) -> None:
        """Create it."""
        self._host, self._mooring, self._spec = host, mooring, mooring.spec
        self._namespace = mooring.spec.name
        self._lookup = pulumi.InvokeOutputOptions(parent=mooring)
        service = mooring.spec
        namespace = self._object(manifests.namespace(self._namespace))
        ready: list[pulumi.Resource] = [*self._host.nodes, namespace]
        ready.append(self._host.pod_identity(mooring, "pod", service.name, granted(service.grants)))
        self._logs(list(ready))

        release = Release(
            config_map=f"{service.name}-bindings" if any(not one.secret for one in self._running()) else "",
            secret=f"{service.name}-bindings" if any(one.secret for one in self._running()) else "",
            init_secret=f"{service.name}-init-bindings" if any(one.init_only for one in service.bindings) else "",
            ingress_cidrs=self._host.ground.network.load_balancer_cidrs,
            suspended=not mooring.leads,
        )
        ready += self._bindings(release, namespace)
        held, values = self._held(namespace)
        ready += held
        rendered = render(service.name, self._namespace, chart_values(service, release))
        for manifest in rendered:
            if manifest["kind"] not in MAKES_PODS:
                ready.append(self._object(manifest, [namespace]))
        bindings = [
            manifests.target_group_binding(service.name, self._namespace, one.port, mooring.target_groups[one.name].arn)
            for one in service.endpoints
        ]
        ready += [self._object(binding, [*ready, *mooring.arrivals]) for binding in bindings]
        revision = bindings_revision(mooring.name, [*service.bindings, *values], mooring.child)
        for manifest in rendered:
            if manifest["kind"] in MAKES_PODS:
                ready.append(self._object(manifests.with_revision(manifest, revision), [*ready, *service.ready]))
        for manifest in timetable(service):
            self._object(manifest, ready)

    def _running(self) -> list[Binding]:
        """Return what the running service is given."""
        return [binding for binding in self._spec.bindings if not binding.init_only]

    def _bindings(self, release: Release, namespace: pulumi.Resource) -> list[pulumi.Resource]:
        """Create the ConfigMap and the Secrets that the release names."""
        made: list[pulumi.Resource] = []
        if release.config_map:
            plain = {binding.variable: binding.value for binding in self._running() if not binding.secret}
            manifest = manifests.config_map(release.config_map, self._namespace, plain)
            made.append(self._object(manifest, [namespace]))
        hidden = {
            release.secret: [binding for binding in self._running() if binding.secret],
            release.init_secret: [binding for binding in self._spec.bindings if binding.init_only],
        }
        for name, bindings in hidden.items():
            if name:
                data = {binding.variable: binding.value for binding in bindings}
                made.append(self._object(manifests.secret(name, self._namespace, data), [namespace]))
        return made

    def _held(self, namespace: pulumi.Resource) -> tuple[list[pulumi.Resource], list[Binding]]:
        """Create what holds the secrets that exist already, and the files.

        Returns:
            The objects, and all values that the pods read at their start.
        """
        service, made, values = self._spec, list[pulumi.Resource](), list[Binding]()

        def hold(name: str, sources: Mapping[str, Source], owner: str = "") -> None:
            data = {key: secrets.read(source, self._lookup) for key, source in sources.items()}
            if data:
                made.append(self._object(manifests.secret(name, self._namespace, data), [namespace]))
            values.extend(Binding(f"{owner}{key}", value, secret=True) for key, value in data.items())

        hold(secrets_name(service.name), service.secrets)
        for sidecar in service.sidecars:
            hold(secrets_name(service.name, sidecar.name), sidecar.secrets, f"{sidecar.name}/")
        contents = {key: file.content for key, file in keys(service.files).items()}
        hold(files_name(service.name), {k: one for k, one in contents.items() if isinstance(one, Source)}, "files/")
        plain = {key: one for key, one in contents.items() if isinstance(one, str)}
        if plain:
            manifest = manifests.config_map(files_name(service.name), self._namespace, plain)
            made.append(self._object(manifest, [namespace]))
        values += [Binding(f"files/{key}", hashlib.sha256(text.encode()).hexdigest()) for key, text in plain.items()]
        return made, values

    def _logs(self, after: list[pulumi.Resource]) -> None:
        """Keep the pods' logs, which would end with the pods, as long as on every other berth."""
        service, mooring, site = self._spec, self._mooring, self._host.ground.site
        log_group, name = f"/berth/{mooring.name}", collector.collector_name(service)
        group = aws.cloudwatch.LogGroup(
            f"{mooring.name}-logs",
            name=log_group,
            retention_in_days=service.log_retention_days,
            opts=mooring.child,
        )
        stream = aws.cloudwatch.LogStream(
            f"{mooring.name}-logs", name=collector.LOG_STREAM, log_group_name=group.name, opts=mooring.child
        )
        write = statement(["logs:PutLogEvents"], [site.arn("logs", f"log-group:{log_group}:*")])
        text = collector.config(service, log_group, site.region, site.dns_suffix)
        config = manifests.config_map(name, self._namespace, {collector.CONFIG: text})
        ready = [self._host.pod_identity(mooring, "logs", name, [write]), stream, *after]
        for manifest in (config, collector.network_policy(service), *collector.rights(service)):
            ready.append(self._object(manifest, after))
        self._object(collector.collector(service, text), ready)

    def _object(self, manifest: dict[str, Any], after: Sequence[pulumi.Resource] = ()) -> pulumi.CustomResource:
        return self._host.object(manifest, after, self._mooring)
