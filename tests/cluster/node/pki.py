"""The cluster's certificates, made by openssl, good for two days; and the kubeconfigs that carry them."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import addresses
from .machine import ClusterError

DAYS = 2
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True)
class Identity:
    """Who a certificate is for."""

    file: str
    user: str
    """Common name: Kubernetes' user."""
    group: str = ""
    """Organisation: Kubernetes' group."""
    names: Sequence[str] = ()
    """What a server is called, as openssl writes it: ``DNS:...`` or ``IP:...``."""


IDENTITIES = (
    Identity(
        "apiserver",
        "kube-apiserver",
        names=(
            *("DNS:kubernetes", "DNS:kubernetes.default", "DNS:kubernetes.default.svc", "DNS:localhost"),
            *(f"IP:{address}" for address in (addresses.NODE, addresses.API_SERVICE, "127.0.0.1")),
        ),
    ),
    Identity("admin", "admin", "system:masters"),
    # How the API server asks the kubelet for logs.
    Identity("apiserver-kubelet", "kube-apiserver", "system:masters"),
    Identity("kube-controller-manager", "system:kube-controller-manager"),
    Identity("kube-scheduler", "system:kube-scheduler"),
    Identity("kube-proxy", "system:kube-proxy"),
    Identity(
        "kubelet",
        f"system:node:{addresses.NODE_NAME}",
        "system:nodes",
        names=(f"DNS:{addresses.NODE_NAME}", f"IP:{addresses.NODE}"),
    ),
)
CLIENTS = ("admin", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet")
"""Who has a kubeconfig."""


def make(folder: Path) -> None:
    """Fill a folder with ``ca.crt``, a certificate and key of each identity, and the key of service accounts.

    Raises:
        ClusterError: openssl failed.
    """
    folder.mkdir(mode=0o700, parents=True)
    _openssl(
        folder,
        *(
            "req",
            "-x509",
            *KEY,
            "-days",
            str(DAYS),
            "-subj",
            "/CN=berth-cluster",
            "-keyout",
            "ca.key",
            "-out",
            "ca.crt",
        ),
        *("-addext", "keyUsage=critical,keyCertSign,digitalSignature"),
    )
    for one in IDENTITIES:
        subject = (f"/O={one.group}" if one.group else "") + f"/CN={one.user}"
        request = ("req", "-new", *KEY, "-subj", subject, "-keyout", f"{one.file}.key", "-out", f"{one.file}.csr")
        _openssl(folder, *request)
        (folder / f"{one.file}.ext").write_text(extensions(one))
        _openssl(
            folder,
            *("x509", "-req", "-in", f"{one.file}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"),
            *("-days", str(DAYS), "-extfile", f"{one.file}.ext", "-out", f"{one.file}.crt"),
        )
    _openssl(folder, "genrsa", "-out", "service-accounts.key", "2048")
    for name in CLIENTS:
        path = folder / f"{name}.kubeconfig"
        path.touch(mode=0o600)
        files = ("ca.crt", f"{name}.crt", f"{name}.key")
        path.write_text(kubeconfig(*((folder / file).read_bytes() for file in files)))


def extensions(identity: Identity) -> str:
    """Return the extensions of a certificate: a client's, and a server's too where it has names."""
    usages = "clientAuth,serverAuth" if identity.names else "clientAuth"
    lines = ["keyUsage=critical,digitalSignature", f"extendedKeyUsage={usages}"]
    if identity.names:
        lines.append(f"subjectAltName={','.join(identity.names)}")
    return "\n".join(lines) + "\n"


def kubeconfig(authority: bytes, certificate: bytes, key: bytes) -> str:
    """Return a kubeconfig that holds everything itself. JSON is YAML too."""

    def data(content: bytes) -> str:
        return base64.b64encode(content).decode()

    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": "berth",
                    "cluster": {"server": addresses.api_url(), "certificate-authority-data": data(authority)},
                }
            ],
            "users": [
                {"name": "berth", "user": {"client-certificate-data": data(certificate), "client-key-data": data(key)}}
            ],
            "contexts": [{"name": "berth", "context": {"cluster": "berth", "user": "berth"}}],
            "current-context": "berth",
        }
    )


def _openssl(folder: Path, *arguments: str) -> None:
    output = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if output.returncode:
        raise ClusterError(f"openssl {arguments[0]} failed: {output.stderr.strip()}")
