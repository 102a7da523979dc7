"""Ways to the host: its runtime's socket, its devices, and confinement that is switched off."""

from __future__ import annotations

from typing import Final

from ..cases.docker import docker, swarm
from ..cases.ecs import task
from ..support import Planned
from .attack import Attack, Harmless

SOCKETS: Final = (
    *(
        "/var/run/docker.sock",
        "/run/docker.sock",
        "//run//docker.sock",
        "/run/./docker.sock",
        "/tmp/../run/docker.sock",
    ),
    *(
        "/var/../var/run/docker.sock",
        "/var/run/../run/docker.sock",
        "/proc/1/root/run/docker.sock",
        " /run/docker.sock ",
    ),
    *("/proc/1/root/var/run/docker.sock", "/proc/self/root/run", "/proc/1/cwd/run/docker.sock", "/proc/1/root"),
    *("/proc/1/task/1/root/run/docker.sock", "/proc/thread-self/root", "/proc/1/root/proc/1/root/run"),
    *("/proc/../proc/1/root/", "/proc//1//root//run//docker.sock", "/run/k3s/containerd/containerd.sock", "/run/k3s"),
    *("/run/user/1000/podman/podman.sock", "/run/user/1000/podman", "/run/user/1000", "/run/user", "/run/podman"),
    *("/run/user/1000/docker.sock", "/run/containerd", "/run/containerd/containerd.sock", "/var/run/crio/crio.sock"),
    *("/run/containerd/containerd.sock.ttrpc", "/run/dockershim.sock", "/run/host-containerd/containerd.sock"),
    *("/var/snap/microk8s/common/run/containerd.sock", "/run/docker/containerd", "/run/buildkit/buildkitd.sock"),
    *("/var/snap", "/var", "/", "//", "/..", "/run/", "/var/run", "/run/balena-engine.sock", "/custom/docker.sock"),
    *(r"\\.\pipe\docker_engine", "//./pipe/docker_engine", r"\\.\pipe\containerd-containerd"),
)
_OPTIONS: Final = (
    {"type": "none", "o": "bind", "device": "/var/run/docker.sock"},
    {"type": "none", "o": "bind", "device": "/"},
    {"type": "none", "o": "bind", "device": "run/docker.sock"},
    {"type": "none", "o": "rbind", "device": "/proc/1/root/run"},
    {"type": "overlay", "device": "overlay", "o": "lowerdir=/run,upperdir=/tmp/u,workdir=/tmp/w"},
    {"type": "overlay", "device": "overlay", "o": "lowerdir=/srv:/run,upperdir=/tmp/u,workdir=/tmp/w"},
    {"mountpoint": "/run/podman/podman.sock"},
)
_OFF: Final = (
    *("label:type:spc_t", "label=type:spc_t", "label=type=spc_t", "label:disable", "label=disable", "Label:Disable"),
    *("label:user:system_u", "label:role:sysadm_r", "label: type: spc_t", "label:type:unconfined_t"),
    *(
        "apparmor:unconfined",
        "apparmor=unconfined",
        "seccomp=unconfined",
        "seccomp:unconfined",
        "systempaths=unconfined",
    ),
    *("no-new-privileges:false", "no-new-privileges=0", "seccomp='unconfined'", "writable-cgroups=true"),
    *('seccomp={"defaultAction":"SCMP_ACT_ALLOW"}', 'seccomp={ "defaultAction" : "SCMP_ACT_LOG" }'),
)
_DEVICES: Final = ("/dev/sda", "/dev/mem", "/dev/kmsg", "/dev/fuse", "/dev/net/tun", "/dev/disk/by-id/x")


def _mount(options: dict[str, str]) -> dict[str, object]:
    return {"type": "volume", "volumeOptions": {"driverOptions": options}}


def _swarm_mount(mount: dict[str, object]) -> Planned:
    return swarm("taskSpec.containerSpec.mounts", [mount])


ATTACKS: Final = [
    *(
        Attack(f"ECS: hostPath {path!r}", "ecs-no-runtime-socket", task(volumes=[{"name": "v", "hostPath": path}]))
        for path in SOCKETS
    ),
    *(
        Attack(
            f"Docker: bind {path!r}", "docker-no-runtime-socket", docker("mounts", [{"type": "bind", "source": path}])
        )
        for path in SOCKETS
        if not path.startswith(" ")
    ),
    *(
        Attack(
            f"ECS: {options}",
            "ecs-no-runtime-socket",
            task(volumes=[{"name": "v", "dockerVolumeConfiguration": {"driver": "local", "driverOpts": options}}]),
        )
        for options in _OPTIONS
    ),
    *(
        Attack(
            f"a volume: {options}",
            "docker-no-runtime-socket",
            Planned("docker:index/volume:Volume", {"driverOpts": options}),
        )
        for options in _OPTIONS
    ),
    *(
        Attack(
            f"a mount of a {kind}: {options}",
            "docker-no-runtime-socket",
            made("mounts" if kind == "container" else "taskSpec.containerSpec.mounts", [_mount(options)]),
        )
        for options in _OPTIONS
        for kind, made in (("container", docker), ("service", swarm))
    ),
    Attack("a bind mount in capitals", "docker-no-runtime-socket", _swarm_mount({"type": "BIND", "source": "/run"})),
    Attack("another place", "ecs-no-runtime-socket", task(volumes=[{"host": {"sourcePath": "/run/k3s"}}])),
    *(Attack(f"ECS: {one}", "ecs-confined", task("dockerSecurityOptions", ["no-new-privileges", one])) for one in _OFF),
    *(Attack(f"Docker: {one}", "docker-confined", docker("securityOpts", [one])) for one in _OFF),
    *(
        Attack(
            f"Swarm: {context}", "docker-confined", swarm("taskSpec.containerSpec.privileges.seLinuxContext", context)
        )
        for context in (
            {"disable": True},
            {"type": "spc_t"},
            {"user": "system_u"},
            {"role": "sysadm_r"},
            {"disable": "true"},
        )
    ),
    *(
        Attack(f"ECS: device {path}", "ecs-no-host-devices", task("linuxParameters.devices", [{"hostPath": path}]))
        for path in _DEVICES
    ),
    *(
        Attack(f"Docker: device {path}", "docker-no-host-devices", docker("devices", [{"hostPath": path}]))
        for path in _DEVICES
    ),
]

HARMLESS: Final = [
    *(
        Harmless(f"hostPath {path}", task(volumes=[{"name": "v", "hostPath": path}]))
        for path in ("/srv/data", "/var/log", "/run/app", "/var/lib/app", "/srv/docker.sock.d", "/proc/sys", "/runner")
    ),
    *(
        Harmless(
            f"driver options {options}",
            task(volumes=[{"name": "v", "dockerVolumeConfiguration": {"driverOpts": options}}]),
        )
        for options in (
            {"type": "nfs", "o": "addr=10.0.0.2,rw", "device": ":/export/data"},
            {"size": "10"},
            {"device": "tmpfs"},
        )
    ),
    *(
        Harmless(f"option {one}", docker("securityOpts", ["no-new-privileges", one]))
        for one in (
            "label:level:s0:c1,c2",
            "label=type:container_t",
            "apparmor=app",
            "seccomp=builtin",
            "no-new-privileges=true",
        )
    ),
    Harmless("a profile of one's own", docker("securityOpts", ['seccomp={"defaultAction":"SCMP_ACT_ERRNO"}'])),
    Harmless(
        "a level", swarm("taskSpec.containerSpec.privileges.seLinuxContext", {"level": "s0:c1", "type": "container_t"})
    ),
]
