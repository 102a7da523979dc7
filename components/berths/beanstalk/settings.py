"""``berth:beanstalk``: the platform and its machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final

from components.berths.contract import Berth, Limit
from components.berths.instances import INSTANCE_TYPE
from components.berths.machine_checks import too_large, wrong_processors
from components.config.checks import Case, check
from components.config.errors import Problem
from components.config.keys import Key, Model, matching, version
from components.service.settings import services_of

PLATFORM_MIB: Final = 256
"""What Docker and the platform's own programs take of a machine's memory, estimated from above."""

type_name: Final = matching(
    INSTANCE_TYPE.pattern, "an EC2 instance type of the services' architecture", "is not how an EC2 instance type looks"
)
platform: Final = version(r"(\d+)\.\d+\.\d+", 4, "a version of the platform branch, 4.0.0 or later, e.g. 4.13.1")


class BeanstalkSettings(Model):
    """``berth:beanstalk``."""

    instance_type: Annotated[str, Key("EC2 instance type; each replica has a machine.", type_name, "t3.medium")] = (
        "t3.small"
    )
    platform_version: Annotated[
        str,
        Key(
            "Version of the platform branch Docker on Amazon Linux 2023; a new one replaces the machines.",
            platform,
            "4.13.1",
        ),
    ] = "4.13.1"


BEANSTALK: Final = Berth(
    "beanstalk",
    "Elastic Beanstalk",
    BeanstalkSettings,
    Key("What only beanstalk needs."),
    "components.berths.beanstalk.host:Beanstalk",
    (
        Limit("Several replicas on a machine", "each replica has a machine, and scaling takes its minutes to start"),
        Limit("Scale by requests", "the average CPU of the machines, and the clock"),
        Limit("Encrypt a machine's disk", "switch the account's encryption of EBS by default on in the region"),
        Limit(
            "Updates that AWS starts", "berth:beanstalk.platformVersion is pinned; a later one replaces the machines"
        ),
        Limit("Replace unhealthy machines of a worker", "containers that end are started again on the machine"),
        Limit(
            "A restarted machine", "its secrets were in memory: the load balancer takes it for ill, and it is replaced"
        ),
    ),
    kinds=("web", "worker"),
    without={"memoryTargetPercent": "its machines report no memory that it could scale by"},
    kept_ranges={
        # Docker's first bridge, and the first of the ranges that Compose takes networks from ("default address pools").
        "172.17.0.0/16": "its machines' Docker bridge",
        "172.18.0.0/16": "its machines' network of containers",
    },
)


@check("beanstalk.instanceType", service=("architecture", "cpu", "memory"), berth="beanstalk")
def a_machine_holds_a_replica(case: Case) -> Iterator[Problem]:
    """A machine has the services' processor, and holds a replica of each beside the platform."""
    kind = case.at("beanstalk", BeanstalkSettings).instance_type
    yield from wrong_processors(case, "beanstalk.instanceType", kind)
    yield from too_large(case, "beanstalk.instanceType", kind, PLATFORM_MIB)


@check(service=("kind", "minReplicas", "schedules"), berth="beanstalk")
def a_machine_stays(case: Case) -> Iterator[Problem]:
    """An environment has a machine at all times, and its clock is in UTC."""
    for path, service in services_of(case, "kind", "minReplicas", "schedules"):
        if service.min_replicas == 0 and service.kind != "job":
            yield case.reading.problem(
                f"{path}.minReplicas",
                "An environment of Elastic Beanstalk has a machine at least.",
                given=0,
                allowed="1 or more at beanstalk",
                example=1,
            )
        for one in service.schedules:
            if one.timezone != "UTC":
                yield case.reading.problem(
                    f"{path}.schedules",
                    f"{one.cron}: Elastic Beanstalk reads it as UTC, and it is meant in {one.timezone}.",
                    allowed="timezone: UTC at beanstalk",
                )
