"""`make setup` behind a proxy whose certificate authority only this machine knows."""

from __future__ import annotations

import http.server
import shutil
import ssl
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.page.processes import ROOT, uv

BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
UV = uv()


def may_mount() -> bool:
    """Tell whether this process may have mounts of its own, so that one command sees another bundle."""
    try_it = ["unshare", "--mount", "mount", "--bind", str(BUNDLE), str(BUNDLE)]
    return shutil.which("unshare") is not None and subprocess.run(try_it, capture_output=True).returncode == 0


pytestmark = [
    pytest.mark.skipif(UV is None, reason="there is no uv"),
    pytest.mark.skipif(not may_mount(), reason="only root can give one command other certificates of the machine"),
]
AUTHORITY = """
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=proxy -keyout ca.key -out ca.crt
openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout index.key -out index.csr
printf 'subjectAltName=DNS:localhost\\nextendedKeyUsage=serverAuth\\n' > index.cnf
openssl x509 -req -in index.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile index.cnf -out index.crt
"""


def wheel(folder: Path, name: str, files: dict[str, str]) -> None:
    """Put a package into an index."""
    info = f"{name}-1.0.dist-info"
    folder.joinpath(name).mkdir(parents=True)
    file = folder / name / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    (folder / name / "index.html").write_text(f'<a href="{file.name}">{file.name}</a>')


@contextmanager
def index(folder: Path) -> Iterator[str]:
    """Serve an index by a certificate of the private authority; give its URL."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "index.crt", folder / "index.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"https://localhost:{server.server_port}/simple"
    finally:
        server.shutdown()
        server.server_close()


def test_setup_trusts_what_the_machine_trusts(tmp_path: Path) -> None:
    subprocess.run(["sh", "-ec", AUTHORITY], cwd=tmp_path, check=True, capture_output=True)
    # What pip fetches is uv: here one that is the uv there is.
    starts = f'import os, sys\n\n\ndef main():\n    os.execv("{UV}", ["{UV}", *sys.argv[1:]])\n'
    scripts = "[console_scripts]\nuv = fetched:main\n"
    wheel(tmp_path / "simple", "uv", {"fetched.py": starts, "uv-1.0.dist-info/entry_points.txt": scripts})
    wheel(tmp_path / "simple", "tiny", {"tiny.py": "answer = 42\n"})
    project = tmp_path / "project"
    project.mkdir()
    shutil.copy(ROOT / "Makefile", project)
    with index(tmp_path) as url:
        (project / "pyproject.toml").write_text(
            '[project]\nname = "toy"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["tiny"]\n'
            f'[[tool.uv.index]]\nurl = "{url}"\ndefault = true\n'
        )
        clean = {
            "HOME": str(tmp_path),
            "PATH": f"{sys.base_prefix}/bin:/usr/local/bin:/usr/bin:/bin",
            "UV_NO_CACHE": "1",
            # What this machine tells pip may name certificates.
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_INDEX_URL": url,
            "PIP_RETRIES": "0",
        }
        locking = {**clean, "SSL_CERT_FILE": str(tmp_path / "ca.crt")}
        subprocess.run([str(UV), "lock", "--quiet"], cwd=project, env=locking, check=True)
        (tmp_path / "bundle.crt").write_text(BUNDLE.read_text() + (tmp_path / "ca.crt").read_text())
        made = subprocess.run(
            ["unshare", "--mount", "sh", "-c", f'mount --bind ../bundle.crt {BUNDLE} && make setup UV=.uv/bin/uv'],
            cwd=project, env=clean, capture_output=True, text=True,
        )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    assert "warning" not in made.stderr.lower()
    assert list(project.glob(".venv/lib/python3*/site-packages/tiny.py"))
