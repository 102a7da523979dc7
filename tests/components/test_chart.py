"""The chart, as the EKS backend renders it."""

from __future__ import annotations

from typing import Any

import helm_python as helm
import pytest

from components.berths.eks.chart import CHART, Release, chart_values, render
from components.service.spec import ContainerSecurity, Endpoint, File, Job, Scale, Sidecar, Source
from tests.components.specs import SERVICE, service

RELEASE = Release("biometric-bindings", "biometric-bindings", "", ["10.0.16.0/20"])


def objects(**changes: Any) -> dict[str, dict[str, Any]]:
    return {item["kind"]: item for item in render("biometric", "biometric", chart_values(service(**changes), RELEASE))}


def test_chart_holds_what_a_service_needs() -> None:
    assert sorted(objects()) == [
        "Deployment",
        "HorizontalPodAutoscaler",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Service",
        "ServiceAccount",
    ]


def test_every_container_is_confined() -> None:
    pod = objects()["Deployment"]["spec"]["template"]["spec"]
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 10001,
        "runAsGroup": 10001,
        "fsGroup": 10001,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    for container in (*pod["containers"], *pod["initContainers"]):
        assert container["securityContext"] == {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "runAsGroup": 10001,
            "privileged": False,
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["volumeMounts"] == [{"name": "tmp", "mountPath": "/tmp"}]
    assert pod["volumes"] == [{"name": "tmp", "emptyDir": {}}]
    assert pod["automountServiceAccountToken"] is False


def test_confinement_follows_container_security() -> None:
    pod = objects(security=ContainerSecurity(uid=20002, gid=20003))["Deployment"]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsUser"] == 20002
    assert pod["containers"][0]["securityContext"]["runAsGroup"] == 20003


def test_pods_drain_before_they_stop() -> None:
    pod = objects(shutdown_seconds=40)["Deployment"]["spec"]["template"]["spec"]
    sleep = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] == sleep + 40
    assert objects()["Deployment"]["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


def test_all_three_probes_ask_the_right_path() -> None:
    [container] = objects()["Deployment"]["spec"]["template"]["spec"]["containers"]
    paths = {
        probe: container[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    assert paths == {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}


def test_pods_stand_in_every_zone_release_by_release() -> None:
    spreads = objects()["Deployment"]["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert {spread["topologyKey"]: spread["whenUnsatisfiable"] for spread in spreads} == {
        "topology.kubernetes.io/zone": "DoNotSchedule",
        "kubernetes.io/hostname": "ScheduleAnyway",
    }
    for spread in spreads:
        assert spread["maxSkew"] == 1 and spread["matchLabelKeys"] == ["pod-template-hash"]


def test_bindings_are_named_and_never_written() -> None:
    deployment = objects()["Deployment"]
    assert "hunter2" not in str(deployment) and "db.example" not in str(deployment)
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    assert container["envFrom"] == [
        {"configMapRef": {"name": "biometric-bindings"}},
        {"secretRef": {"name": "biometric-bindings"}},
    ]


def test_cpu_units_become_millicores() -> None:
    [container] = objects(cpu=1024)["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert container["resources"]["requests"]["cpu"] == "1000m"


def test_autoscaler_and_not_the_deployment_counts_replicas() -> None:
    rendered = objects(scale=Scale(3, 7))
    assert "replicas" not in rendered["Deployment"]["spec"]
    scaler = rendered["HorizontalPodAutoscaler"]["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (3, 7)


def test_network_policy_admits_the_load_balancer_only() -> None:
    spec = objects()["NetworkPolicy"]["spec"]
    assert spec["ingress"] == [
        {"ports": [{"port": 8080, "protocol": "TCP"}], "from": [{"ipBlock": {"cidr": "10.0.16.0/20"}}]}
    ]
    assert spec["policyTypes"] == ["Ingress", "Egress"]


def test_a_worker_is_reached_by_nobody() -> None:
    rendered = objects(endpoints=(), shutdown_seconds=40)
    assert sorted(rendered) == [
        "Deployment",
        "HorizontalPodAutoscaler",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "ServiceAccount",
    ]
    policy = rendered["NetworkPolicy"]["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"] and "ingress" not in policy
    pod = rendered["Deployment"]["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert not {"ports", "readinessProbe", "lifecycle"} & set(container)
    for probe in ("startupProbe", "livenessProbe"):
        assert container[probe]["exec"]["command"] == ["python", "-m", "biometric.health"]
    assert pod["terminationGracePeriodSeconds"] == 40


def test_a_worker_without_a_health_command_is_healthy_while_it_runs() -> None:
    [container] = objects(endpoints=(), health_command=None)["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert not {"startupProbe", "livenessProbe", "readinessProbe"} & set(container)


def test_a_worker_that_the_clock_starts_begins_with_none() -> None:
    rendered = objects(endpoints=(), scale=Scale(0, 3))
    assert rendered["Deployment"]["spec"]["replicas"] == 0
    scaler = rendered["HorizontalPodAutoscaler"]["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (1, 3)  # which is the least there can be


def test_a_job_runs_by_its_schedule_to_its_end() -> None:
    rendered = objects(endpoints=(), job=Job("0 3 * * 7", "Europe/Berlin", 600, retries=2))
    assert sorted(rendered) == ["CronJob", "NetworkPolicy", "ServiceAccount"]
    spec = rendered["CronJob"]["spec"]
    assert (spec["schedule"], spec["timeZone"], spec["suspend"]) == ("0 3 * * 0", "Europe/Berlin", False)
    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["jobTemplate"]["spec"]["backoffLimit"] == 2
    pod = spec["jobTemplate"]["spec"]["template"]
    assert pod["metadata"]["annotations"] == {"karpenter.sh/do-not-disrupt": "true"}
    assert (pod["spec"]["restartPolicy"], pod["spec"]["activeDeadlineSeconds"]) == ("Never", 600)
    assert "topologySpreadConstraints" not in pod["spec"]


@pytest.mark.parametrize(("schedule", "leads"), [(None, True), ("0 3 * * *", False)])
def test_a_job_on_demand_or_of_another_berth_is_suspended(schedule: str | None, leads: bool) -> None:
    spec = service(endpoints=(), job=Job(schedule))
    release = Release("", "", "", [], suspended=not leads)
    [job] = [one for one in render("x", "x", chart_values(spec, release)) if one["kind"] == "CronJob"]
    assert job["spec"]["suspend"] is True


def test_pods_of_a_job_are_confined_as_those_of_a_service() -> None:
    staying = objects()["Deployment"]["spec"]["template"]["spec"]
    ending = objects(endpoints=(), job=Job())["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    for key in ("securityContext", "volumes", "serviceAccountName", "automountServiceAccountToken", "initContainers"):
        assert ending[key] == staying[key]
    assert ending["containers"][0]["securityContext"] == staying["containers"][0]["securityContext"]


def test_entrypoint_and_command_replace_the_images() -> None:
    [container] = objects(entrypoint=("python",), command=("-m", "shop"))["Deployment"]["spec"]["template"]["spec"][
        "containers"
    ]
    assert (container["command"], container["args"]) == (["python"], ["-m", "shop"])
    [unchanged] = objects()["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert not {"command", "args"} & set(unchanged)


def test_every_port_is_open_to_the_load_balancer_alone() -> None:
    rendered = objects(endpoints=(Endpoint(8080, "/healthz"), Endpoint(9000, "/healthz", name="administration")))
    [container] = rendered["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert {one["name"]: one["containerPort"] for one in container["ports"]} == {"http": 8080, "port-9000": 9000}
    ports = rendered["Service"]["spec"]["ports"]
    assert [(one["port"], one["targetPort"]) for one in ports] == [(8080, "http"), (9000, "port-9000")]
    [ingress] = rendered["NetworkPolicy"]["spec"]["ingress"]
    assert [one["port"] for one in ingress["ports"]] == [8080, 9000]
    assert ingress["from"] == [{"ipBlock": {"cidr": "10.0.16.0/20"}}]


SIDECAR = Sidecar(
    "agent",
    "registry.example/agent:1",
    cpu=64,
    memory=128,
    port=9100,
    environment={"LEVEL": "info"},
    secrets={"TOKEN": Source(parameter="/agent/token")},
    health_command=("/agent", "--check"),
)


@pytest.mark.parametrize("job", [None, Job()])
def test_a_sidecar_starts_first_ends_last_and_is_confined(job: Job | None) -> None:
    endpoints = () if job else (Endpoint(8080, "/healthz"),)
    rendered = objects(endpoints=endpoints, job=job, sidecars=(SIDECAR,))
    spec = rendered["CronJob"]["spec"]["jobTemplate"]["spec"] if job else rendered["Deployment"]["spec"]
    pod = spec["template"]["spec"]
    first, init = pod["initContainers"]
    [main] = pod["containers"]
    # What makes it a sidecar, which a job does not wait for (Kubernetes, "Sidecar Containers").
    assert first["name"] == "agent" and first["restartPolicy"] == "Always" and "restartPolicy" not in init
    assert first["securityContext"] == main["securityContext"]
    assert first["startupProbe"]["exec"]["command"] == ["/agent", "--check"]
    assert first["envFrom"] == [{"secretRef": {"name": "biometric-agent-secrets"}}]
    assert first["volumeMounts"] == [{"name": "agent-tmp", "mountPath": "/tmp"}]
    assert {"name": "agent-tmp", "emptyDir": {}} in pod["volumes"]
    assert main["volumeMounts"] == [{"name": "tmp", "mountPath": "/tmp"}]


def test_containers_share_what_the_service_has() -> None:
    pod = objects(cpu=1024, memory=512, sidecars=(SIDECAR,))["Deployment"]["spec"]["template"]["spec"]
    [agent, init], [main] = pod["initContainers"], pod["containers"]
    assert agent["resources"] == {"requests": {"cpu": "62m", "memory": "128Mi"}, "limits": {"memory": "128Mi"}}
    assert main["resources"]["requests"] == init["resources"]["requests"] == {"cpu": "937m", "memory": "384Mi"}


def test_secrets_are_named_and_the_init_command_has_them() -> None:
    pod = objects(secrets={"API_KEY": Source(secret="shop/api-key")})["Deployment"]["spec"]["template"]["spec"]
    for container in (*pod["containers"], *pod["initContainers"]):
        assert {"secretRef": {"name": "biometric-secrets"}} in container["envFrom"]


def test_files_of_a_folder_are_one_volume_that_nobody_writes() -> None:
    files = (
        File("/run/shop/b.pem", Source(secret="shop/tls")),
        File("/etc/shop/app.yaml", "level: info"),
        File("/run/shop/a.yaml", "level: info"),
    )
    pod = objects(files=files)["Deployment"]["spec"]["template"]["spec"]
    mounts = [one for one in pod["containers"][0]["volumeMounts"] if one["name"].startswith("files")]
    assert {one["mountPath"]: one["readOnly"] for one in mounts} == {"/etc/shop": True, "/run/shop": True}
    [volume] = [one["projected"] for one in pod["volumes"] if one["name"] == mounts[1]["name"]]
    assert volume["defaultMode"] == 0o440
    assert volume["sources"] == [
        {"configMap": {"name": "biometric-files", "items": [{"key": "1-a.yaml", "path": "a.yaml"}]}},
        {"secret": {"name": "biometric-files", "items": [{"key": "2-b.pem", "path": "b.pem"}]}},
    ]


def test_autoscaler_aims_at_memory_as_well() -> None:
    metrics = objects(scale=Scale(memory_percent=75))["HorizontalPodAutoscaler"]["spec"]["metrics"]
    assert {one["resource"]["name"]: one["resource"]["target"]["averageUtilization"] for one in metrics} == {
        "cpu": 60,
        "memory": 75,
    }


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("ports",), [{"name": "http", "port": 80}]),
        (("surprise",), 1),
        (("security", "uid"), -1),
        (("security", "surprise"), 1),
        (("image", "reference"), "no tag"),
        (("probes", "livePath"), "healthz"),
    ],
)
def test_schema_refuses_what_the_chart_does_not_know(path: tuple[str, ...], value: object) -> None:
    values: dict[str, Any] = chart_values(SERVICE, RELEASE)
    at = values
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    with pytest.raises(helm.HelmError):
        render("biometric", "biometric", values)


def test_chart_lints() -> None:
    report = helm.lint(str(CHART), chart_values(SERVICE, RELEASE), strict=True)
    assert report["total_charts_linted"] == 1
    assert not report["errors"]
