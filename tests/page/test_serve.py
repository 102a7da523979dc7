"""The page's local server."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.page.processes import PAGE, environment, page_for, request

API = "http://127.0.0.1:9"
POLICY = {
    **dict.fromkeys(("default-src", "frame-ancestors", "base-uri", "form-action"), "'none'"),
    **dict.fromkeys(("script-src", "style-src"), "'self'"),
    "connect-src": f"'self' {API}",
    "require-trusted-types-for": "'script'",
}
HEADERS = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "cache-control": "no-cache"}
SERVE = [sys.executable, str(PAGE / "serve.py")]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with page_for(API + "/base/") as page:
        yield page


def test_every_answer_has_the_headers(url: str) -> None:
    for path, method, expected in (
        ("", "GET", 200),
        ("config.json", "GET", 200),
        ("none", "GET", 404),
        ("", "POST", 501),
    ):
        status, headers, _ = request(url + path, method)
        assert status == expected
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert policy.items() >= POLICY.items()
        assert {name: headers[name] for name in HEADERS} == HEADERS


def test_the_page_is_complete_and_has_no_inline_parts(url: str) -> None:
    status, headers, content = request(url)
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    html = content.decode()
    links = re.findall(r'(?:href|src)="([^"#][^"]*)"', html)
    assert {"style.css", "icon.svg", "js/main.js"} == set(links)
    assert not re.search(r"<style|<script(?![^>]*src)|\sstyle=|\son[a-z]+=", html)
    # Every module that any module imports is there, as a script.
    wanted, seen = {"js/main.js"}, set[str]()
    while wanted - seen:
        name = (wanted - seen).pop()
        seen.add(name)
        status, headers, content = request(url + name)
        assert (status, headers["content-type"]) == (200, "text/javascript; charset=utf-8"), name
        wanted |= {f"js/{module}" for module in re.findall(r'from "\./([^"]+)"', content.decode())}
    assert seen == {f"js/{file.name}" for file in (PAGE / "js").iterdir()}


def test_nothing_becomes_markup() -> None:
    for file in (PAGE / "js").iterdir():
        forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|eval\("
        assert not re.search(forbidden, file.read_text())


def test_config_is_what_the_server_was_told(url: str) -> None:
    assert json.loads(request(url + "config.json")[2]) == {"api": f"{API}/base", "authorization": "none"}
    with page_for("https://api.example:8443", "--authorization", "bearer") as other:
        found = json.loads(request(other + "config.json")[2])
        assert found == {"api": "https://api.example:8443", "authorization": "bearer"}
    shipped = json.loads((PAGE / "config.json").read_text())
    assert shipped == {"api": "http://127.0.0.1:8080", "authorization": "none"}


@pytest.mark.parametrize(
    "path",
    [
        "serve.py", "README.md", "package.json", "js", "js/", "..", "../serve.py", "../Dockerfile", "js/../serve.py",
        "js/../../Dockerfile", "%2e%2e/Dockerfile", "..%2fDockerfile", "js/..%2f..%2fsrc/biometric/app.py",
        "..%5cDockerfile", "/etc/hostname", "%2fetc%2fhostname", "index.html%00", "index.html/", "%ff", "__pycache__/",
    ],
)  # fmt: skip
def test_nothing_but_the_page_is_served(url: str, path: str) -> None:
    status, headers, content = request(url + path)
    assert status == 404 and content == b"There is no such file.\n"
    assert headers["content-type"].startswith("text/plain")


def test_a_link_out_of_the_folder_leads_nowhere(tmp_path: Path) -> None:
    folder = tmp_path / "page"
    folder.mkdir()
    (folder / "serve.py").write_bytes((PAGE / "serve.py").read_bytes())
    (tmp_path / "secret.html").write_text("secret")
    (folder / "index.html").symlink_to(tmp_path / "secret.html")
    (folder / "fine.html").write_text("fine")
    found = subprocess.run(
        [sys.executable, "-c", "import serve; print(serve.file_of('/index.html'), serve.file_of('/fine.html'))"],
        cwd=folder, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert found == ["None", str(folder / "fine.html")]


def test_head_has_no_content(url: str) -> None:
    status, headers, content = request(url, "HEAD")
    assert status == 200 and int(headers["content-length"]) > 1_000 and content == b""


def test_it_listens_on_this_machine_only(url: str) -> None:
    port = urlsplit(url).port
    assert port is not None
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    addresses = {local for _, local, _, state, *_ in listening if local.endswith(f":{port:04X}") and state == "0A"}
    assert addresses == {f"0100007F:{port:04X}"}


def test_several_browsers_are_served_at_once(url: str) -> None:
    parts = urlsplit(url)
    # One that connects and says nothing keeps nobody waiting.
    with socket.create_connection((parts.hostname or "", parts.port or 0)):
        assert request(url)[0] == 200


@pytest.mark.parametrize(
    "api", ["127.0.0.1:8080", "ftp://x", "http://", "http://a;b", "http://a,b", "http://u@h", "http://a'b"]
)
def test_an_address_that_is_none_is_refused(api: str) -> None:
    done = subprocess.run([*SERVE, "--api", api, "--port", "0"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "no address of an API" in done.stderr


def test_its_environment_counts_and_term_ends_it() -> None:
    variables = {"API_URL": "http://api.example", "API_AUTHORIZATION": "bearer", "PAGE_PORT": "0"}
    process = subprocess.Popen(SERVE, env=environment(variables), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        page = process.stdout.readline().split()[-1]
        config = json.loads(request(page + "config.json")[2])
        assert config == {"api": "http://api.example", "authorization": "bearer"}
        # Its port is taken: another one says so.
        port = str(urlsplit(page).port)
        other = subprocess.run([*SERVE, "--port", port], capture_output=True, text=True, timeout=60)
        assert other.returncode == 1 and f"port {port}" in other.stderr
    finally:
        process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
