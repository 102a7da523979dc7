"""Kubernetes objects as resources: plain manifests under their own type tokens.

A raw object carries the same token as the SDK's typed class (``kubernetes:apps/v1:Deployment``), so
policies cannot tell them apart, and a stack does not have to import the SDK's hundreds of classes.
"""

from __future__ import annotations

from typing import Any

import pulumi


def type_token(api_version: str, kind: str) -> str:
    """Return Pulumi's type token, e.g. ``kubernetes:core/v1:Secret`` for ``v1`` and ``Secret``."""
    group_version = api_version if "/" in api_version else f"core/{api_version}"
    return f"kubernetes:{group_version}:{kind}"


def kubernetes_object(manifest: dict[str, Any], opts: pulumi.ResourceOptions) -> pulumi.CustomResource:
    """Register one manifest.

    Its Pulumi name is ``<kind>/<name>``, with the namespace between them where that has another name: each service has
    a namespace of its own, of its own name.

    Args:
        manifest: a whole object; values may be outputs.
        opts: must hold the provider of its cluster.
    """
    kind, name = manifest["kind"], manifest["metadata"]["name"]
    namespace = manifest["metadata"].get("namespace", name)
    path = name if name == namespace else f"{namespace}/{name}"
    token = type_token(manifest["apiVersion"], kind)
    if kind == "Secret":
        # The typed class marks these itself; else the server's answer would stand in the state in clear.
        opts = opts.merge(pulumi.ResourceOptions(additional_secret_outputs=["data", "stringData"]))
    return pulumi.CustomResource(token, f"{kind.lower()}/{path}", manifest, opts)
