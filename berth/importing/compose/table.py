"""What becomes of each key of a Compose file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from berth.importing.compose.service import (
    Composed,
    build,
    config,
    dockerfile,
    exposed,
    mounted,
    plain_variable,
    processor,
    published,
    replicas,
    secret,
    variable_files,
    waits,
)
from berth.importing.draft import into
from berth.importing.table import SAME, Already, Carry, Left, Table
from berth.importing.values import check_command, cpu_units, megabytes, seconds, text, within, words

Rules = Mapping[str, Carry[Composed] | Left | Already]

_CONFINED: Final = Left(
    "Every container is confined in the same way: uid 10001, no capabilities, a read-only root, seccomp's default.",
    "do what needs more outside of the service",
)
_HOST: Final = Left("A service knows nothing of the machine it runs on.")
_NETWORK: Final = Left("Services have one network, and reach what they use.", "uses: [other-service, database]")
_RHYTHM: Final = Left("How often and how long health is asked is the same for all services here.")
_ROLLOUT: Final = Left("New replicas are healthy before old ones stop, always.")
_SIZE: Final = Left("A service has `cpu` and `memory`, both hard limits.", "cpu, memory")
_BUILD: Final = Left("An image is built from its context, Dockerfile and arguments.", "say it in the Dockerfile")
_LABELS: Final = Left("Containers have no labels of their own here.", "LABEL in the Dockerfile")
_LOGS: Final = Left(
    "Logs go to CloudWatch Logs, /berth/<name>.", "a subscription filter of that log group sends them on"
)
_RESOLVED: Final = Left(
    "One file is read, as it stands.", "docker compose config > compose.resolved.yaml, and import that"
)
_HOOK: Final = Left(
    "Nothing is run beside the container's own process.", "initCommand before it starts; SIGTERM at its end"
)
_INTERACTIVE: Final = Left("Nobody sits at a service's terminal.", "berth shell STACK SERVICE")
_PULL: Final = Left("An image with a tag or digest of its own is pulled where it is missing.")

SERVICE: Final[Rules] = {
    "image": into("image", read=text),
    "build": build,
    "build.context": build,
    "build.dockerfile": dockerfile,
    "build.args.*": into("buildArgs", "*", read=text),
    "build.target": Left(
        "The last stage of the Dockerfile is built.", "put that stage last, or into a file of its own"
    ),
    **{
        f"build.{key}": _BUILD
        for key in (
            *("additional_contexts", "cache_from", "cache_to", "dockerfile_inline", "entitlements", "extra_hosts"),
            *("isolation", "labels", "network", "no_cache", "no_cache_filter", "platforms", "privileged", "provenance"),
            *("pull", "sbom", "secrets", "shm_size", "ssh", "tags", "ulimits"),
        )
    },
    "platform": processor,
    "entrypoint": into("entrypoint", read=words),
    "command": into("command", read=words),
    "environment.*": plain_variable,
    "env_file": variable_files,
    "ports.*": published,
    "expose.*": exposed,
    "depends_on.*": waits,
    "healthcheck.test": into("healthCommand", read=check_command),
    "healthcheck.disable": Already((False,), Left("Health is asked by HTTP, always.", "answer healthPath")),
    **{f"healthcheck.{key}": _RHYTHM for key in ("interval", "retries", "start_interval", "start_period", "timeout")},
    "deploy.replicas": replicas,
    "scale": replicas,
    "deploy.resources.limits.cpus": into("cpu", read=cpu_units),
    "deploy.resources.limits.memory": into("memory", read=megabytes),
    "cpus": into("cpu", read=cpu_units),
    "mem_limit": into("memory", read=megabytes),
    "deploy.resources.limits.pids": _SIZE,
    "deploy.resources.reservations": _SIZE,
    **dict.fromkeys(("deploy.update_config", "deploy.rollback_config"), _ROLLOUT),
    "deploy.mode": Already(("replicated",), Left("Replicas are as many as minReplicas to maxReplicas.", "those keys")),
    "deploy.endpoint_mode": _NETWORK,
    "deploy.labels": _LABELS,
    "deploy.placement": Left("A berth chooses where replicas run, over all zones."),
    "deploy.restart_policy": Left("What ends is started again, always.", "kind: job for what shall end"),
    **dict.fromkeys(
        (
            *("cpu_count", "cpu_percent", "cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime", "cpu_shares"),
            *("cpuset", "mem_reservation", "mem_swappiness", "memswap_limit", "oom_kill_disable", "oom_score_adj"),
            *("blkio_config", "pids_limit", "shm_size", "storage_opt", "ulimits"),
        ),
        _SIZE,
    ),
    "stop_grace_period": into("shutdownSeconds", read=within(2, 120, seconds)),
    "stop_signal": Already(("SIGTERM", "TERM"), Left("SIGTERM ends a service, always.", "let it end on SIGTERM")),
    "restart": Already(
        ("always", "unless-stopped", "on-failure"),
        Left("What ends is started again.", "kind: job for what shall end, and schedule for when it runs"),
    ),
    "volumes.*": mounted,
    "tmpfs": Already(("/tmp", ["/tmp"]), Left("/tmp alone can be written.", "write there")),
    "volumes_from": Left("Containers share no files.", "COPY in the Dockerfile; or files"),
    "secrets.*": secret,
    "configs.*": config,
    "read_only": Already((True,), Left("The root file system is read-only, always.", "write to /tmp")),
    "init": Already((False,), Left("The service is its container's first process.", "let it end on SIGTERM itself")),
    "user": Already(
        ("10001", "10001:10001", 10001),
        Left("It runs as uid 10001, gid 10001, always.", "USER 10001:10001 in the image"),
    ),
    "cap_drop": SAME,  # all of them are
    **dict.fromkeys(
        (
            *("cap_add", "cgroup", "cgroup_parent", "credential_spec", "device_cgroup_rules", "devices", "gpus"),
            *("group_add", "ipc", "isolation", "pid", "runtime", "security_opt", "sysctls", "use_api_socket"),
            *("userns_mode", "uts"),
        ),
        _CONFINED,
    ),
    "privileged": Already((False,), _CONFINED),
    **dict.fromkeys(("domainname", "extra_hosts", "hostname", "mac_address"), _HOST),
    **dict.fromkeys(("dns", "dns_opt", "dns_search", "external_links", "links", "network_mode", "networks"), _NETWORK),
    **dict.fromkeys(("annotations", "label_file", "labels"), _LABELS),
    "logging": _LOGS,
    **dict.fromkeys(("extends", "provider"), _RESOLVED),
    **dict.fromkeys(("post_start", "pre_stop"), _HOOK),
    **dict.fromkeys(("attach", "stdin_open", "tty"), _INTERACTIVE),
    **dict.fromkeys(("pull_policy", "pull_refresh_after"), _PULL),
    "container_name": Left("A service has the name it stands under.", "that name, in what asks it"),
    "develop": Left("It is of use on a developer's machine only.", "docker compose watch, as before"),
    "models": Left("The program runs no models.", "the address of one as a variable: Bedrock, by grants"),
    "profiles": SAME,  # such a service is left out as a whole, and listed
    "working_dir": Left("The image says in which folder it starts.", "WORKDIR in the Dockerfile"),
}
SERVICES: Final = Table[Composed]("a service of Compose", SERVICE)

FILE: Final = Table[None](
    "a Compose file",
    {
        "name": Left("The stack's name is --stack, the project's is in Pulumi.yaml."),
        "version": SAME,  # Compose itself reads it no more
        "services": SAME,
        "include": _RESOLVED,
        "models": Left("The program runs no models.", "the address of one as a variable: Bedrock, by grants"),
        "networks": _NETWORK,
        "volumes": Left("No service keeps files.", "S3 by grants; the database for the rest"),
        "secrets": SAME,  # listed where a service takes them
        "configs": SAME,
    },
    unknown="what begins with x- is of no consequence to Compose either",
)
