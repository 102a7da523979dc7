"""The words that the checks know, and some that none knows, in spellings that look like those it does."""

from typing import Final

Words = tuple[str, ...]

LINUX_CAPABILITIES: Final[Words] = (
    *("AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN"),
    *("DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE"),
    *("LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST"),
    *("NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT"),
    *("SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME"),
    *("SYS_TTY_CONFIG", "WAKE_ALARM"),
)
OTHER_CAPABILITIES: Final[Words] = (
    *("ALL", "all", "All", "CAP_ALL", "ALL ", "CAP_NET_BIND_SERVICE", "net_bind_service", "CAP_CHOWN", "chown", ""),
)
PROFILES: Final[Words] = ("RuntimeDefault", "Localhost", "Unconfined", "", "runtimedefault", "runtime/default")
"""Of seccomp and of AppArmor."""
LABELS: Final[Words] = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t", "spc_t")
"""Of SELinux."""
ANNOTATION_VALUES: Final[Words] = (
    *("runtime/default", "docker/default", "localhost/", "localhost/a", "localhost", "unconfined", ""),
    *("Runtime/Default", "localhost/\n"),
)
SYSCTLS: Final[Words] = (
    *("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies"),
    *("net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports"),
    *("net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl"),
    *("net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"),
    *("net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"),
    *("net/ipv4/tcp_syncookies", "kernel.msgmax", "net.core.somaxconn", ""),
)
SOURCES: Final[Words] = (
    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected"),
    *("secret", "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "nfs", "iscsi", "glusterfs", "rbd"),
    *("flexVolume", "cinder", "cephfs", "flocker", "fc", "azureFile", "vsphereVolume", "quobyte", "azureDisk"),
    *("portworxVolume", "photonPersistentDisk", "scaleIO", "storageos"),
)
"""Of a volume: every one that the API has."""
