"""The source bundle of a version: a Compose file and what prepares a machine for it, known whole at preview.

Its object's key is a hash of all that is in it: a version is never another one under the same name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

_MACHINE: Final = Path(__file__).parent / "machine"
COMPOSE: Final = "docker-compose.yml"
GRACE_SECONDS: Final = 900
"""Time a new machine has until the load balancer's opinion of it counts: it installs, pulls, and runs migrations."""


def bundle(compose: str, *, answers: bool) -> dict[str, str]:
    """Return the files of a bundle by their paths.

    Hooks need no execute permission: the platform gives it (user guide, "Platform hooks", versions since April 2022).

    Args:
        compose: the Compose file.
        answers: whether a load balancer asks the machines.
    """
    files = {
        COMPOSE: compose,
        ".platform/hooks/prebuild/10_berth.py": (_MACHINE / "prepare.py").read_text(),
        ".platform/hooks/postdeploy/10_berth.py": (_MACHINE / "settle.py").read_text(),
        ".berth/credentials.py": (_MACHINE / "credentials.py").read_text(),
    }
    if answers:
        files[".ebextensions/berth.config"] = json.dumps(_machines(), indent=1, sort_keys=True) + "\n"
    return files


def _machines() -> dict[str, Any]:
    """Replace a machine that the load balancer takes for ill.

    By itself the environment's group heeds only whether a machine runs, and no option says otherwise (user guide, "Auto
    Scaling health check setting").
    """
    health = {"HealthCheckType": "ELB", "HealthCheckGracePeriod": GRACE_SECONDS}
    group = {"Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": health}
    return {"Resources": {"AWSEBAutoScalingGroup": group}}


def digest(files: Mapping[str, str]) -> str:
    """Return 16 hex digits that tell a bundle from every other."""
    text = json.dumps(files, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
