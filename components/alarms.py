"""Alarms of a mooring: whether it answers, and whether its targets are well.

Whoever shifts requests looks at them by name: a release, and a move between berths. They notify nobody. The metrics are
those of the load balancer for each target group (Elastic Load Balancing user guide, "CloudWatch metrics for your
Application Load Balancer"). A 502 or 504 that the load balancer makes up itself is counted for all of its groups
together, and so for none of them; a refused connection is counted for its group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi_aws as aws

from components.mooring import Mooring, TargetShape

PERIOD_SECONDS: Final = 60
"""The load balancer reports once a minute."""
ERROR_PERCENT: Final = 5
"""Share of a minute's requests that may fail."""
FEWEST_ERRORS: Final = 5
"""Failures in a minute below which their share says nothing."""
MOST_METRICS: Final = 10
"""Of an alarm on an expression (CloudWatch user guide, "CloudWatch service quotas")."""
_UNANSWERED: Final = ("LambdaUserError", "LambdaInternalError")
_FAILED: Final[Mapping[TargetShape, tuple[str, ...]]] = {
    "ip": ("HTTPCode_Target_5XX_Count", "TargetConnectionErrorCount"),
    "instance": ("HTTPCode_Target_5XX_Count", "TargetConnectionErrorCount"),
    "lambda": ("HTTPCode_Target_5XX_Count", *_UNANSWERED),
}
"""What counts as a failed request, what tells most first: not all of it fits where a mooring has many groups."""


@dataclass(frozen=True)
class Alarm:
    """What an alarm is on: the number of a mooring's target groups that something is wrong with."""

    what: str
    """In words."""
    metrics: Mapping[str, tuple[int, str, str]]
    """The place of the group, the metric's name and its statistic, by id in the expression."""
    expression: str
    minutes: int
    """How many of the last minutes it looks at."""
    bad: int
    """It is on while the expression was above zero in so many of them."""
    missing: str
    """What a minute without data is: ``breaching`` or ``notBreaching``."""


def alarm_names(mooring: str) -> tuple[str, str]:
    """Return the names of a mooring's alarms: of failed requests, and of unhealthy targets."""
    return f"{mooring}-errors", f"{mooring}-unhealthy"


def errors(shape: TargetShape, groups: int) -> Alarm:
    """Return the alarm on failed requests.

    A count that is zero is not reported, hence ``FILL``. The newest minute often is not there yet, and reads as zero
    then: therefore the alarm looks at several (CloudWatch user guide, "Using metric math", on ``FILL`` in alarms).

    Args:
        shape: what the groups' targets are.
        groups: how many groups.
    """
    what = f"of a target group at least {ERROR_PERCENT} % of a minute's requests failed, and at least {FEWEST_ERRORS}"
    return _counted(what, groups, _FAILED[shape], f"100 * ({{failed}}) >= {ERROR_PERCENT} * {{requests}}")


def unhealthy(shape: TargetShape, groups: int, *, pair: bool = False) -> Alarm:
    """Return the alarm on targets that are not well: none is, or more are not than are.

    A few targets that start slowly do not count. A group without targets reports nothing. A function has no targets
    that could be counted: it is not well where it left most of a minute's requests without an answer.

    Args:
        shape: what the groups' targets are.
        groups: how many groups.
        pair: whether they are two between which AWS shifts requests: most of the time one of them has no targets.
    """
    if shape == "lambda":
        what = f"a function gave no answer to most of a minute's requests, and to at least {FEWEST_ERRORS}"
        return _counted(what, groups, _UNANSWERED, "2 * ({failed}) > {requests}")
    metrics: dict[str, tuple[int, str, str]] = {}
    for at in range(groups):
        metrics |= {f"well{at}": (at, "HealthyHostCount", "Maximum"), f"ill{at}": (at, "UnHealthyHostCount", "Minimum")}
    what = "a target group has no healthy target, or more unhealthy than healthy ones"
    if pair:
        well, ill = (_sum(f"{kind}{at}" for at in range(groups)) for kind in ("well", "ill"))
        what = "two target groups together have no healthy target, or more unhealthy than healthy ones"
        # The newest minute reads as one without targets until it is there.
        return Alarm(what, metrics, f"IF({well} < 1 OR {ill} > {well}, 1, 0)", 3, 3, "breaching")
    expression = " + ".join(f"IF(well{at} < 1 OR ill{at} > well{at}, 1, 0)" for at in range(groups))
    return Alarm(what, metrics, expression, 1, 1, "breaching")


def _sum(ids: Iterable[str]) -> str:
    return " + ".join(f"FILL({one}, 0)" for one in ids)


def _counted(what: str, groups: int, counted: Sequence[str], condition: str) -> Alarm:
    """Return an alarm on groups of whose requests too many are counted by metrics of failure, as far as they fit."""
    counted = counted[: MOST_METRICS // groups - 1]
    metrics: dict[str, tuple[int, str, str]] = {}
    terms = []
    for at in range(groups):
        ids = {f"failed{at}_{n}": (at, name, "Sum") for n, name in enumerate(counted)}
        metrics |= {f"requests{at}": (at, "RequestCount", "Sum"), **ids}
        failed = _sum(ids)
        too_many = condition.format(failed=failed, requests=f"FILL(requests{at}, 0)")
        terms.append(f"IF({failed} >= {FEWEST_ERRORS} AND {too_many}, 1, 0)")
    return Alarm(what, metrics, " + ".join(terms), 3, 1, "notBreaching")


def watch(mooring: Mooring, load_balancer: aws.lb.LoadBalancer) -> list[aws.cloudwatch.MetricAlarm]:
    """Create the two alarms of a mooring, as its children; they notify nobody.

    Args:
        mooring: one with target groups, to which the load balancer forwards: others have no metrics.
        load_balancer: what forwards to them.
    """
    groups = [*mooring.target_groups.values(), *mooring.alternates.values()]
    pair = bool(mooring.alternates)
    alarms = (errors(mooring.shape, len(groups)), unhealthy(mooring.shape, len(groups), pair=pair))

    def queries(alarm: Alarm) -> list[Any]:
        metrics = [
            {
                "id": id_,
                "metric": {
                    "namespace": "AWS/ApplicationELB",
                    "metric_name": name,
                    "dimensions": {
                        "LoadBalancer": load_balancer.arn_suffix,
                        "TargetGroup": groups[at].arn_suffix,
                    },
                    "period": PERIOD_SECONDS,
                    "stat": statistic,
                },
            }
            for id_, (at, name, statistic) in alarm.metrics.items()
        ]
        return [{"id": "groups", "expression": alarm.expression, "label": alarm.what, "return_data": True}, *metrics]

    return [
        aws.cloudwatch.MetricAlarm(
            name,
            name=name,
            alarm_description=f"{alarm.what[0].upper()}{alarm.what[1:]}.",
            metric_queries=queries(alarm),
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            evaluation_periods=alarm.minutes,
            datapoints_to_alarm=alarm.bad,
            treat_missing_data=alarm.missing,
            tags={"Name": name},
            opts=mooring.child,
        )
        for name, alarm in zip(alarm_names(mooring.name), alarms, strict=True)
    ]
