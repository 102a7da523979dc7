"""A Deployment becomes one pod that podman understands, and nothing of it is lost in silence."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from berth.plan import UNKNOWN, Plan, Secret
from berth.rehearse.drivers.kubernetes.manifest import Manifest, manifest
from berth.rehearse.drivers.kubernetes.pod import Pod, extract, places
from berth.rehearse.drivers.kubernetes.security import refusals
from berth.rehearse.drivers.volumes import FileOf
from berth.rehearse.errors import RehearsalError
from berth.rehearse.local import Local, LocalDatabase
from berth.rehearse.workload import Promise
from components.service.spec import ContainerSecurity

from . import plans

SECURITY = ContainerSecurity()
PLACE = "Deployment/toy spec.template.spec"


def workload(change: Callable[[dict[str, Any]], None] = lambda spec: None) -> Pod:
    """The toy's pod, changed."""
    return read(plans.edit_pod(plans.eks(), change))


def read(plan: Plan) -> Pod:
    """The one pod of a plan."""
    [deployment] = plan.of_type(plans.DEPLOYMENT)
    return extract(plan, deployment, SECURITY)


LOCAL = Local(LocalDatabase("this machine's", 40001), {}, {"BERTH_REHEARSE_PGHOST": "given"})


def written(found: Pod) -> Manifest:
    """Its manifest, with this machine's values."""
    return manifest(found, "p-", {"io.berth.rehearsal": "toy"}, {8080: 40000}, LOCAL.fill)


def pod(found: Pod) -> dict[str, Any]:
    """The pod of its manifest."""
    return dict(written(found).documents[-1])


def test_who_verifies_the_database_finds_the_rehearsals_authority_where_it_looks() -> None:
    def verifies(spec: dict[str, Any]) -> None:
        spec["containers"][0]["env"] = [{"name": "PGSSLROOTCERT", "value": "/app/rds.pem"}]

    made = manifest(workload(verifies), "p-", {}, {8080: 40000}, LOCAL.fill, authorities=Path("/x/a"))
    spec = made.documents[-1]["spec"]
    mount = {"name": "p-authorities", "mountPath": "/app/rds.pem", "readOnly": True}
    assert mount in spec["containers"][-1]["volumeMounts"]
    assert spec["volumes"][-1] == {"name": "p-authorities", "hostPath": {"path": "/x/a", "type": "File"}}


def test_deployment_becomes_one_pod_with_names_of_its_own() -> None:
    made = pod(workload())
    assert made["kind"] == "Pod"
    assert made["metadata"]["name"] == "p-toy"
    assert made["metadata"]["labels"] == {"app": "toy", "io.berth.rehearsal": "toy"}
    assert made["spec"]["restartPolicy"] == "Never"
    assert made["spec"]["volumes"] == [{"name": "p-tmp", "emptyDir": {}}]
    service = made["spec"]["containers"][-1]
    assert service["volumeMounts"] == [{"name": "p-tmp", "mountPath": "/tmp"}]
    assert service["envFrom"] == [{"configMapRef": {"name": "p-bindings"}}, {"secretRef": {"name": "p-bindings"}}]
    assert service["ports"] == [{"containerPort": 8080, "hostPort": 40000, "hostIP": "127.0.0.1"}]
    assert service["imagePullPolicy"] == "Never"
    assert "livenessProbe" not in service and "lifecycle" not in service


def test_security_is_handed_over_unchanged() -> None:
    found = workload()
    made = pod(found)["spec"]
    assert made["securityContext"] == found.spec["securityContext"]
    planned = [*found.spec["initContainers"], *found.spec["containers"]]
    assert [one["securityContext"] for one in made["containers"]] == [one["securityContext"] for one in planned]


def test_unknown_values_are_filled_and_known_ones_kept() -> None:
    made = written(workload())
    assert made.documents[0]["data"] == {
        "DATABASE_HOST": "10.0.2.2",
        "DATABASE_NAME": "toys",
        "DATABASE_PORT": "40001",
        "DATABASE_USER": "toy",
    }
    secret = json.loads(made.secrets["p-bindings"])
    assert base64.b64decode(secret["DATABASE_PASSWORD"]) == b"this machine's"
    assert "this machine's" not in json.dumps(made.documents)


def test_a_real_databases_password_never_gets_here() -> None:
    def known_password(inputs: dict[str, Any]) -> None:
        inputs["stringData"] = {"DATABASE_PASSWORD": "real"}

    plan = plans.edit(plans.eks(), "kubernetes:core/v1:Secret", known_password)
    assert "real" not in str(
        base64.b64decode(json.loads(written(read(plan)).secrets["p-bindings"])["DATABASE_PASSWORD"])
    )


def test_a_key_of_another_name_is_filled_by_its_variable() -> None:
    def change(spec: dict[str, Any]) -> None:
        reference = {"name": "bindings", "key": "DATABASE_HOST"}
        for container in (*spec["containers"], *spec["initContainers"]):
            container["envFrom"] = []
            container["env"] = [{"name": "PGHOST", "valueFrom": {"configMapKeyRef": reference}}]

    made = written(workload(change))
    assert made.documents[0]["data"] == {"DATABASE_HOST": "given"}
    assert made.documents[1]["spec"]["containers"][0]["env"] == [
        {"name": "PGHOST", "valueFrom": {"configMapKeyRef": {"name": "p-bindings", "key": "DATABASE_HOST"}}}
    ]


def test_downward_api_that_podman_lacks_is_written_out() -> None:
    def change(spec: dict[str, Any]) -> None:
        spec["containers"][0]["env"] = [
            {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
            {"name": "NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        ]

    assert pod(workload(change))["spec"]["containers"][-1]["env"] == [
        {"name": "IP", "value": "127.0.0.1"},
        {"name": "NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
    ]


def test_known_environment_sets_the_database_up() -> None:
    known = workload().known_environment()
    assert known == {"DATABASE_NAME": "toys", "DATABASE_PORT": "6543", "DATABASE_USER": "toy", "PORT": "8080"}


def test_probes_are_asked_by_number_in_a_kubelets_order() -> None:
    service = workload().containers[-1]
    assert [(probe.name, probe.kind, probe.path, probe.port, probe.patience) for probe in service.probes] == [
        ("livenessProbe", "http", "/healthz", 8080, 30),
        ("readinessProbe", "http", "/readyz", 8080, 60),
    ]


def test_nothing_is_dropped_in_silence() -> None:
    def change(spec: dict[str, Any]) -> None:
        spec["brandNew"] = 1
        spec["containers"][0]["securityContext"]["procMount"] = "Default"
        spec["volumes"][0]["emptyDir"] = {"sizeLimit": "64Mi"}

    service = f"{PLACE}.containers[toy]"
    assert set(workload(change).not_rehearsed) == {
        "HorizontalPodAutoscaler/hpa/toy: needs a cluster",
        f"{PLACE}.serviceAccountName: no API server",
        f"{PLACE}.brandNew: podman has no translation for it",
        f"{PLACE}.securityContext.fsGroup: podman gives a new volume to the container's user itself",
        f"{PLACE}.initContainers[migrate].imagePullPolicy: images are local",
        f"{PLACE}.initContainers[migrate].resources.requests: one pod",
        f"{service}.imagePullPolicy: images are local",
        f"{service}.resources.requests: one pod",
        f"{service}.lifecycle: podman knows no hooks",
        f"{service}.securityContext.procMount: podman has no translation for it",
        f"{PLACE}.volumes[tmp].emptyDir.sizeLimit: podman makes a plain directory",
    }


def test_annotations_that_are_not_known_yet_are_left_out_and_named() -> None:
    def change(inputs: dict[str, Any]) -> None:
        inputs["spec"]["template"]["metadata"]["annotations"] = {"revision": UNKNOWN, "team": "toys"}

    found = read(plans.edit(plans.eks(), plans.DEPLOYMENT, change))
    assert found.template["metadata"]["annotations"] == {"team": "toys"}
    assert "Deployment/toy annotation revision: only known after creation" in found.not_rehearsed


def pod_context(**values: Any) -> Callable[[dict[str, Any]], None]:
    """Change the pod's securityContext."""
    return lambda spec: spec["securityContext"].update(values)


def context(**values: Any) -> Callable[[dict[str, Any]], None]:
    """Change the service's securityContext."""
    return lambda spec: spec["containers"][0]["securityContext"].update(values)


OWN = f"{PLACE}.containers[toy].securityContext"


@pytest.mark.parametrize(
    ("change", "promise", "place"),
    [
        (pod_context(runAsNonRoot=False), Promise.USER, f"{PLACE}.securityContext.runAsNonRoot is false"),
        (pod_context(runAsNonRoot=None), Promise.USER, f"{OWN}.runAsNonRoot is absent"),
        (context(runAsNonRoot=False), Promise.USER, f"{OWN}.runAsNonRoot is false"),
        (context(runAsUser=0), Promise.USER, f"{OWN}.runAsUser is 0"),
        (context(runAsGroup=0), Promise.USER, f"{OWN}.runAsGroup is 0"),
        (context(privileged=True), Promise.CAPABILITIES, f"{OWN}.privileged is true"),
        (context(capabilities=None), Promise.CAPABILITIES, f"{OWN}.capabilities is absent"),
        (
            context(allowPrivilegeEscalation=True),
            Promise.NO_NEW_PRIVILEGES,
            f"{OWN}.allowPrivilegeEscalation is true",
        ),
        (
            context(allowPrivilegeEscalation=None),
            Promise.NO_NEW_PRIVILEGES,
            f"{OWN}.allowPrivilegeEscalation is absent",
        ),
        (context(readOnlyRootFilesystem=False), Promise.READ_ONLY_ROOT, f"{OWN}.readOnlyRootFilesystem is false"),
        (context(seccompProfile={"type": "Unconfined"}), Promise.SECCOMP, f'{OWN}.seccompProfile.type is "Unconfined"'),
    ],
)
def test_a_broken_promise_is_named(change: Callable[[dict[str, Any]], None], promise: Promise, place: str) -> None:
    declared = workload(change).containers[-1].declared
    assert {key: one.text for key, one in declared.items() if not one.kept} == {promise: place}


def test_promises_are_kept_as_planned() -> None:
    assert all(one.kept for container in workload().containers for one in container.declared.values())


def refused(change: Callable[[dict[str, Any]], None], user: str = "10001") -> list[str]:
    """What a cluster says to the changed pod."""
    spec = workload(change).spec
    return refusals(spec, places(spec, PLACE), PLACE, {plans.IMAGE: user})


def without_user(spec: dict[str, Any]) -> None:
    """Let the image decide who runs."""
    del spec["securityContext"]["runAsUser"]


@pytest.mark.parametrize(
    ("change", "user", "expected"),
    [
        (without_user, "10001:10001", None),
        (without_user, "", "runs as root (USER is absent)"),
        (without_user, "root", 'runs as root (USER is "root")'),
        (without_user, "0:0", "runs as root"),
        (without_user, "app", "non-numeric USER 'app'"),
        (pod_context(runAsUser=0), "10001", "runAsUser is 0 and"),
        (lambda spec: spec.update(hostNetwork=True), "10001", "hostNetwork is true"),
        (lambda spec: spec["volumes"].append({"name": "h", "hostPath": {"path": "/"}}), "10001", "volumes[h].hostPath"),
    ],
)
def test_what_a_kubelet_refuses_is_refused(
    change: Callable[[dict[str, Any]], None], user: str, expected: str | None
) -> None:
    lines = refused(change, user)
    assert (lines == []) if expected is None else all(expected in line for line in lines) and lines != []


def unknown_image(spec: dict[str, Any]) -> None:
    """An image reference read from an output."""
    spec["containers"][0]["image"] = UNKNOWN


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (unknown_image, "spec.template.spec.containers[0].image is only known after creation"),
        (
            lambda spec: spec["containers"][0].update(readinessProbe={"httpGet": {"port": "web"}}),
            "readinessProbe asks the port 'web'",
        ),
        (
            lambda spec: spec["containers"][0].update(readinessProbe={"grpc": {"port": 1}}),
            "only httpGet, tcpSocket and exec",
        ),
        (
            lambda spec: spec["containers"][0].update(envFrom=[{"configMapRef": {"name": "other"}}]),
            "the ConfigMap 'other', which the plan does not have",
        ),
    ],
)
def test_what_cannot_run_is_an_error_that_names_the_place(
    change: Callable[[dict[str, Any]], None], message: str
) -> None:
    with pytest.raises(RehearsalError) as error:
        workload(change)
    assert message in str(error.value)


def with_files(kind: str, volume: dict[str, Any]) -> Pod:
    """The toy with a ConfigMap and a Secret of files, and a volume that shows them in a folder."""

    def change(spec: dict[str, Any]) -> None:
        spec["volumes"].append({"name": "files", kind: volume})
        spec["containers"][0]["volumeMounts"].append({"name": "files", "mountPath": "/etc/shop", "readOnly": True})

    plan = plans.edit_pod(plans.eks(), change)
    open_data = {"metadata": {"name": "files"}, "data": {"0-app.yaml": "a: 1\n"}}
    hidden = {"metadata": {"name": "files"}, "stringData": Secret({"1-key.pem": Secret(UNKNOWN)})}
    objects = [
        plans.resource("kubernetes:core/v1:ConfigMap", "configmap/files", open_data),
        plans.resource("kubernetes:core/v1:Secret", "secret/files", hidden),
    ]
    return read(Plan("toy", [*plan.resources, *objects], {}))


def sources(key: str = "1-key.pem") -> list[dict[str, Any]]:
    """What a projected volume of both shows."""
    return [
        {"configMap": {"name": "files", "items": [{"key": "0-app.yaml", "path": "app.yaml"}]}},
        {"secret": {"name": "files", "items": [{"key": key, "path": "key.pem", "mode": 0o400}]}},
    ]


def test_files_are_put_into_a_volume_for_the_pods_group() -> None:
    found = with_files("projected", {"defaultMode": 0o440, "sources": sources()})
    fill = Local(LocalDatabase("x"), {}, {}, {"/etc/shop/key.pem": "a key"}).fill
    made = manifest(found, "p-", {}, {8080: 40000}, fill)
    assert made.volumes == {
        "p-files": (FileOf("app.yaml", "a: 1\n", 0o440, 10001), FileOf("key.pem", "a key", 0o400, 10001))
    }
    assert {"name": "p-files", "persistentVolumeClaim": {"claimName": "p-files"}} in made.documents[-1]["spec"][
        "volumes"
    ]
    assert {"name": "p-files", "mountPath": "/etc/shop", "readOnly": True} in made.documents[-1]["spec"]["containers"][
        -1
    ]["volumeMounts"]
    assert "a key" not in json.dumps(made.documents) and "a key" not in repr(made)
    # Nothing of it is written by a container.
    assert all(one.kept for one in found.containers[-1].declared.values())


@pytest.mark.parametrize(
    ("kind", "volume", "path"),
    [("configMap", {"name": "files"}, "0-app.yaml"), ("secret", {"secretName": "files"}, "1-key.pem")],
)
def test_a_volume_of_one_object_shows_all_of_it(kind: str, volume: dict[str, Any], path: str) -> None:
    [file] = with_files(kind, volume).files["files"]
    assert (file.path, file.mounted, file.mode) == (path, f"/etc/shop/{path}", 0o644)


def test_a_file_that_no_object_holds_is_an_error() -> None:
    with pytest.raises(RehearsalError, match="Secret/files has no key 'none', which the pod mounts"):
        with_files("projected", {"sources": sources("none")})


def test_a_secret_that_lies_in_aws_is_made_up() -> None:
    local = Local(LocalDatabase("x"), {}, {})
    made = manifest(with_files("projected", {"sources": sources()}), "p-", {}, {8080: 40000}, local.fill)
    assert len(made.volumes["p-files"][1].content) == 32
    assert local.made_up.places == ["/etc/shop/key.pem"]


def test_values_in_place_of_planned_ones_are_those_of_the_own_image_and_of_who_has_them() -> None:
    def foreign(spec: dict[str, Any]) -> None:
        names = [{"name": "PORT", "value": "1"}]
        spec["initContainers"].append(
            {**spec["initContainers"][0], "name": "a", "image": "b", "envFrom": [], "env": names}
        )

    overrides = {"PORT": "9", "DATABASE_HOST": "here"}
    spec = manifest(workload(foreign), "p-", {}, {}, LOCAL.fill, overrides=overrides).documents[-1]["spec"]
    [migrate, other, toy] = ([(one["name"], one["value"]) for one in each["env"]] for each in spec["containers"])
    assert migrate == toy == [("PORT", "9"), ("DATABASE_HOST", "here")]
    assert other == [("PORT", "9")]


@pytest.mark.parametrize(
    ("kind", "volume"),
    [("projected", {"sources": [{"serviceAccountToken": {"path": "token"}}]}), ("csi", {"driver": "x"})],
)
def test_volume_that_podman_mounts_differently_is_an_error(kind: str, volume: dict[str, Any]) -> None:
    found = workload(lambda spec: spec["volumes"].append({"name": "p", kind: volume}))
    with pytest.raises(RehearsalError, match=rf"volumes\[p\].{kind} cannot be rehearsed"):
        written(found)


def test_values_come_from_the_pods_own_namespace() -> None:
    plan = plans.eks()
    others = {"metadata": {"name": "bindings", "namespace": "other"}, "data": {"DATABASE_HOST": "elsewhere"}}
    config_map = plans.resource("kubernetes:core/v1:ConfigMap", "configmap/others", others)
    assert written(read(Plan("toy", [config_map, *plan.resources, config_map], {}))) == written(workload())
