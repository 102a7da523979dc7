"""What a pod declares of each promise, whether that keeps it, and what a kubelet would refuse. Pure.

podman's ``kube play`` ignores some of these fields (``runAsNonRoot`` among them), so they are judged here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from berth.rehearse.workload import Declaration, Promise, show
from components.service.spec import ContainerSecurity


def declarations(
    pod: Mapping[str, Any], container: Mapping[str, Any], place: str, pod_place: str, security: ContainerSecurity
) -> dict[Promise, Declaration]:
    """Judge one container of a pod.

    Args:
        pod: The pod's ``spec``.
        container: One of its containers.
        place: How a message names the container.
        pod_place: How it names the pod's spec.
        security: What is promised.
    """
    own = container.get("securityContext") or {}
    read_only = own.get("readOnlyRootFilesystem")
    escalation = own.get("allowPrivilegeEscalation")
    return {
        Promise.USER: _user(pod, own, place, pod_place, security),
        Promise.CAPABILITIES: _capabilities(own, place, security),
        Promise.NO_NEW_PRIVILEGES: Declaration(
            f"{place}.securityContext.allowPrivilegeEscalation is {show(escalation)}", kept=escalation is False
        ),
        Promise.READ_ONLY_ROOT: Declaration(
            f"{place}.securityContext.readOnlyRootFilesystem is {show(read_only)}",
            kept=(read_only is True) >= security.read_only_root,
        ),
        Promise.WRITABLE_PATHS: _writable(container, place, security),
        Promise.SECCOMP: _seccomp(pod, own, place, pod_place, security),
    }


def effective(pod: Mapping[str, Any], own: Mapping[str, Any], key: str, place: str, pod_place: str) -> tuple[Any, str]:
    """Return a setting's value, the container's before the pod's, and where it stands."""
    if own.get(key) is not None:
        return own[key], f"{place}.securityContext.{key}"
    inherited = (pod.get("securityContext") or {}).get(key)
    if inherited is not None:
        return inherited, f"{pod_place}.securityContext.{key}"
    return None, f"{place}.securityContext.{key}"


def _user(
    pod: Mapping[str, Any], own: Mapping[str, Any], place: str, pod_place: str, security: ContainerSecurity
) -> Declaration:
    """Judge who the processes are; the first field that breaks the promise is named."""
    wanted = {"runAsNonRoot": True, "runAsUser": security.uid, "runAsGroup": security.gid}
    texts = []
    for key, promised in wanted.items():
        value, where = effective(pod, own, key, place, pod_place)
        texts.append(f"{where} is {show(value)}")
        if value is not promised and (key == "runAsNonRoot" or value != promised):
            return Declaration(texts[-1], kept=False)
    return Declaration("; ".join(texts), kept=True)


def _capabilities(own: Mapping[str, Any], place: str, security: ContainerSecurity) -> Declaration:
    """Judge the capabilities; ``privileged`` gives them all back."""
    if own.get("privileged"):
        return Declaration(f"{place}.securityContext.privileged is true", kept=False)
    capabilities = own.get("capabilities") or {}
    kept = set(security.drop_capabilities) <= set(capabilities.get("drop") or ()) and not capabilities.get("add")
    return Declaration(f"{place}.securityContext.capabilities is {show(capabilities or None)}", kept=kept)


def _writable(container: Mapping[str, Any], place: str, security: ContainerSecurity) -> Declaration:
    """Judge what is mounted to be written."""
    mounts = container.get("volumeMounts") or []
    paths = sorted(mount["mountPath"] for mount in mounts if not mount.get("readOnly"))
    return Declaration(
        f"{place}.volumeMounts makes {', '.join(paths) or 'nothing'} writable",
        kept=set(paths) == set(security.writable_paths),
    )


def _seccomp(
    pod: Mapping[str, Any], own: Mapping[str, Any], place: str, pod_place: str, security: ContainerSecurity
) -> Declaration:
    """Judge the seccomp profile."""
    profile, where = effective(pod, own, "seccompProfile", place, pod_place)
    kind = (profile or {}).get("type")
    return Declaration(f"{where}.type is {show(kind)}", kept=kind == security.seccomp_profile)


def refusals(
    pod: Mapping[str, Any],
    containers: list[tuple[Mapping[str, Any], str]],
    pod_place: str,
    image_users: Mapping[str, str],
) -> list[str]:
    """Return why a cluster would not start this pod.

    A kubelet checks ``runAsNonRoot`` against the image; a namespace that enforces ``restricted`` refuses the host's
    namespaces and files.

    Args:
        pod: The pod's ``spec``.
        containers: Each container with how a message names it.
        pod_place: How a message names the pod's spec.
        image_users: What each image's ``USER`` is.
    """
    found = [
        f"{pod_place}.{key} is true: a namespace that enforces Pod Security refuses it"
        for key in ("hostNetwork", "hostPID", "hostIPC")
        if pod.get(key)
    ]
    found += [
        f"{pod_place}.volumes[{volume['name']}].hostPath: a namespace that enforces Pod Security refuses it"
        for volume in pod.get("volumes") or []
        if "hostPath" in volume
    ]
    for container, place in containers:
        own = container.get("securityContext") or {}
        non_root, where = effective(pod, own, "runAsNonRoot", place, pod_place)
        if non_root is not True:
            continue
        user, user_where = effective(pod, own, "runAsUser", place, pod_place)
        if user is not None:
            if int(user) == 0:
                found.append(f"{user_where} is 0 and {where} is true: a kubelet does not start this container")
            continue
        named = image_users.get(container["image"], "").partition(":")[0]
        if named in ("", "0", "root"):
            found.append(
                f"{where} is true and the image {container['image']} runs as root (USER is {show(named or None)}):"
                " a kubelet does not start this container"
            )
        elif not named.isdigit():
            found.append(
                f"{where} is true and the image {container['image']} has the non-numeric USER {named!r}: a kubelet"
                " cannot tell that it is not root"
            )
    return found
