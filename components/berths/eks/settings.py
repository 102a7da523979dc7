"""``berth:eks``: the cluster's version, and who reaches and administers it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Final

from pydantic import Field

from components.berths.contract import Berth, Limit
from components.config.addresses import PRIVATE_RANGES, ipv4_network
from components.config.checks import Case, check
from components.config.errors import ABSENT, Problem
from components.config.keys import Key, Model, Rule, each, version
from components.service.settings import misnamed, services_of
from components.service.sources import project_bytes


def _public_cidr_problems(value: str) -> Iterator[str]:
    network, problem = ipv4_network(value)
    if network is None:
        yield problem
    elif network.prefixlen < 8:
        yield (
            f"{value} opens the cluster's API to the internet; write your own address with /32, which "
            "checkip.amazonaws.com shows."
        )
    elif any(network.overlaps(private) for private in PRIVATE_RANGES):
        yield f"{value} is private; only public addresses reach the public endpoint."


public_cidrs: Final = each(
    Rule("a public IPv4 range of /8 to /32, e.g. your own address with /32", _public_cidr_problems)
)


def _principal_problems(value: str) -> Iterator[str]:
    session = re.fullmatch(r"arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)/.+", value)
    if session:
        partition, account, role = session.groups()
        folder = "aws-reserved/sso.amazonaws.com/<region>/" if role.startswith("AWSReservedSSO_") else ""
        yield f"{value} is a session, which ends; write its role: arn:{partition}:iam::{account}:role/{folder}{role}"
    elif re.fullmatch(r"arn:aws[a-z-]*:iam::\d{12}:root", value):
        yield f"{value} is the account itself, not a principal of it."
    elif not re.fullmatch(r"arn:aws[a-z-]*:iam::\d{12}:(role|user)/[\w+=,.@/-]+", value):
        yield f'"{value}" is no ARN of an IAM role or user.'


principals: Final = each(Rule("the ARN of an IAM role, or of a user", _principal_problems))

kubernetes_version: Final = version(
    r"1\.(\d{1,2})", 29, "a Kubernetes version that EKS offers, in quotes; EKS Auto Mode needs 1.29 or later"
)


class EksSettings(Model):
    """``berth:eks``."""

    version: Annotated[str, Key("Version of Kubernetes.", kubernetes_version, "1.35")] = "1.35"
    public_access_cidrs: Annotated[
        list[str],
        Key(
            "Addresses that reach the cluster's API over the internet; without any, it is reached from the VPC only.",
            public_cidrs,
            ["203.0.113.7/32"],
        ),
    ] = Field(default_factory=list)
    admin_principal_arns: Annotated[
        list[str],
        Key(
            "IAM principals that administer the cluster. Whoever creates it does anyway and must not be named again.",
            principals,
            ["arn:aws:iam::123456789012:role/Admin"],
        ),
    ] = Field(default_factory=list)


EKS: Final = Berth(
    "eks",
    "EKS",
    EksSettings,
    Key("What only eks needs."),
    "components.berths.eks.host:Eks",
    (
        Limit("Scale to nothing", "the control plane is billed by the hour, whatever runs"),
        Limit("Stay on one version", "Kubernetes versions end their standard support after 14 months"),
        Limit("Scale by requests", "CPU, memory and the clock"),
        Limit("Give a rotated secret to what starts", "the next `up` writes it into the cluster, and starts all anew"),
        Limit("End the pod when a sidecar ends", "a pod starts a sidecar again, whatever its `essential` says"),
        Limit("A shell by AWS's own command", "kubectl exec, which needs a way to the cluster's endpoint"),
        Limit("SSH to the nodes", "Auto Mode's nodes are sealed; debug containers instead"),
    ),
    kept_ranges={
        "172.17.0.0/16": "its nodes' Docker bridge",
        "172.20.0.0/16": "Kubernetes services",
        "10.100.0.0/16": "Kubernetes services",
    },
    # 4 of the control plane, and in each zone a node with a block of 16 for its pods (user guide, "VPC requirements").
    addresses=lambda settings, services, zones: 4 + 17 * zones,
)
"""Ranges: EKS API reference, ``KubernetesNetworkConfigRequest``; user guide, "VPC requirements"."""


CREDENTIALS: Final = (
    *("accessKey", "assumeRoleWithWebIdentity", "assumeRoles", "secretKey", "sharedConfigFiles"),
    *("sharedCredentialsFiles", "token"),
)
"""Keys of AWS's namespace that say who deploys, beside ``profile`` (pulumi-aws, provider configuration)."""


@check(berth="eks")
def the_cluster_is_logged_in_to(case: Case) -> Iterator[Problem]:
    """Whoever deploys also logs in to the cluster, by the AWS CLI, which knows nothing of some of AWS's keys."""
    for name in CREDENTIALS:
        if given := case.reading.others.get(f"aws:{name}"):
            yield Problem(
                key=f"aws:{name}",
                given=given,
                problem="`aws eks get-token` logs in to the cluster; it is not told this and would log in as another.",
                allowed="aws:profile, which names a profile of ~/.aws/config and may assume a role (role_arn); or the"
                " environment's own credentials",
                example=ABSENT,
                secret=name in ("accessKey", "secretKey", "token"),
            )


@check(service=("name",), berth="eks")
def namespaces_are_free(case: Case) -> Iterator[Problem]:
    """Each service has a namespace of its name: none that Kubernetes has already, or keeps for itself (``kube-``)."""
    for path, service in services_of(case, "name"):
        if service.name == "default" or service.name.startswith("kube-"):
            problem = f"On eks a service has a namespace of its own name, and {service.name} is Kubernetes' own."
            yield misnamed(case, path, service, problem, "a name other than default, not beginning with kube-", "shop")


CONFIG_MAP_BYTES: Final = 1_048_576
"""What a ConfigMap holds (Kubernetes documentation, "ConfigMaps")."""


@check(service=("files",), berth="eks")
def files_fit_into_a_config_map(case: Case) -> Iterator[Problem]:
    """A service's files of the project are in one ConfigMap; the secret ones are not."""
    for path, service in services_of(case, "files"):
        size = project_bytes(case.root, service.files)
        if size > CONFIG_MAP_BYTES:
            yield case.reading.problem(
                f"{path}.files",
                f"The project's files among them have {size:,} bytes.",
                allowed=f"{CONFIG_MAP_BYTES:,} bytes together on eks; put more into the image",
            )
