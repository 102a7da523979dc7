"""What the node's programs are told: files and command lines. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping

from . import addresses

PROGRAMS = "/opt/kubernetes"
"""Where the node has Kubernetes' programs."""
PKI = "/etc/kubernetes/pki"
CONFIG = "/etc/kubernetes"
CONTAINERD_SOCKET = "/run/containerd/containerd.sock"
PAUSE_IMAGE = "localhost/berth-pause:1"
SLOW_SYNC_SECONDS = 2
"""At most so long kube-proxy sends requests to a pod that leaves."""

# What the kubelet sets on its machine. These are not the namespace's but the whole machine's, so it is shown files
# that say so already.
MACHINE_SETTINGS = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}


def files(snapshotter: str) -> dict[str, str]:
    """Return the content of each file of the node's ``/etc``, by path.

    Args:
        snapshotter: How containerd stacks layers: ``overlayfs``, or ``native`` where overlays cannot be nested.
    """
    return {
        "/etc/containerd/config.toml": containerd(snapshotter),
        "/etc/cni/net.d/10-berth.conflist": json.dumps(pod_network()),
        f"{CONFIG}/kubelet.json": json.dumps(kubelet()),
        f"{CONFIG}/kube-proxy.json": json.dumps(kube_proxy()),
        # No pod asks for a name: there is no DNS in this cluster.
        "/etc/resolv.conf": "",
        "/etc/hostname": f"{addresses.NODE_NAME}\n",
        "/etc/hosts": f"127.0.0.1 localhost\n{addresses.NODE} {addresses.NODE_NAME}\n",
    }


def containerd(snapshotter: str) -> str:
    """Return containerd's config."""
    return f"""\
version = 2
oom_score = 0
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.internal.v1.opt"]

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE_IMAGE}"
  # A root without CAP_SYS_RESOURCE, one in another container, may raise this score and not lower it.
  restrict_oom_score_adj = true

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "{snapshotter}"
    default_runtime_name = "runc"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
"""


def pod_network() -> dict[str, object]:
    """Return the pod network: a bridge on the node. It enforces no NetworkPolicy."""
    bridge = {
        "type": "bridge",
        "bridge": "pods",
        "isGateway": True,
        "hairpinMode": True,
        # This machine has a route to the pods and sees each one's own address.
        "ipMasq": False,
        "ipam": {
            "type": "host-local",
            "ranges": [[{"subnet": addresses.PODS}]],
            "routes": [{"dst": "0.0.0.0/0"}],
        },
    }
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    return {"cniVersion": "0.4.0", "name": "berth", "plugins": [bridge, ports]}


def kubelet() -> dict[str, object]:
    """Return the kubelet's config."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{PKI}/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": f"{PKI}/kubelet.crt",
        "tlsPrivateKeyFile": f"{PKI}/kubelet.key",
        "containerRuntimeEndpoint": f"unix://{CONTAINERD_SOCKET}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{addresses.CGROUP}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "oomScoreAdj": 0,
        "resolvConf": "/etc/resolv.conf",
        "maxPods": 30,
        # A developer's disk is often nearly full; that is no reason to evict what is tested.
        "evictionHard": {
            "memory.available": "0%",
            "nodefs.available": "0%",
            "nodefs.inodesFree": "0%",
            "imagefs.available": "0%",
            "imagefs.inodesFree": "0%",
        },
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
    }


def kube_proxy() -> dict[str, object]:
    """Return kube-proxy's config."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "iptables",
        # On one idle node everyone hears of a leaving pod at once. In earnest, and at a load balancer above all,
        # requests go to it for seconds more: what a chart must bear, it meets here too.
        "iptables": {"minSyncPeriod": f"{SLOW_SYNC_SECONDS}s"},
        "clientConnection": {"kubeconfig": f"{PKI}/kube-proxy.kubeconfig"},
        "clusterCIDR": addresses.PODS,
        "detectLocalMode": "ClusterCIDR",
        "hostnameOverride": addresses.NODE_NAME,
        "oomScoreAdj": 0,
        # The table of connections is the whole machine's: leave its size alone.
        "conntrack": {
            "maxPerCore": 0,
            "min": 0,
            "tcpEstablishedTimeout": "0s",
            "tcpCloseWaitTimeout": "0s",
            "udpTimeout": "0s",
            "udpStreamTimeout": "0s",
        },
    }


def _flags(values: Mapping[str, str]) -> list[str]:
    return [f"--{key}={value}" for key, value in values.items()]


def commands() -> dict[str, list[str]]:
    """Return the command line of each of the node's programs, in the order in which they start."""
    api_server = {
        "advertise-address": addresses.NODE,
        "secure-port": str(addresses.API_PORT),
        "etcd-servers": "http://127.0.0.1:2379",
        "service-cluster-ip-range": addresses.SERVICES,
        "authorization-mode": "Node,RBAC",
        "enable-admission-plugins": "NodeRestriction",
        # As on EKS: a privileged pod is then refused by its namespace's Pod Security, and by nothing else.
        "allow-privileged": "true",
        "client-ca-file": f"{PKI}/ca.crt",
        "tls-cert-file": f"{PKI}/apiserver.crt",
        "tls-private-key-file": f"{PKI}/apiserver.key",
        "kubelet-certificate-authority": f"{PKI}/ca.crt",
        "kubelet-client-certificate": f"{PKI}/apiserver-kubelet.crt",
        "kubelet-client-key": f"{PKI}/apiserver-kubelet.key",
        "service-account-issuer": "https://kubernetes.default.svc",
        "service-account-key-file": f"{PKI}/service-accounts.key",
        "service-account-signing-key-file": f"{PKI}/service-accounts.key",
    }
    controllers = {
        "kubeconfig": f"{PKI}/kube-controller-manager.kubeconfig",
        "root-ca-file": f"{PKI}/ca.crt",
        "service-account-private-key-file": f"{PKI}/service-accounts.key",
        "use-service-account-credentials": "true",
        "leader-elect": "false",
        # Nobody measures here, but the autoscaler still sees to its minimum: sooner than after 15 s.
        "horizontal-pod-autoscaler-sync-period": "3s",
    }
    scheduler = {"kubeconfig": f"{PKI}/kube-scheduler.kubeconfig", "leader-elect": "false"}
    kubelet_flags = {
        "config": f"{CONFIG}/kubelet.json",
        "kubeconfig": f"{PKI}/kubelet.kubeconfig",
        "hostname-override": addresses.NODE_NAME,
        "node-ip": addresses.NODE,
        # Every machine of a cloud has one, and a spread over zones that must hold leaves out a machine without.
        "node-labels": "topology.kubernetes.io/zone=here",
    }
    return {
        # In memory, as all of /var/lib/etcd: an API server waits for its disk with every write.
        "etcd": ["etcd", "--data-dir=/var/lib/etcd/data", "--listen-peer-urls=http://127.0.0.1:2380"],
        "containerd": ["containerd", "--config=/etc/containerd/config.toml"],
        "kube-apiserver": [f"{PROGRAMS}/kube-apiserver", *_flags(api_server)],
        "kube-controller-manager": [f"{PROGRAMS}/kube-controller-manager", *_flags(controllers)],
        "kube-scheduler": [f"{PROGRAMS}/kube-scheduler", *_flags(scheduler)],
        "kubelet": [f"{PROGRAMS}/kubelet", *_flags(kubelet_flags)],
        "kube-proxy": [f"{PROGRAMS}/kube-proxy", f"--config={CONFIG}/kube-proxy.json"],
    }


def init_script() -> str:
    """Return what the node's first process does, before it waits: its file systems, and its own half of the network.

    Takes the root file system, the state's folder and the folder of Kubernetes' programs as arguments. Everything
    it mounts is in its own mount namespace and gone with it.
    """
    masks = "\n".join(
        f"mkdir -p run/machine/{path.rpartition('/')[0]}\n"
        f"echo {value} > run/machine/{path}\n"
        f"if [ -e proc/sys/{path} ]; then mount --bind run/machine/{path} proc/sys/{path}; fi"
        for path, value in MACHINE_SETTINGS.items()
    )
    return f"""\
set -eu
rootfs=$1 state=$2 programs=$3
cd "$state"
mount -t overlay overlay -o "lowerdir=$rootfs,upperdir=$state/upper,workdir=$state/work" root
cd root
mount --rbind /dev dev
mount -t proc proc proc
mount -t sysfs sysfs sys
mount --rbind /sys/fs/cgroup sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
# containerd's layers must not lie on an overlay.
mount --bind "$state/lib" var/lib
mkdir -p var/lib/etcd opt/kubernetes
mount -t tmpfs -o mode=700 tmpfs var/lib/etcd
mount --bind "$programs" opt/kubernetes
{masks}
hostname {addresses.NODE_NAME}
sysctl() {{ if [ -e "proc/sys/$1" ]; then echo "$2" > "proc/sys/$1"; fi; }}
sysctl net/ipv4/ip_forward 1
sysctl net/bridge/bridge-nf-call-iptables 1
pivot_root . mnt
umount -l mnt
cd /
ip link set lo up
echo ready
exec {PROGRAMS}/pause >/dev/null 2>&1
"""
