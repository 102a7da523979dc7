"""No pod mounts a directory of its node."""

from collections.abc import Iterator

from ..evaluate import each
from ..model import Finding, Level, Severity
from ..values import Field
from .podrule import pod_rule
from .pods import Pod


def _volume(volume: Field) -> Iterator[Finding]:
    host_path = volume.at("hostPath")
    if host_path.exists():
        yield Finding.at(host_path, "a volume such as emptyDir or persistentVolumeClaim", found="a hostPath volume")


def _check(pod: Pod, version: int) -> Iterator[Finding]:
    yield from each(pod.spec("volumes").items(), _volume)


RULE = pod_rule(
    _check,
    id="kubernetes-no-host-path",
    description="No pod mounts a directory of its node.",
    remediation="Replace the hostPath volume by an emptyDir or a persistentVolumeClaim.",
    # For those who hold to the baseline standard: kubernetes-volume-types includes it.
    level=Level.OFF,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: baseline/hostPathVolumes", "Well-Architected: Security"),
)
