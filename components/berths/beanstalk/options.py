"""What an environment is told: namespaces and options of the user guide's "General options for all environments". Pure.

An environment that answers requests is either a single machine with a public address, or has a load balancer of its
own, or one that it writes its own rules into. So this one is of the tier for workers, whose machines stand in a group
that scales and have neither; it answers all the same (docs/decisions/0024-beanstalk-has-no-load-balancer.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from components.service.spec import Scale

ROOT_VOLUME_GIB: Final = 20
DEPLOYMENT_SECONDS: Final = 1800
"""Longest time of a deployment's commands on a machine, migrations included."""
COOLDOWN: Final = 300


@dataclass(frozen=True)
class Machines:
    """What an environment's machines are."""

    instance_type: str
    profile: Any
    """Name of the instance profile."""
    service_role: Any
    """Name of the role that the platform itself has."""
    group: Any
    """Id of the security group."""
    vpc: Any
    subnets: Any
    """Ids, with commas."""


def options(machines: Machines, scale: Scale) -> list[Any]:
    """Return the option settings, in the order of their names, as the provider compares them."""
    plain = [
        {"namespace": namespace, "name": name, "value": value}
        for namespace, named in _options(machines, scale).items()
        for name, value in named.items()
    ]
    return sorted(
        [*plain, *_scheduled(scale)], key=lambda one: (one["namespace"], one.get("resource", ""), one["name"])
    )


def _options(machines: Machines, scale: Scale) -> Mapping[str, Mapping[str, Any]]:
    return {
        "aws:autoscaling:asg": {
            "MinSize": str(scale.fewest),
            "MaxSize": str(scale.most),
            "Cooldown": str(COOLDOWN),
        },
        "aws:autoscaling:launchconfiguration": {
            "DisableDefaultEC2SecurityGroup": "true",  # which would admit the internet at port 80
            "DisableIMDSv1": "true",
            "IamInstanceProfile": machines.profile,
            "MonitoringInterval": "1 minute",
            "RootVolumeSize": str(ROOT_VOLUME_GIB),
            "RootVolumeType": "gp3",
            "SecurityGroups": machines.group,
        },
        "aws:autoscaling:trigger": {
            "MeasureName": "CPUUtilization",
            "Statistic": "Average",
            "Unit": "Percent",
            "UpperThreshold": str(scale.cpu_percent),
            "LowerThreshold": str(scale.cpu_percent // 2),
            "Period": "1",
            "EvaluationPeriods": "5",
            "BreachDuration": "5",  # the product of the two
        },
        # Every change that a machine does not survive makes new ones first, and ends the old ones when all are well.
        "aws:autoscaling:updatepolicy:rollingupdate": {
            "RollingUpdateEnabled": "true",
            "RollingUpdateType": "Immutable",
        },
        "aws:elasticbeanstalk:command": {"DeploymentPolicy": "Immutable", "Timeout": str(DEPLOYMENT_SECONDS)},
        "aws:ec2:instances": {"InstanceTypes": machines.instance_type},
        "aws:ec2:vpc": {
            "AssociatePublicIpAddress": "false",
            "Subnets": machines.subnets,
            "VPCId": machines.vpc,
        },
        "aws:elasticbeanstalk:environment": {"ServiceRole": machines.service_role},
        "aws:elasticbeanstalk:healthreporting:system": {"SystemType": "enhanced"},
        # An update that AWS starts would move the platform away from the version that the config pins.
        "aws:elasticbeanstalk:managedactions": {"ManagedActionsEnabled": "false"},
    }


def _scheduled(scale: Scale) -> Iterator[dict[str, Any]]:
    """Yield a scheduled action for each of the service's schedules: its times are UTC."""
    for number, one in enumerate(scale.scheduled):
        bounds = {"MinSize": str(one.fewest), "MaxSize": str(one.most), "Recurrence": one.cron}
        for name, value in bounds.items():
            yield {
                "namespace": "aws:autoscaling:scheduledaction",
                "resource": f"schedule-{number}",
                "name": name,
                "value": value,
            }
