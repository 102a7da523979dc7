"""Elastic Beanstalk: a platform of AWS that keeps the machines.

Creates once: the application, the bucket of the bundles, the platform's own role. For each service: log group, a
parameter for each binding, roles, security group, the bundle, a version of it, an environment, and for each endpoint
what fills the mooring's target group with the environment's machines.

What AWS's reference does not say at first sight: a machine is attached to the target group when it has come to the
environment's own group, so that at the end of an immutable deployment the new ones come there and the old ones leave;
until then the old ones answer alone. An environment's name, application and tier cannot be changed.
"""

from __future__ import annotations

from typing import Any, Final

import pulumi
import pulumi_aws as aws

from components.berths.beanstalk.bundle import bundle, digest
from components.berths.beanstalk.bundles import Bundles
from components.berths.beanstalk.compose import ComposePlace, compose_file
from components.berths.beanstalk.options import Machines, options
from components.berths.beanstalk.roles import machine_role, platform_role
from components.berths.beanstalk.settings import BeanstalkSettings
from components.berths.host import Host
from components.berths.own_role import own_role, own_role_arn
from components.berths.parameters import parameter_names, parameters
from components.berths.rollout import bindings_revision, secrets_revision
from components.mooring import Mooring
from components.site import bounded

LONGEST_ENVIRONMENT: Final = 40
"""Characters of an environment's name (API reference, ``CreateEnvironment``)."""
READY: Final = "60m"
"""How long an environment's change may take: new machines, and then the end of the old ones."""


class Beanstalk(Host[BeanstalkSettings]):
    """What all services there share."""

    shape = "instance"

    def build(self) -> None:
        """Create the application, the bucket of the bundles, and the platform's role."""
        self._application = aws.elasticbeanstalk.Application(
            f"{self.name}-application", name=self.name, description="Services moored by Berth", opts=self.child
        )
        self._bundles = Bundles(self.ground.site, opts=self.child)
        self._platform = platform_role(self.name, self.ground.site, self.child)

    def run(self, mooring: Mooring) -> str:
        """Create the service's environment, and fill the mooring's target groups with its machines."""
        name, spec, child, ground = mooring.name, mooring.spec, mooring.child, self.ground
        log_group, bound = f"/berth/{name}", parameters(mooring)
        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs", name=log_group, retention_in_days=spec.log_retention_days, opts=child
        )
        environment = bounded(name, LONGEST_ENVIRONMENT)
        own = own_role(ground.site, mooring)
        machine = machine_role(
            ground.site,
            mooring,
            log_group=log_group,
            parameters=parameter_names(mooring),
            bundles=self._bundles.arn,
            environment=environment,
        )
        profile = aws.iam.InstanceProfile(
            f"{name}-machine",
            name=machine.name,
            role=machine.role_name,
            opts=child.merge(pulumi.ResourceOptions(depends_on=machine.ready)),
        )
        group, ways = ground.firewall.host_group(name, [spec], child)
        machines = Machines(
            instance_type=self.settings.instance_type,
            profile=profile.name,
            service_role=self._platform.role_name,
            group=group.id,
            vpc=ground.network.vpc_id,
            subnets=pulumi.Output.all(*ground.network.private_subnet_ids).apply(",".join),
        )
        before = [*mooring.arrivals, *ground.network.ready, *ways, *spec.ready, *bound, *self._platform.ready, logs]
        running = aws.elasticbeanstalk.Environment(
            f"{name}-environment",
            name=environment,
            application=self._application.name,
            description=f"{spec.name}, moored by Berth",
            solution_stack_name=f"64bit Amazon Linux 2023 v{self.settings.platform_version} running Docker",
            tier="Worker",
            version=self._make_version(mooring, log_group).name,
            settings=options(machines, spec.scale),
            wait_for_ready_timeout=READY,
            tags={"Name": name},
            opts=child.merge(pulumi.ResourceOptions(depends_on=[*before, *(own.ready if own else ())])),
        )
        for endpoint in spec.endpoints:
            aws.autoscaling.Attachment(
                "-".join(part for part in (name, endpoint.name) if part),
                autoscaling_group_name=running.autoscaling_groups[0],
                lb_target_group_arn=mooring.target_groups[endpoint.name].arn,
                opts=child,
            )
        options_ = ground.site.cli_options
        first = (
            f"$(aws elasticbeanstalk describe-environment-resources --environment-name {environment} {options_}"
            " --query 'EnvironmentResources.Instances[0].Id' --output text)"
        )
        return f"aws ssm start-session --target {first} {options_}"

    def _make_version(self, mooring: Mooring, log_group: str) -> aws.elasticbeanstalk.ApplicationVersion:
        """Upload the bundle, and make a version of it.

        Secrets are read when a version comes to a machine. The label has the revision of their values in it: another
        value makes a new version of the same bundle, which comes to new machines as every version does.
        """
        name, spec, site = mooring.name, mooring.spec, self.ground.site
        role = own_role_arn(site, mooring)
        place = ComposePlace(site, log_group, parameter_names(mooring), role)
        files = bundle(compose_file(spec, place), answers=bool(spec.endpoints))
        uploaded = aws.s3.BucketObjectv2(
            f"{name}-bundle",
            bucket=self._bundles.bucket.id,
            key=f"{spec.name}/{digest(files)}.zip",
            content_type="application/zip",
            source=pulumi.AssetArchive({path: pulumi.StringAsset(text) for path, text in sorted(files.items())}),
            opts=mooring.child.merge(pulumi.ResourceOptions(depends_on=self._bundles.ready)),
        )
        revisions: list[pulumi.Output[Any]] = [bindings_revision(name, spec.bindings, mooring.child)]
        if spec.sources:
            found = secrets_revision(spec.sources, pulumi.InvokeOutputOptions(parent=mooring))
            revisions.append(found.apply(lambda versions: digest({"": versions})))
        label = pulumi.Output.all(*revisions).apply(lambda words: "-".join([spec.name, digest(files), *words]))
        return aws.elasticbeanstalk.ApplicationVersion(
            f"{name}-version",
            application=self._application.name,
            name=label,
            description=f"{spec.name} of the bundle {digest(files)}",
            bucket=uploaded.bucket,
            key=uploaded.key,
            opts=mooring.child,
        )
