"""A pod mounts only volumes that cannot reach into its node."""

from collections.abc import Iterator
from typing import Final

from ..evaluate import each
from ..model import Finding, Level, Severity
from ..values import Field
from .podrule import pod_rule
from .pods import Pod

_ALLOWED: Final = (
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
)


def _volume(volume: Field) -> Iterator[Finding]:
    sources = [(key, source) for key, source in volume.entries() if key != "name"]
    if any(source.exists() for key, source in sources if key in _ALLOWED):
        return
    # A volume without any source is no finding: the API server makes it an emptyDir.
    for key, source in sources:
        if source.exists():
            yield Finding.at(source, "a volume such as emptyDir or persistentVolumeClaim", found=f"a {key} volume")


def _check(pod: Pod, version: int) -> Iterator[Finding]:
    yield from each(pod.spec("volumes").items(), _volume)


RULE = pod_rule(
    _check,
    id="kubernetes-volume-types",
    description="A pod mounts only volumes of kinds that cannot reach into its node.",
    remediation="Use emptyDir, configMap, secret, projected, persistentVolumeClaim, csi or ephemeral volumes.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: restricted/restrictedVolumes", "Well-Architected: Security"),
)
