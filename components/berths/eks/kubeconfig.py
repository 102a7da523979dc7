"""How the Kubernetes provider logs in to the cluster. Pure."""

from __future__ import annotations

import json


def with_profile(kubeconfig: str, profile: str | None) -> str:
    """Return a kubeconfig whose users ask ``aws eks get-token`` under a named profile.

    ``pulumi_eks.Cluster`` leaves the profile out of the kubeconfig it gives away (pulumi-eks, cluster.ts,
    ``kubeconfigWithoutProfile``). The option wins over the environment's own credentials; AWS_PROFILE would not.

    Args:
        kubeconfig: JSON, as the cluster gives it.
        profile: the profile; None leaves the kubeconfig as it is.
    """
    if profile is None:
        return kubeconfig
    document = json.loads(kubeconfig)
    for user in document["users"]:
        user["user"]["exec"]["args"] += ["--profile", profile]
    return json.dumps(document)
