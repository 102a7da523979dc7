"""Generated pods: a good or a bare one, with a few places edited, each to a good, an odd or a bad value.

A pod with every field at random is refused by every check at once, which tells little. One with few edits is refused by
one or two, or by none; and what hypothesis shrinks a disagreement to is the edits that it takes.
"""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

from policy.rules.kubernetes.podrule import NEWEST

from ..policy.support import edited
from .pack import Pod
from .words import (
    ANNOTATION_VALUES,
    LABELS,
    LINUX_CAPABILITIES,
    OTHER_CAPABILITIES,
    PROFILES,
    SOURCES,
    SYSCTLS,
)

Values = st.SearchStrategy[Any]

# What no API server would let in, but a program may write, is among the values: both sides have to refuse it alike.
_BOOLEAN: Final = st.sampled_from([True, False, None])
_CAPABILITIES: Final = st.none() | st.lists(
    # The two that the restricted standard knows by name are rare among all there are.
    st.sampled_from(("ALL", "NET_BIND_SERVICE")) | st.sampled_from((*OTHER_CAPABILITIES, *LINUX_CAPABILITIES)),
    max_size=3,
)
_PROFILE: Final = st.sampled_from(PROFILES)
_LABEL: Final = st.sampled_from(LABELS)
_SYSCTL: Final = st.fixed_dictionaries({"name": st.sampled_from(SYSCTLS), "value": st.just("1")})
_HOST: Final = st.sampled_from([None, "", "127.0.0.1", "localhost", "example.com"])
_UID: Final = st.sampled_from([0, 1, 10001, 65534, None])
_CONTAINER_NAMES: Final = ("app", "proxy")


def _some(**members: Values) -> Values:
    """Return objects with any of the members, and now and then no object at all."""
    objects = st.fixed_dictionaries({}, optional=members)
    return st.one_of(objects, objects, objects, st.none())


_SHARED_CONTEXT: Final[dict[str, Values]] = {
    "runAsNonRoot": _BOOLEAN,
    "runAsUser": _UID,
    "runAsGroup": _UID,
    "seccompProfile": _some(type=_PROFILE, localhostProfile=st.just("a.json")),
    "seLinuxOptions": _some(type=_LABEL, user=_LABEL, role=_LABEL, level=st.just("s0")),
    "appArmorProfile": _some(type=_PROFILE, localhostProfile=st.just("a")),
    "windowsOptions": _some(hostProcess=_BOOLEAN, runAsUserName=st.just("NT AUTHORITY\\SYSTEM")),
}
_CONTAINER_CONTEXT: Final[dict[str, Values]] = _SHARED_CONTEXT | {
    "privileged": _BOOLEAN,
    "allowPrivilegeEscalation": _BOOLEAN,
    "capabilities": _some(add=_CAPABILITIES, drop=_CAPABILITIES),
    "procMount": st.sampled_from(["Default", "Unmasked", "", "default", None]),
    "readOnlyRootFilesystem": _BOOLEAN,
}
_POD_CONTEXT: Final[dict[str, Values]] = _SHARED_CONTEXT | {
    "sysctls": st.none() | st.lists(_SYSCTL, max_size=3),
    "fsGroup": _UID,
    "supplementalGroups": st.sampled_from([None, [], [0]]),
}
_HANDLER: Final = _some(
    httpGet=_some(host=_HOST, port=st.sampled_from([8080, "http"]), path=st.just("/")),
    tcpSocket=_some(host=_HOST, port=st.just(8080)),
    exec=_some(command=st.just(["true"])),
)
_CONTAINER: Final[dict[str, Values]] = {
    "securityContext": _some(),
    "ports": st.none()
    | st.lists(
        st.fixed_dictionaries(
            {"containerPort": st.just(8080)},
            optional={"hostPort": st.sampled_from([0, 80, 8080, None]), "hostIP": _HOST},
        ),
        max_size=2,
    ),
    **dict.fromkeys(("livenessProbe", "readinessProbe", "startupProbe"), _HANDLER),
    "lifecycle": _some(postStart=_HANDLER, preStop=_HANDLER),
    **{f"securityContext.{key}": values for key, values in _CONTAINER_CONTEXT.items()},
}
_VOLUME: Final = st.builds(
    lambda sources: {"name": "v", **sources},
    # Both standards look at hostPath, and few of the sources are allowed by either.
    st.dictionaries(st.sampled_from(("hostPath", "emptyDir", *SOURCES)), st.sampled_from(({}, {}, None)), max_size=2),
)
_ANNOTATIONS: Final = st.none() | st.dictionaries(
    st.sampled_from(
        [
            "seccomp.security.alpha.kubernetes.io/pod",
            *(
                f"container.{kind}.kubernetes.io/{name}"
                for kind in ("seccomp.security.alpha", "apparmor.security.beta")
                for name in (*_CONTAINER_NAMES, "nobody")
            ),
            "example.com/checksum",
        ]
    ),
    st.sampled_from(ANNOTATION_VALUES),
    max_size=3,
)
_POD: Final[dict[str, Values]] = {
    "metadata.annotations": _ANNOTATIONS,
    "spec.hostNetwork": _BOOLEAN,
    "spec.hostPID": _BOOLEAN,
    "spec.hostIPC": _BOOLEAN,
    "spec.hostUsers": _BOOLEAN,
    "spec.os": _some(name=st.sampled_from(["windows", "linux", "Windows", ""])),
    "spec.volumes": st.none() | st.lists(_VOLUME, max_size=3),
    "spec.securityContext": _some(),
    **{f"spec.securityContext.{key}": values for key, values in _POD_CONTEXT.items()},
}


def _container(name: str, good: bool) -> dict[str, Any]:
    secured: dict[str, Any] = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    return {"name": name, "image": "example/app:1"} | ({"securityContext": secured} if good else {})


@st.composite
def _edit(draw: st.DrawFn, lists: dict[str, int]) -> tuple[str, Any]:
    places = {f"spec.{kind}[{index}]" for kind, count in lists.items() for index in range(count)}
    place = draw(st.sampled_from(["", *sorted(places)]))
    table = _CONTAINER if place else _POD
    key = draw(st.sampled_from(sorted(table)))
    return (f"{place}.{key}" if place else key), draw(table[key])


@st.composite
def pods(draw: st.DrawFn) -> Pod:
    """Draw a pod."""
    good = draw(st.booleans())
    lists = {"containers": draw(st.integers(1, 2))}
    lists |= {kind: draw(st.integers(0, 1)) for kind in ("initContainers", "ephemeralContainers")}
    spec: dict[str, Any] = {
        kind: [_container(name, good) for name in _CONTAINER_NAMES[:n]] for kind, n in lists.items()
    }
    if good:
        spec["securityContext"] = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    pod: Pod = {"metadata": {"labels": {"app": "it"}}, "spec": spec}
    for _ in range(draw(st.integers(0, 6))):
        path, value = draw(_edit(lists))
        # An earlier edit may have taken away the object that a later one reaches into.
        above = path.rpartition(".")[0]
        pod = edited(_mended(pod, above), path, value)
    return pod


def _mended(pod: Pod, path: str) -> Pod:
    """Return the pod with an object at a path at which there may be none."""
    if path.endswith("]"):
        return pod
    here: Any = pod
    for step in path.replace("[", ".[").split("."):
        here = here[int(step[1:-1])] if step.startswith("[") else here.get(step)
        if here is None:
            return edited(pod, path, {})
    return pod


VERSIONS: Final = st.sampled_from(["latest", *(f"v1.{minor}" for minor in reversed(range(NEWEST + 1)))])
"""Those there are: a later one is refused as configuration, and never judged."""
