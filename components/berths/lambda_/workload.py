"""What runs one mooring's service on Lambda: a function behind an alias, and one more for its migrations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from components.berths.lambda_.definition import environment, hides, initial, serving
from components.berths.lambda_.image import function_image
from components.berths.lambda_.settings import LambdaSettings
from components.berths.parameters import parameter_names, parameters
from components.berths.rights import to_read_parameters, to_write_logs
from components.berths.rollout import bindings_revision, secrets_revision
from components.ground import Ground
from components.iam import Role, assumed_by, granted
from components.mooring import Mooring
from components.secret_rights import rights

TIMEOUT: Final = 29
"""Seconds of a call; the API gives up after 30, and would not see what the function says."""
INIT_TIMEOUT: Final = 900
"""Seconds of migrations: the longest that a function may take (Lambda developer guide, "Lambda quotas")."""
ALIAS: Final = "live"
NETWORK: Final = "service-role/AWSLambdaVPCAccessExecutionRole"
"""AWS's policy that lets a function's network interfaces be made, which takes no narrower resource."""


class Workload:
    """The functions of one mooring's service.

    Creates, as children of the mooring: image, log group, one SSM parameter for each secret binding, role, security
    group, function, alias, permission of the load balancer; where it has an ``init_command``, a second function with a
    role of its own, and its invocation, which each new image waits for.
    """

    def __init__(self, ground: Ground, mooring: Mooring, settings: LambdaSettings) -> None:
        """Create them.

        Args:
            ground: what every room and berth stands on.
            mooring: the service and its target group.
            settings: ``berth:lambda``.
        """
        self._ground, self._mooring, self._settings = ground, mooring, settings
        self._spec, self._child = mooring.spec, mooring.child
        self.name = name = mooring.name
        self.log_group = f"/berth/{name}"
        self._logs = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=self.log_group,
            retention_in_days=self._spec.log_retention_days,
            opts=self._child,
        )
        self._image = function_image(ground, mooring.berth, self._spec, self._child)
        self._secret_bindings = [one for one in self._spec.bindings if one.secret]
        self._parameters = parameters(mooring, self._secret_bindings)
        # Nobody connects to a function: the load balancer calls Lambda's API.
        self._group, self._ways = ground.firewall.host_group(name, [replace(self._spec, endpoints=())], self._child)
        self._revision = self._revised()
        migrated = [self._migrate()] if self._spec.init_command else []
        self._serve(migrated)

    def _revised(self) -> pulumi.Output[str]:
        """Return a word that changes with the secrets: an instance reads them at its start only."""
        found: list[pulumi.Output[str]] = []
        if self._secret_bindings:
            found.append(bindings_revision(self.name, self._secret_bindings, self._child))
        if self._spec.sources:
            looking = pulumi.InvokeOutputOptions(parent=self._mooring)
            found.append(secrets_revision(self._spec.sources, looking))
        return pulumi.Output.all(*found).apply(" ".join)

    def _names(self, *, init: bool) -> dict[str, str]:
        """Return the names of the parameters that a function reads, by the variable that each holds the value of."""
        names = parameter_names(self._mooring)
        return {one.variable: names[one.variable] for one in self._secret_bindings if init or not one.init_only}

    def _role(self, name: str, *, init: bool) -> Role:
        """The function's role: what the service is granted, its log group, its network and its own secrets."""
        site = self._ground.site
        own = self._names(init=init)
        statements = [
            *granted(self._spec.grants),
            to_write_logs(site, self.log_group),
            *rights(site, self._spec.sources),
            *to_read_parameters(site, own.values()),
        ]
        return Role(
            name,
            assumed_by("lambda.amazonaws.com"),
            statements=statements,
            managed=[site.managed_policy(NETWORK)],
            opts=self._child,
        )

    def _function(self, name: str, *, init: bool, words: Any, **more: Any) -> aws.lambda_.Function:
        spec, ground = self._spec, self._ground
        role = self._role(name, init=init)
        variables: dict[str, Any] = environment(
            spec, self._names(init=init), self._settings.reserved_concurrency, init=init
        )
        if hides(spec, init=init):
            variables["BERTH_REVISION"] = self._revision
        return aws.lambda_.Function(
            name,
            name=name,
            package_type="Image",
            image_uri=self._image.reference,
            image_config=words,
            role=role.arn,
            memory_size=spec.memory,
            architectures=["arm64" if spec.architecture == "arm64" else "x86_64"],
            environment={"variables": variables},
            vpc_config={
                "subnet_ids": ground.network.private_subnet_ids,
                "security_group_ids": [self._group.id],
            },
            # AWS keeps an interface for up to 35 minutes after its function (pulumi-aws 4382): it is handed to a group
            # that outlives the berth, so that the function's own can go at once.
            replace_security_groups_on_destroy=True,
            replacement_security_group_ids=[ground.firewall.link_id],
            logging_config={"log_format": "Text", "log_group": self.log_group},
            **more,
            opts=self._child.merge(
                pulumi.ResourceOptions(
                    depends_on=[
                        *ground.network.ready,
                        *self._ways,
                        *spec.ready,
                        *self._image.ready,
                        *role.ready,
                        *self._parameters,
                        self._logs,
                    ]
                )
            ),
        )

    def _migrate(self) -> pulumi.Resource:
        """Create the function of ``init_command``, and its invocation by each new image and each new secret."""
        name = f"{self.name}-init"
        function = self._function(name, init=True, words=initial(self._spec), timeout=INIT_TIMEOUT)
        triggers: dict[str, pulumi.Input[str]] = {
            "image": self._image.reference,
            "command": json.dumps(self._spec.init_command),
        }
        if hides(self._spec, init=True):
            triggers["secrets"] = self._revision
        return aws.lambda_.Invocation(
            name,
            function_name=function.name,
            input=json.dumps({"image": self._image.reference}),
            triggers=triggers,
            opts=self._child.merge(pulumi.ResourceOptions(depends_on=[function])),
        )

    def _serve(self, first: Sequence[pulumi.Resource]) -> None:
        """Create the function, and let the load balancer call what its alias stands for, once ``first`` is done."""
        name, settings = self.name, self._settings
        function = self._function(
            name,
            init=False,
            words=serving(self._spec),
            timeout=TIMEOUT,
            publish=True,
            reserved_concurrent_executions=settings.reserved_concurrency,
        )
        alias = aws.lambda_.Alias(
            f"{name}-{ALIAS}",
            name=ALIAS,
            function_name=function.name,
            function_version=function.version,
            opts=self._child.merge(pulumi.ResourceOptions(depends_on=[*first])),
        )
        if settings.provisioned_concurrency:
            aws.lambda_.ProvisionedConcurrencyConfig(
                f"{name}-provisioned",
                function_name=function.name,
                qualifier=alias.name,
                provisioned_concurrent_executions=settings.provisioned_concurrency,
                opts=self._child,
            )
        group = self._mooring.target_groups[""]
        permission = aws.lambda_.Permission(
            f"{name}-balancer",
            action="lambda:InvokeFunction",
            function=function.name,
            qualifier=alias.name,
            principal="elasticloadbalancing.amazonaws.com",
            source_arn=group.arn,
            opts=self._child,
        )
        aws.lb.TargetGroupAttachment(
            name,
            target_group_arn=group.arn,
            target_id=alias.arn,
            opts=self._child.merge(pulumi.ResourceOptions(depends_on=[permission])),
        )
