"""A record that comes back changed in any way is noticed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from berth.rehearse.errors import RehearsalError
from berth.rehearse.roundtrip import differences, parse, post_and_read

SENT = '{"userId": 202004285, "speed": 0.0, "heart": 91, "temp": null, "tesla": "-23.831520", "ok": true, "list": [1]}'


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("0.0", "0", "speed was sent as 0.0 and read back as 0"),
        ("0.0", "0.00", "speed was sent as 0.0 and read back as 0.00"),
        ("0.0", "-0.0", "speed was sent as 0.0 and read back as -0.0"),
        ("91", "91.0", "heart was sent as 91 and read back as 91.0"),
        ("91", '"91"', 'heart was sent as 91 and read back as "91"'),
        ("null", '""', 'temp was sent as null and read back as ""'),
        ('"-23.831520"', "-23.831520", 'tesla was sent as "-23.831520" and read back as -23.831520'),
        ('"-23.831520"', '"-23.83152"', 'tesla was sent as "-23.831520" and read back as "-23.83152"'),
        ("true", "1", "ok was sent as true and read back as 1"),
        ("[1]", "[1.0]", "list[0] was sent as 1 and read back as 1.0"),
        ("[1]", "[1, 2]", "list was sent as"),
        ('"temp": null, ', "", "temp is missing, null was sent"),
        ('"ok"', '"new": 1, "ok"', "new is 1 and was not sent"),
    ],
)
def test_difference(old: str, new: str, expected: str) -> None:
    found = differences(parse(SENT), parse(SENT.replace(old, new, 1)))
    assert len(found) == 1
    assert found[0].startswith(expected)


def test_order_and_spaces_are_no_difference() -> None:
    document = json.loads(SENT, parse_float=str)
    assert differences(parse(SENT), parse(SENT)) == []
    shuffled = "{" + ",".join(reversed(SENT.strip("{}").replace("[1]", "[1]").split(", "))) + "}"
    assert differences(parse(SENT), parse(shuffled)) == []
    assert document


def test_digits_beyond_a_float_are_kept() -> None:
    assert differences(parse('{"a": 0.1234567890123456789}'), parse('{"a": 0.12345678901234568}'))


def test_a_key_twice_is_no_document() -> None:
    with pytest.raises(ValueError, match="twice"):
        parse('{"a": 1, "a": 1}')


@contextmanager
def answering(post: tuple[int, str], get: tuple[int, str]) -> Iterator[str]:
    """A service that always answers the same."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(*post)

        def do_GET(self) -> None:
            self.answer(*get)

        def answer(self, status: int, text: str) -> None:
            asked.append(f"{self.command} {self.path}")
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """The record as a file."""
    path = tmp_path / "record.json"
    path.write_text(SENT)
    return path


def test_posted_and_read_back(sample: Path) -> None:
    with answering((201, "{}"), (200, SENT)) as url:
        assert post_and_read(url, sample) == []


@pytest.mark.parametrize(
    ("post", "get", "expected"),
    [
        ((200, ""), (200, SENT), "POST /rest/records answered 200, not 201"),
        ((422, "no speed"), (200, SENT), "answered 422, not 201: no speed"),
        ((201, ""), (404, "none"), "GET /rest/read/json/latest/202004285 answered 404, not 200: none"),
        ((201, ""), (200, "<html>"), "did not answer with JSON"),
        ((201, ""), (200, "[]"), "the document was sent as"),
    ],
)
def test_wrong_answers(sample: Path, post: tuple[int, str], get: tuple[int, str], expected: str) -> None:
    with answering(post, get) as url:
        assert expected in post_and_read(url, sample)[0]


def test_no_answer(sample: Path) -> None:
    assert "does not answer" in post_and_read("http://127.0.0.1:9", sample)[0]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"userId": "1"}'])
def test_unusable_sample(tmp_path: Path, text: str) -> None:
    path = tmp_path / "record.json"
    path.write_text(text)
    with pytest.raises(RehearsalError, match="the sample record"):
        post_and_read("http://127.0.0.1:9", path)
