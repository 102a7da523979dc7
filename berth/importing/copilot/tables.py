"""What becomes of each key of a Copilot manifest. The keys of a type are those that its documentation has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from berth.importing.copilot.workload import (
    Workload,
    build_context,
    build_dockerfile,
    build_file,
    count_range,
    environment_file,
    fixed_count,
    further_port,
    health_path,
    health_port,
    hosted_zone,
    hosts,
    listening,
    named_secret,
    not_by_http,
    opens_shells,
    percent,
    plain_variable,
    private,
    private_endpoint,
    processor,
    schedule,
    secret,
    sidecar_port,
    target_port,
    way,
)
from berth.importing.draft import either_way, into
from berth.importing.table import SAME, Already, Carry, Left, Table
from berth.importing.values import check_command, flag, one_among, seconds, text, whole, within, words
from components.config.keys import LOG_RETENTION_DAYS

Rules = Mapping[str, Carry[Workload] | Left | Already]

_EXPORT = Left(
    "Nothing here reads what CloudFormation stacks export.",
    "write the value itself, from: aws cloudformation list-exports",
)
_RHYTHM = Left("How often and how long health is asked is the same for all services here.")
_CREDENTIALS = Left(
    "Images come from registries that need no password, and from ECR.",
    "copy the image to ECR, or build it: context instead of image",
)
_LABELS = Left("Containers have no labels of their own here.", "LABEL in the Dockerfile")
_ORDER = Left(
    "Containers of a replica start together; the service alone waits for a sidecar that has a healthCommand.",
    "healthCommand of the sidecar; what must be done first is initCommand, in the service's own image",
)
_FILE_SYSTEM = Left(
    "No service keeps files: the root is read-only, and /tmp is empty at each start.",
    "/tmp for what may be lost; S3 by grants: [{actions: [s3:GetObject, s3:PutObject], resources: [arn:…/*]}]; "
    "the database for the rest",
)
_TOPICS = Left(
    "Topics and queues come with a later version. Copilot's own stay as long as its stack does.",
    "give the topic's ARN as a variable, and the right: grants: [{actions: [sns:Publish], resources: [arn:aws:sns:…]}]",
)
_SUBSCRIPTIONS = Left(
    "Topics and queues come with a later version. Copilot's own stay as long as its stack does.",
    "environment: {COPILOT_QUEUE_URI: https://sqs.…} and grants: [{actions: [sqs:ReceiveMessage, sqs:DeleteMessage, "
    "sqs:ChangeMessageVisibility, sqs:GetQueueAttributes], resources: [arn:aws:sqs:…]}]",
)
_COOLDOWN = Left("How fast replicas come and go is the same for all services here.")
_SIDE_SENDER = Left(
    "Logs go to CloudWatch Logs, /berth/<name>.", "a subscription filter of that log group sends them on"
)
_GROUPS = Left(
    "Each service has a security group of its own, which lets in the load balancer alone.",
    "say what it may reach: uses: [database, other-service]",
)
_PLACE = Left("Services run in private subnets, always.")
_SUBNETS = Left(
    "All services of a stack share its subnets.",
    "berth:network: {existing: {vpcId: …, privateSubnetIds: [...], dataSubnetIds: [...]}}",
)
_STICKY = Left("Each request may go to another replica.", "keep sessions in the database, or in a signed cookie")
_DELAY = Left(
    "The load balancer's delay is the same for all services.", "shutdownSeconds: the time to end what is under way"
)
_SOURCES = Left(
    "The API is asked from everywhere, and WAF counts requests by address.",
    "berth:api: {authorization: iam} or jwt says who may call; or an IP set of WAF beside this program",
)
_OTHER_CONTAINER = Left(
    "Requests go to the service's own container.",
    "make the proxy a service of its own that `uses` this one, or let this container answer at `port`",
)
_VERSION = Left(
    "HTTP/1.1 is what the API speaks to services.", "answer HTTP/1.1 too; gRPC needs a load balancer of its own"
)
_ALB = Left("The stack has a load balancer of its own, behind the API.", "move DNS names to the API when it answers")
_NLB = Left(
    "HTTP by the API is the only way in: there is no network load balancer.",
    "HTTP at `port`; for plain TCP or UDP keep a load balancer beside this program",
)
_ALERTS = Left(
    "An `up` whose replicas do not get healthy fails and keeps the old ones; alarms stop no deployment.",
    "watch the alarm in the pipeline, and go back by git revert and pulumi up",
)
_OVERRIDES = Left(
    "The task definition is this program's own.",
    "the key of berth:services that means the same, if docs/configuration.md has one",
)
_TRACING = Left(
    "No tracing daemon is run beside a service.", "sidecars: {collector: {image: public.ecr.aws/aws-observability/…}}"
)
_FIRELENS = _SIDE_SENDER

IMAGE: Final[Rules] = {
    "name": SAME,  # the service's own name
    "type": SAME,  # which table counts
    "image.build": build_file,
    "image.build.context": build_context,
    "image.build.dockerfile": build_dockerfile,
    "image.build.args.*": into("buildArgs", "*", read=text),
    "image.build.target": Left(
        "The last stage of the Dockerfile is built.", "put that stage last, or into a Dockerfile of its own"
    ),
    "image.build.cache_from": Left(
        "Layers are cached where the image is built; it is built only if its context changed."
    ),
    "image.location": into("image", read=text),
    "image.credentials": _CREDENTIALS,
    "image.labels": _LABELS,
    "image.depends_on": _ORDER,
}


def _check(key: str, *place: str) -> Rules:
    """Return the rules of a container's own check: its key, and the keys that hold the container here."""
    rhythm = {f"{key}.{name}": _RHYTHM for name in ("interval", "retries", "timeout", "start_period")}
    return {f"{key}.command": into(*place, "healthCommand", read=check_command), **rhythm}


CHECK: Final[Rules] = _check("image.healthcheck")
VARIABLES: Final[Rules] = {
    "variables.*": plain_variable,
    "variables.*.from_cfn": _EXPORT,
}
SECRETS: Final[Rules] = {
    "secrets.*": secret,
    "secrets.*.secretsmanager": named_secret,
    "secrets.*.from_cfn": _EXPORT,
}
PLATFORM: Final[Rules] = {
    "platform": processor,
    "platform.osfamily": Already(
        ("linux", "LINUX"), Left("Windows containers run at no berth.", "build the image for Linux")
    ),
    "platform.architecture": processor,
}
TASK: Final[Rules] = {
    **IMAGE,
    **CHECK,
    **VARIABLES,
    **SECRETS,
    "entrypoint": into("entrypoint", read=words),
    "command": into("command", read=words),
    "cpu": into("cpu", read=whole),
    "memory": into("memory", read=whole),
    **PLATFORM,
    "env_file": environment_file,
    "storage.ephemeral": Left(
        "Each replica has the disk that its berth gives it, 20 GiB on Fargate.", "S3 or the database for more"
    ),
    "storage.readonly_fs": Already((True,), Left("The root file system is read-only, always.", "write to /tmp")),
    "storage.volumes.*": _FILE_SYSTEM,
    "network.connect": Already(
        (False,),
        Left(
            "Names of Service Connect are not known here.",
            "`uses: [other]` in who calls, which then reads OTHER_URL",
        ),
    ),
    "network.connect.alias": Left(
        "Names of Service Connect are not known here.", "`uses` in who calls, which then reads <NAME>_URL"
    ),
    "network.vpc.placement": Already(("private",), _PLACE),
    "network.vpc.placement.subnets": _SUBNETS,
    "network.vpc.security_groups": _GROUPS,
    "publish.topics": _TOPICS,
    "publish.topics.*": _TOPICS,
    "logging.retention": into("logRetentionDays", read=one_among(LOG_RETENTION_DAYS)),
    "logging.image": _FIRELENS,
    "logging.destination": _FIRELENS,
    "logging.enableMetadata": _FIRELENS,
    "logging.secretOptions": _FIRELENS,
    "logging.configFilePath": _FIRELENS,
    "logging.variables": _FIRELENS,
    "logging.secrets": _FIRELENS,
    "logging.env_file": _FIRELENS,
    "taskdef_overrides": _OVERRIDES,
    "taskdef_overrides.*": _OVERRIDES,
    "sidecars.*.port": sidecar_port,
    "sidecars.*.image": into("sidecars", "*", "image", read=text),
    "sidecars.*.image.location": into("sidecars", "*", "image", read=text),
    "sidecars.*.image.build": Left(
        "A sidecar's image is not built here.", "build and push it, and name it: image: …:tag"
    ),
    "sidecars.*.essential": into("sidecars", "*", "essential", read=flag),
    "sidecars.*.credentialsParameter": _CREDENTIALS,
    **{f"sidecars.*.{key}": rule for key, rule in VARIABLES.items()},
    "sidecars.*.env_file": environment_file,
    **{f"sidecars.*.{key}": rule for key, rule in SECRETS.items()},
    "sidecars.*.mount_points": _FILE_SYSTEM,
    "sidecars.*.mount_points.*": _FILE_SYSTEM,
    "sidecars.*.labels": _LABELS,
    "sidecars.*.depends_on": _ORDER,
    "sidecars.*.entrypoint": into("sidecars", "*", "entrypoint", read=words),
    "sidecars.*.command": into("sidecars", "*", "command", read=words),
    **_check("sidecars.*.healthcheck", "sidecars", "*"),
}
SCALE: Final[Rules] = {
    "count": fixed_count,
    "count.spot": either_way(
        fixed_count,
        "Spot is a matter of the berth:",
        "berth:ecs-fargate: {onDemandBase: 1, spotWeight: 3} for all services.",
    ),
    "count.range": count_range,
    "count.range.min": into("minReplicas", read=within(1, 5000)),
    "count.range.max": into("maxReplicas", read=within(1, 5000)),
    "count.range.spot_from": Left(
        "Spot is a matter of the berth, and of all its services.",
        "berth:ecs-fargate: {onDemandBase: as many as never run on Spot, spotWeight: 1}",
    ),
    "count.cooldown": _COOLDOWN,
    "count.cooldown.*": _COOLDOWN,
    "count.cpu_percentage": into("cpuTargetPercent", read=percent),
    "count.cpu_percentage.value": into("cpuTargetPercent", read=percent),
    "count.cpu_percentage.cooldown": _COOLDOWN,
    "count.memory_percentage": into("memoryTargetPercent", read=percent),
    "count.memory_percentage.value": into("memoryTargetPercent", read=percent),
    "count.memory_percentage.cooldown": _COOLDOWN,
    "exec": opens_shells,
    "exec.enable": opens_shells,
    "deployment.rolling": Already(
        ("default",),
        Left(
            "New replicas are healthy before old ones stop, always.",
            "if two versions must not run at once, make the change in two steps",
        ),
    ),
    "deployment.rollback_alarms": _ALERTS,
    "deployment.rollback_alarms.*": _ALERTS,
    "observability.tracing": _TRACING,
}
REQUESTS: Final[Rules] = {
    "count.requests": into("requestsTarget", read=whole),
    "count.requests.value": into("requestsTarget", read=whole),
    "count.requests.cooldown": _COOLDOWN,
    "count.response_time": Left(
        "Replicas follow CPU, memory and requests, not the time of an answer.", "requestsTarget, cpuTargetPercent"
    ),
    "count.response_time.value": Left(
        "Replicas follow CPU, memory and requests, not the time of an answer.", "requestsTarget"
    ),
    "count.response_time.cooldown": _COOLDOWN,
}
HTTP: Final[Rules] = {
    "image.port": listening,
    "http.target_port": target_port,
    "http.path": way,
    "http.alb": _ALB,
    "http.healthcheck": health_path,
    "http.healthcheck.path": health_path,
    "http.healthcheck.port": health_port,
    "http.healthcheck.success_codes": Already(("200", 200), Left("200 is healthy, and nothing else.", "answer 200")),
    "http.healthcheck.healthy_threshold": _RHYTHM,
    "http.healthcheck.unhealthy_threshold": _RHYTHM,
    "http.healthcheck.interval": _RHYTHM,
    "http.healthcheck.timeout": _RHYTHM,
    "http.healthcheck.grace_period": _RHYTHM,
    "http.deregistration_delay": _DELAY,
    "http.target_container": _OTHER_CONTAINER,
    "http.targetContainer": _OTHER_CONTAINER,
    "http.stickiness": Already((False,), _STICKY),
    "http.allowed_source_ips": _SOURCES,
    "http.alias": hosts,
    "http.hosted_zone": hosted_zone,
    "http.version": Already(("http1",), _VERSION),
    "http.additional_rules.*": further_port,
}

LOAD_BALANCED: Final[Rules] = {
    **TASK,
    **SCALE,
    **REQUESTS,
    **HTTP,
    "http": not_by_http,
    "http.redirect_to_https": Already((True,), Left("The API answers by HTTPS alone.", "https:// in every link")),
    **dict.fromkeys(
        (
            "nlb",
            *(
                f"nlb.{key}"
                for key in (
                    "port",
                    "healthcheck",
                    "target_container",
                    "target_port",
                    "ssl_policy",
                    "stickiness",
                    "alias",
                    "additional_listeners",
                    "deregistration_delay",
                )
            ),
        ),
        _NLB,
    ),
}
BACKEND: Final[Rules] = {
    **TASK,
    **SCALE,
    **REQUESTS,
    **HTTP,
    "http.hosted_zone": Left("An internal service is reached by its path.", "`uses` in who calls it"),
}
WORKER: Final[Rules] = {
    **TASK,
    **SCALE,
    "count.queue_delay": Left(
        "Scaling by what waits in a queue comes with queues.", "cpuTargetPercent, or schedules; maxReplicas is the most"
    ),
    "subscribe.topics": _SUBSCRIPTIONS,
    "subscribe.queue": _SUBSCRIPTIONS,
}
JOB: Final[Rules] = {
    **TASK,
    **dict.fromkeys(
        CHECK, Left("A job is judged by how it ends, and not asked for its health.", "exit 1 when it fails")
    ),
    "on.schedule": schedule,
    "retries": into("retries", read=within(0, 10)),
    "timeout": into("timeoutSeconds", read=within(10, 604_800, seconds)),
}
REQUEST_DRIVEN: Final[Rules] = {
    **IMAGE,
    "image.port": listening,
    **VARIABLES,
    **SECRETS,
    "http.alias": hosts,
    "http.private": private,
    "http.private.endpoint": private_endpoint,
    "http.healthcheck": health_path,
    "http.healthcheck.path": health_path,
    **{
        f"http.healthcheck.{key}": _RHYTHM
        for key in ("healthy_threshold", "unhealthy_threshold", "interval", "timeout")
    },
    "cpu": into("cpu", read=whole),
    "memory": into("memory", read=whole),
    **PLATFORM,
    "network.vpc.placement": Already(("private",), _PLACE),
    "observability.tracing": _TRACING,
    "command": into("command", read=words),
    "publish.topics": _TOPICS,
    "tags": Left("A service has no tags of its own.", "aws:defaultTags: {tags: {…}} for all of the stack"),
    "count": Left(
        "App Runner's configurations of scaling are App Runner's.", "minReplicas, maxReplicas and requestsTarget"
    ),
}
_SITE = Left(
    "Files are served by services alone; buckets come with a later version.",
    "keep the site where it is, on S3 and CloudFront; or put the files into a web server's image: kind: web",
)
STATIC: Final[Rules] = {"name": SAME, "type": SAME, "http.alias": _SITE, "http.certificate": _SITE, "files": _SITE}

TYPES: Final[Mapping[str, Table[Workload]]] = {
    name: Table(f"a {name} of Copilot", rules)
    for name, rules in {
        "Load Balanced Web Service": LOAD_BALANCED,
        "Backend Service": BACKEND,
        "Worker Service": WORKER,
        "Scheduled Job": JOB,
        "Request-Driven Web Service": REQUEST_DRIVEN,
        "Static Site": STATIC,
    }.items()
}
"""What each type of workload knows."""
