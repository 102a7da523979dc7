"""Keys of other namespaces, which the engine hands to their providers; these ignore what they do not know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from components.config.keys import nearest

PROVIDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "aws": (
        *("accessKey", "allowedAccountIds", "assumeRoleWithWebIdentity", "assumeRoles", "customCaBundle"),
        *("defaultTags", "ec2MetadataServiceEndpoint", "ec2MetadataServiceEndpointMode", "endpoints"),
        *("forbiddenAccountIds", "httpProxy", "httpsProxy", "ignoreTags", "insecure", "maxRetries", "noProxy"),
        *("profile", "region", "retryMode", "s3UsEast1RegionalEndpoint", "s3UsePathStyle", "secretKey"),
        *("sharedConfigFiles", "sharedCredentialsFiles", "skipCredentialsValidation", "skipMetadataApiCheck"),
        *("skipRegionValidation", "skipRequestingAccountId", "stsRegion", "tagPolicyCompliance", "token"),
        *("tokenBucketRateLimiterCapacity", "useDualstackEndpoint", "useFipsEndpoint", "userAgents"),
    ),
    "docker": (
        *("caMaterial", "certMaterial", "certPath", "context", "disableDockerDaemonCheck", "host", "keyMaterial"),
        *("registryAuth", "sshOpts"),
    ),
}
"""Keys of the providers that this program uses and that have keys of their own; a test holds them to the SDKs."""


def is_unknown(namespace: str, name: str) -> bool:
    """Say whether a provider of this program does not know a key of its own namespace."""
    return namespace in PROVIDERS and name not in PROVIDERS[namespace]


def meant(namespace: str, name: str, own: str, own_names: Iterable[str]) -> tuple[str, str] | None:
    """Return the namespace and name that an unknown key was probably meant to have, the project's own among them."""
    spaces = {**PROVIDERS, own: tuple(own_names)}
    if namespace in spaces:
        close = nearest(name, spaces[namespace])
        return (namespace, close) if close else None
    space = nearest(namespace, spaces)
    # Another provider's namespace may look alike, such as awsx: only the name tells.
    return (space, name) if space and name in spaces[space] else None
