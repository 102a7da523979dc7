"""Readers of what a Plan says of a service at its berth, one for each type of workload."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from berth.plan import Mooring, Plan, Resource
from components.service.spec import ContainerSecurity


@dataclass(frozen=True)
class Container:
    """What a berth's own form says of one container."""

    variables: Collection[str]
    hidden: Collection[str]
    """The variables whose values nobody sees."""
    security: ContainerSecurity | None
    """None where a sandbox of AWS's own confines it, whatever is asked for."""
    entrypoint: Sequence[str] = ()
    """In place of the image's; none leaves it."""
    command: Sequence[str] = ()
    files: Mapping[str, bool] = field(default_factory=dict)
    """Files that it can read, and whether nobody sees what is in them."""


@dataclass(frozen=True)
class Moored:
    """What the Plan says of the service's mooring."""

    running: Container
    initial: Container
    rights: Collection[tuple[str, str]]
    """Action and resource of each right of the service."""
    ports: Sequence[Collection[int]]
    """Ports that each guard on the way out lets pass."""
    after: Collection[str]
    """URNs of what exists before it starts."""
    sidecars: Mapping[str, Container] = field(default_factory=dict)


def ecs(plan: Plan, mooring: Mooring) -> Moored:
    own = plan.inside(mooring.urn)
    [task] = of(own, "TaskDefinition")
    [workload] = [*of(own, "ecs/service:Service"), *of(own, "stateMachine:StateMachine")]
    parameters = {one.inputs["name"]: one.inputs["type"] for one in of(own, "ssm/parameter:Parameter")}
    readable = {resource for action, resource in rights(plan, task, "executionRoleArn") if "Get" in action}
    volumes = {one["name"] for one in task.inputs["volumes"] if set(one) == {"name"}}
    limits = {limit.what for host in plan.hosts if host.berth == mooring.berth for limit in host.limits}
    declared = {one["name"]: one for one in json.loads(task.inputs["containerDefinitions"])}
    # What writes the files before the others start: where each goes, and which it takes from a secret.
    writer = declared.pop(f"{mooring.service}-files", {"environment": [], "secrets": []})
    kept_files = {one["name"] for one in writer["secrets"]}
    paths = {one["name"]: one["value"] for one in writer["environment"] if one["name"].endswith("_PATH")}

    def may_be_read(place: str) -> bool:
        """Whether the agent may read a parameter, or the secret of an ARN that a field may follow."""
        if ":secret:" in place:
            return f"{':'.join(place.split(':')[:7])}-??????" in readable
        return any(arn.endswith(f":parameter{place}") for arn in readable)

    def container(declared: Mapping[str, Any]) -> Container:
        kept = {one["name"]: one["valueFrom"] for one in declared["secrets"]}
        assert all(map(may_be_read, kept.values()))
        uid, gid = map(int, declared["user"].split(":"))
        options, linux = declared.get("dockerSecurityOptions", []), declared["linuxParameters"]
        mounts = declared.get("mountPoints", [])
        mounted = [
            one["containerPath"] for one in mounts if one["sourceVolume"] in volumes and one["readOnly"] is False
        ]
        folders = {one["containerPath"] for one in mounts if one["readOnly"]}
        return Container(
            {*(one["name"] for one in declared["environment"]), *kept},
            {name for name, place in kept.items() if parameters.get(place, "SecureString") == "SecureString"},
            ContainerSecurity(
                uid=uid,
                gid=gid,
                drop_capabilities=tuple(linux["capabilities"]["drop"]),
                read_only_root=declared["readonlyRootFilesystem"],
                # Fargate has no word for it, and says so where its limits are listed.
                no_new_privileges="no-new-privileges" in {*options, *limits},
                seccomp_profile="changed" if any("seccomp" in option for option in options) else "RuntimeDefault",
                writable_paths=(*mounted, *(one["containerPath"] for one in linux.get("tmpfs", []))),
            ),
            declared.get("entryPoint", ()),
            declared.get("command", ()),
            {
                path: name.removesuffix("_PATH") in kept_files
                for name, path in paths.items()
                if path.rpartition("/")[0] in folders
            },
        )

    running, initial = (container(declared.pop(f"{mooring.service}{suffix}")) for suffix in ("", "-init"))
    groups = {urn for urns in workload.property_dependencies.values() for urn in urns if "securityGroup:" in urn}
    ports = [ports_of(plan, group) for group in groups]
    sidecars = {name: container(one) for name, one in declared.items()}
    return Moored(running, initial, rights(plan, task, "taskRoleArn"), ports, workload.dependencies, sidecars)


def kubernetes(plan: Plan, mooring: Mooring) -> Moored:
    own = plan.inside(mooring.urn)
    [workload] = [one for one in own if one.type in PODS and one.inputs["metadata"]["name"] == mooring.service]
    spec = workload.inputs["spec"]
    template = (spec["jobTemplate"]["spec"] if "jobTemplate" in spec else spec)["template"]
    pod, labels = template["spec"], template["metadata"]["labels"]
    sources = {
        (one.inputs["kind"], one.inputs["metadata"]["name"]): one.inputs.get("data") or one.inputs.get("stringData")
        for one in [*of(own, ":ConfigMap"), *of(own, ":Secret")]
    }
    empty = {one["name"] for one in pod["volumes"] if one == {"name": one["name"], "emptyDir": {}}}

    def read_only(declared: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
        """Yield the path of each file that a volume brings, and whether it is a secret."""
        for mount in declared["volumeMounts"]:
            [volume] = [one for one in pod["volumes"] if one["name"] == mount["name"]]
            for source in volume.get("projected", {"sources": ()})["sources"]:
                [(kind, files)] = source.items()
                assert mount["readOnly"] and volume["projected"]["defaultMode"] == 0o440
                held = set(names(sources[kind[0].upper() + kind[1:], files["name"]]))
                for item in files["items"]:
                    assert item["key"] in held
                    yield f"{mount['mountPath']}/{item['path']}", kind == "secret"

    def container(declared: Mapping[str, Any]) -> Container:
        drawn = {"ConfigMap": set[str](), "Secret": set[str]()}
        for source in declared.get("envFrom", []):
            for reference, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                if reference in source:
                    drawn[kind] |= set(names(sources[kind, source[reference]["name"]]))
        confined, own_security = declared["securityContext"], pod["securityContext"]
        return Container(
            {*(one["name"] for one in declared.get("env", [])), *drawn["ConfigMap"], *drawn["Secret"]},
            drawn["Secret"],
            ContainerSecurity(
                uid=confined["runAsUser"],
                gid=confined["runAsGroup"] if own_security["fsGroup"] == confined["runAsGroup"] else -1,
                drop_capabilities=tuple(confined["capabilities"]["drop"]),
                read_only_root=confined["readOnlyRootFilesystem"],
                no_new_privileges=confined["allowPrivilegeEscalation"] is False,
                seccomp_profile=own_security["seccompProfile"]["type"],
                writable_paths=tuple(one["mountPath"] for one in declared["volumeMounts"] if one["name"] in empty),
            ),
            declared.get("command", ()),
            declared.get("args", ()),
            dict(read_only(declared)),
        )

    [network] = [
        one.inputs["spec"]
        for one in of(own, ":NetworkPolicy")
        if one.inputs["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    ]
    [identity] = [
        one for one in of(own, "PodIdentityAssociation") if one.inputs["serviceAccount"] == pod["serviceAccountName"]
    ]
    [machines] = [one for one in plan.resources if one.type.endswith(":NodeClass")]
    groups = [one for one in machines.dependencies if "securityGroup:" in one]
    # A sidecar is an init container that never ends.
    sidecars = {one["name"]: one for one in pod["initContainers"] if one.get("restartPolicy") == "Always"}
    [main], [init] = pod["containers"], [one for one in pod["initContainers"] if one["name"] not in sidecars]
    policed = {int(port["port"]) for rule in network["egress"] for port in rule["ports"]}
    ports = [policed, *(ports_of(plan, group) for group in groups)]
    return Moored(
        container(main),
        container(init),
        rights(plan, identity, "roleArn"),
        ports,
        workload.dependencies,
        {name: container(one) for name, one in sidecars.items()},
    )


def function(plan: Plan, mooring: Mooring) -> Moored:
    own = plan.inside(mooring.urn)
    functions = {one.inputs["name"].removeprefix(own[0].name): one for one in of(own, "lambda/function:Function")}
    main, init = (next(one for name, one in functions.items() if name.endswith("-init") == last) for last in (0, 1))
    [host] = [one for one in plan.hosts if one.berth == mooring.berth]
    assert any("sandbox" in limit.instead for limit in host.limits), "what confines the service has to be said"
    parameters = {one.inputs["name"] for one in of(own, "ssm/parameter:Parameter")}
    mine = ("ssm:GetParameters", "secretsmanager:GetSecretValue", "kms:Decrypt", "logs:")

    def container(one: Resource) -> Container:
        variables = one.inputs["environment"]["variables"]
        kept = {
            name.removeprefix("BERTH_SECRET_"): place
            for name, place in variables.items()
            if name.startswith("BERTH_SECRET_")
        }
        readable = {target for action, target in rights(plan, one, "role") if action.startswith(mine)}
        for place in kept.values():
            service, _, name = place.partition(":")
            name = name.partition("#")[0]
            if service == "ssm":
                assert any(arn.endswith(f":parameter{name}") for arn in readable)
            else:
                assert any(f":secret:{name}-" in arn for arn in readable)
            # What others are given, this function's role may not read.
        assert {arn.partition(":parameter")[2] for arn in readable} & parameters <= {p[4:] for p in kept.values()}
        words = one.inputs["imageConfig"]
        start, mode, *entrypoint = words["entryPoints"]
        assert (start, mode) == ("/opt/berth/start", "init" if one is init else "serve")
        seen = {name for name in variables if not name.startswith(("BERTH_", "AWS_LWA_"))}
        return Container({*seen, *kept}, set(kept), None, entrypoint, words["commands"])

    groups = {urn for urn in main.property_dependencies["vpcConfig"] if "securityGroup:" in urn}
    own_rights = {one for one in rights(plan, main, "role") if not one[0].startswith(mine)}
    # Requests come by the alias alone, once the migrations are done.
    [alias] = of(own, "lambda/alias:Alias")
    [attached] = of(own, ":TargetGroupAttachment")
    assert alias.urn in attached.property_dependencies["targetId"]
    assert next(one.urn for one in of(own, "lambda/invocation:Invocation")) in alias.dependencies
    return Moored(
        container(main), container(init), own_rights, [ports_of(plan, one) for one in groups], main.dependencies
    )


def machines(plan: Plan, mooring: Mooring) -> Moored:
    own = plan.inside(mooring.urn)
    [template], [group] = of(own, ":LaunchTemplate"), of(own, "autoscaling/group:Group")
    written = files_of(template)
    sources = json.loads(written["/etc/berth/needs.json"])["secrets"]
    types = {one.inputs["name"]: one.inputs["type"] for one in of(own, "ssm/parameter:Parameter")}
    [profile] = of(own, ":InstanceProfile")
    readable = {resource for action, resource in rights(plan, profile, "role") if "Get" in action}
    # What the machine itself tells, as ECS's agent and EKS's webhook do, and no spec says.
    told = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_REGION"}

    def may_be_read(source: Mapping[str, str]) -> bool:
        name = source.get("parameter") or source["secret"]
        return any(arn.endswith((f":parameter/{name.lstrip('/')}", f":secret:{name}-??????")) for arn in readable)

    def container(name: str) -> Container:
        sections = configparser(written[f"/etc/containers/systemd/berth-{name}.container"])
        values = sections["Container"]
        environment = {shlex.split(one)[0].partition("=")[0] for one in values.get("Environment", [])}
        given = [dict(part.partition("=")[::2] for part in f"name={one}".split(",")) for one in values["Secret"]]
        assert all(may_be_read(sources[one["name"]]) for one in given)
        kept = {one["target"]: sources[one["name"]] for one in given if one["type"] == "env"}
        volumes = [one.split(":") for one in values.get("Volume", [])]
        assert all(at in written and mode == "ro" for at, _, mode in volumes)
        assert sections["Service"]["IPAddressDeny"] == ["169.254.169.254"]
        return Container(
            {*environment, *kept} - told,
            {name for name, one in kept.items() if types.get(one.get("parameter", ""), "SecureString") != "String"},
            ContainerSecurity(
                uid=int(values["User"][0]),
                gid=int(values["Group"][0]),
                drop_capabilities=tuple(one.upper() for one in values["DropCapability"]),
                read_only_root=values["ReadOnly"] == ["true"] and values["ReadOnlyTmpfs"] == ["false"],
                no_new_privileges=values["NoNewPrivileges"] == ["true"],
                seccomp_profile="changed" if "SeccompProfile" in values else "RuntimeDefault",
                writable_paths=tuple(one.partition(":")[0] for one in values["Tmpfs"]),
            ),
            json.loads(values.get("Entrypoint", ["[]"])[0]),
            shlex.split(values.get("Exec", [""])[0]),
            {
                **{path: False for _, path, _ in volumes},
                **{one["target"]: True for one in given if one["type"] == "mount" and one["mode"] == "0400"},
            },
        )

    names = [path.rpartition("berth-")[2].removesuffix(".container") for path in written if path.endswith(".container")]
    sidecars = [one for one in names if one not in (mooring.service, f"{mooring.service}-init")]
    groups = [urn for urn in template.property_dependencies["vpcSecurityGroupIds"] if "securityGroup:" in urn]
    [served] = [one for path, one in written.items() if path.endswith("berth_credentials.service")]
    [role] = [one for one in of(own, "iam/role:Role") if f":role/{one.inputs['name']} " in served]
    assert role.inputs["name"] != f"{mooring.service}-machine"
    return Moored(
        container(mooring.service),
        container(f"{mooring.service}-init"),
        rights_of(plan, [role.urn]),
        [ports_of(plan, one) for one in groups],
        group.dependencies,
        {name: container(name) for name in sidecars},
    )


def bundle(plan: Plan, mooring: Mooring) -> Moored:
    own = plan.inside(mooring.urn)
    [running], [uploaded] = of(own, "environment:Environment"), of(own, "bucketObjectv2:BucketObjectv2")
    document = json.loads(uploaded.inputs["source"]["archive"]["assets"]["docker-compose.yml"]["asset"]["text"])
    services, beside = document["services"], document["x-berth"]
    types = {one.inputs["name"]: one.inputs["type"] for one in of(own, "ssm/parameter:Parameter")}
    [profile] = of(own, ":InstanceProfile")
    readable = {resource for action, resource in rights(plan, profile, "role") if "Get" in action}
    written = {one["at"]: one for one in beside["files"]}

    def may_be_read(place: str) -> bool:
        if ":secret:" in place:
            return f"{':'.join(place.split(':')[:7])}-??????" in readable
        return any(arn.endswith(f":parameter{place}") for arn in readable)

    def container(name: str) -> Container:
        declared = services[name]
        secrets = declared.get("x-secrets", {})
        assert declared.get("env_file", []) == ([f"/run/berth/{name}.env"] if secrets else [])
        mounted = {one["source"]: one["target"] for one in declared.get("volumes", []) if one["read_only"]}
        inside = {
            at: f"{mounted[folder]}/{name}"
            for at in written
            for folder, _, name in [at.rpartition("/")]
            if folder in mounted
        }
        assert all(
            map(may_be_read, [*secrets.values(), *(one["secret"] for one in written.values() if "secret" in one)])
        )
        uid, gid = map(int, declared["user"].split(":"))
        options = declared["security_opt"]
        return Container(
            # The machine gives credentials to its containers, as ECS's agent and EKS's webhook do, and no spec says so.
            {*declared["environment"], *secrets} - {"AWS_CONTAINER_CREDENTIALS_FULL_URI"},
            {variable for variable, place in secrets.items() if types.get(place, "SecureString") == "SecureString"},
            ContainerSecurity(
                uid=uid,
                gid=gid,
                drop_capabilities=tuple(declared["cap_drop"]),
                read_only_root=declared["read_only"],
                no_new_privileges="no-new-privileges:true" in options,
                seccomp_profile="changed" if any("seccomp" in option for option in options) else "RuntimeDefault",
                writable_paths=tuple(one.partition(":")[0] for one in declared["tmpfs"]),
            ),
            declared.get("entrypoint", ()),
            declared.get("command", ()),
            {path: "secret" in written[at] for at, path in inside.items()},
        )

    named = beside.get("role", "").rpartition("/")[2]
    role = [one.urn for one in of(own, "iam/role:Role") if one.inputs["name"] == named]
    groups = {urn for urn in running.property_dependencies["settings"] if "securityGroup:" in urn}
    sidecars = services.keys() - {mooring.service, f"{mooring.service}-init"}
    return Moored(
        container(mooring.service),
        container(f"{mooring.service}-init"),
        rights_of(plan, role),
        [ports_of(plan, one) for one in groups],
        running.dependencies,
        {name: container(name) for name in sidecars},
    )


def files_of(template: Resource) -> dict[str, str]:
    """Return the files that a launch template's user data writes, by path."""
    config = yaml.safe_load(base64.b64decode(template.inputs["userData"]))
    return {one["path"]: one["content"] for one in config["write_files"]}


def units_of(template: Resource) -> list[dict[str, list[str]]]:
    """Return what the units of containers say in a launch template's user data, that of ``init_command`` first."""
    return [configparser(text)["Container"] for path, text in files_of(template).items() if path.endswith(".container")]


def configparser(text: str) -> dict[str, dict[str, list[str]]]:
    """Return the values of each key of each section."""
    found: dict[str, dict[str, list[str]]] = {}
    for line in filter(None, text.splitlines()):
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), {})
        else:
            key, _, value = line.partition("=")
            section.setdefault(key, []).append(value)
    return found


PODS = ("kubernetes:apps/v1:Deployment", "kubernetes:batch/v1:CronJob")
"""What makes a service's pods; what makes others has another name."""
READERS: Mapping[str, Callable[[Plan, Mooring], Moored]] = {
    "aws:ecs/taskDefinition:TaskDefinition": ecs,
    "aws:lambda/function:Function": function,
    "aws:ec2/launchTemplate:LaunchTemplate": machines,
    "aws:elasticbeanstalk/environment:Environment": bundle,
    **dict.fromkeys(PODS, kubernetes),
}
"""By the type of what runs the service."""


def of(resources: Sequence[Resource], ending: str) -> list[Resource]:
    return [one for one in resources if one.type.endswith(ending)]


def names(data: Any) -> Iterator[str]:
    """Yield the names in the data of a ConfigMap or Secret, which may be secret as a whole or in each value."""
    yield from data if isinstance(data, Mapping) else data.value


def rights(plan: Plan, resource: Resource, key: str) -> set[tuple[str, str]]:
    """Return what the role that a resource names under a key may do."""
    return rights_of(plan, resource.property_dependencies[key])


def rights_of(plan: Plan, roles: Iterable[str]) -> set[tuple[str, str]]:
    """Return what roles may do, by their URNs."""
    return {
        (action, target)
        for policy in plan.of_type("aws:iam/rolePolicy:RolePolicy")
        if set(roles) & set(policy.property_dependencies["role"])
        for statement in json.loads(policy.inputs["policy"])["Statement"]
        for action in statement["Action"]
        for target in statement["Resource"]
    }


def ports_of(plan: Plan, group: str) -> set[int]:
    """Return the ports on which a security group's members may leave."""
    return {
        int(rule.inputs["fromPort"])
        for rule in plan.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
        if group in rule.property_dependencies["securityGroupId"]
    }


def read(plan: Plan, mooring: Mooring) -> Moored:
    """Return what the Plan says of a mooring."""
    found = {READERS[one.type] for one in plan.inside(mooring.urn) if one.type in READERS}
    assert len(found) == 1, f"{len(found)} readers for what runs a service on {mooring.berth}: READERS needs one"
    return found.pop()(plan, mooring)
