"""What the node's programs are told, and what is read out of files: without a node."""

from __future__ import annotations

import json
import tomllib
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from berth.plan import UNKNOWN, Secret

from .node import addresses, config, machine, parts, pki
from .node.api import Answer, collection, warning_text
from .workload import filled, with_values


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("require k8s.io/kubernetes v1.34.4\n", "v1.34.4"),
        ("require (\n\tk8s.io/kubernetes v1.34.4 // indirect\n)\n", "v1.34.4"),
    ],
)
def test_the_version_is_read_from_go_mod(line: str, version: str) -> None:
    assert parts.kubernetes_version(line) == version
    assert "-X k8s.io/component-base/version.gitVersion=v1.34.4 " in parts.linker_flags(version)
    assert "gitMajor=1 " in parts.linker_flags(version) and "gitMinor=34 " in parts.linker_flags(version)


@pytest.mark.parametrize("line", ["", "require k8s.io/kubernetes v1.35.0-rc.1\n", "replace k8s.io/kubernetes => ../\n"])
def test_a_version_that_is_no_release_is_refused(line: str) -> None:
    with pytest.raises(machine.ClusterError):
        parts.kubernetes_version(line)


def test_every_staging_module_is_replaced_by_the_same_release() -> None:
    text = (parts.MODULE / "go.mod").read_text()
    staging = parts.kubernetes_version(text).replace("v1.", "v0.")
    replaced = [line.split() for line in text.splitlines() if "=>" in line]
    assert len(replaced) > 25
    assert {(words[0] == words[2], words[3]) for words in replaced} == {(True, staging)}


def test_every_program_is_built_from_the_module() -> None:
    text = (parts.MODULE / "go.mod").read_text()
    assert all(f"\tk8s.io/kubernetes/cmd/{name}\n" in text for name in parts.PROGRAMS)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("go version go1.26.1 linux/amd64", (1, 26)),
        ("go version go1.24rc1 linux/arm64", (1, 24)),
        ("go version go2.0 linux/arm64", (2, 0)),
        ("gccgo 12", None),
        ("", None),
    ],
)
def test_go_version(text: str, version: tuple[int, int] | None) -> None:
    assert machine.go_version(text) == version


def test_cache_root(tmp_path: Path) -> None:
    assert machine.cache_root({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "berth"
    assert machine.cache_root({"XDG_CACHE_HOME": "relative"}) == Path.home() / ".cache" / "berth"
    assert machine.cache_root({}) == Path.home() / ".cache" / "berth"


def test_what_failed_to_be_made_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "part").touch()
        if len(made) == 1:
            raise machine.ClusterError("half done")

    with pytest.raises(machine.ClusterError):
        machine.made_once("thing", make, print)
    folder = machine.made_once("thing", make, print)
    assert machine.made_once("thing", make, print) == folder
    assert len(made) == 2 and (folder / "part").is_file()


def test_each_hindrance_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert "needs root" in (machine.hindrance() or "")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(machine, "find", lambda program: None if program == "podman" else f"/bin/{program}")
    assert machine.hindrance() == "not installed: podman (Debian: apt-get install podman)"
    monkeypatch.setattr(machine, "find", lambda program: None if program == "go" else f"/bin/{program}")
    assert "Go is not installed" in (machine.hindrance() or "")
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert "needs Linux" in (machine.hindrance() or "")


def test_addresses_do_not_overlap() -> None:
    link = IPv4Network(f"{addresses.HOST}/30", strict=False)
    networks = [link, IPv4Network(addresses.PODS), IPv4Network(addresses.SERVICES)]
    assert IPv4Address(addresses.NODE) in link
    assert next(networks[2].hosts()) == IPv4Address(addresses.API_SERVICE)
    assert not any(one.overlaps(other) for one in networks for other in networks if one is not other)
    assert all(one.subnet_of(IPv4Network("198.18.0.0/15")) for one in networks)


@pytest.mark.parametrize("snapshotter", ["overlayfs", "native"])
def test_config_files_can_be_read(snapshotter: str) -> None:
    files = config.files(snapshotter)
    toml = tomllib.loads(files["/etc/containerd/config.toml"])
    cri = toml["plugins"]["io.containerd.grpc.v1.cri"]
    assert cri["containerd"]["snapshotter"] == snapshotter
    assert cri["sandbox_image"] == config.PAUSE_IMAGE
    kinds = {json.loads(text)["kind"] for path, text in files.items() if path.startswith(config.CONFIG)}
    assert kinds == {"KubeletConfiguration", "KubeProxyConfiguration"}


def test_every_certificate_that_is_named_is_made() -> None:
    text = json.dumps([config.commands(), config.files("overlayfs")])
    made = {"ca.crt", "service-accounts.key"}
    made |= {f"{one.file}.{end}" for one in pki.IDENTITIES for end in ("crt", "key")}
    made |= {f"{name}.kubeconfig" for name in pki.CLIENTS}
    named = {part.split('"')[0].split("\\")[0] for part in text.split(f"{config.PKI}/")[1:]}
    assert named and named <= made


def test_a_kubeconfig_is_private_and_verifies_the_server(tmp_path: Path) -> None:
    pki.make(tmp_path / "pki")
    path = tmp_path / "pki" / "admin.kubeconfig"
    assert path.stat().st_mode & 0o077 == 0
    cluster = json.loads(path.read_text())["clusters"][0]["cluster"]
    assert cluster["server"] == addresses.api_url() and cluster["certificate-authority-data"]


def test_paths_of_the_api() -> None:
    def path(version: str, kind: str, **metadata: str) -> str:
        return collection({"apiVersion": version, "kind": kind, "metadata": metadata})

    assert path("v1", "Namespace", name="a") == "/api/v1/namespaces"
    assert path("apps/v1", "Deployment", namespace="a") == "/apis/apps/v1/namespaces/a/deployments"
    policies = "/apis/networking.k8s.io/v1/namespaces/a/networkpolicies"
    assert path("networking.k8s.io/v1", "NetworkPolicy", namespace="a") == policies


def test_warnings_of_the_api() -> None:
    assert warning_text(r'299 - "would violate PodSecurity \"restricted:latest\": a"') == (
        'would violate PodSecurity "restricted:latest": a'
    )
    assert Answer(403, {"message": "no"}).message == "no" and Answer(500, "broken").message == "broken"


def test_values_are_changed_by_path_and_not_in_place() -> None:
    values = {"a": {"b": 1, "c": 2}}
    assert with_values(values, {"a.b": 3, "d.e": 4}) == {"a": {"b": 3, "c": 2}, "d": {"e": 4}}
    assert values == {"a": {"b": 1, "c": 2}}


def test_a_value_that_nothing_provides_is_not_made_up() -> None:
    planned = {"HOST": UNKNOWN, "PASSWORD": Secret(UNKNOWN), "NAME": "planned"}
    local = {"HOST": "here", "PASSWORD": "hidden"}
    assert filled(Secret(planned), local) == {"HOST": "here", "PASSWORD": "hidden", "NAME": "planned"}
    with pytest.raises(AssertionError, match="PASSWORD"):
        filled(planned, {"HOST": "here"})
