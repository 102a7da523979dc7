"""The connection: what is shown of it, and how it is won back."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.page.processes import Service, free_port, page_for, record, served
from tests.page.shown import Shown

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("need_uv")]

NOW = int(time.time() * 1000)
COUNT_CALLS = """(() => {
  const original = window.fetch;
  window.calls = [];
  window.pending = 0;
  window.fetch = (url, options) => {
    window.calls.push({ url: String(url), at: performance.now(), headers: { ...options?.headers } });
    window.pending += 1;
    return original(url, options).finally(() => { window.pending -= 1; });
  };
})()"""


def test_ten_seconds_without_the_api_are_shown_and_lose_no_record(shown: Shown, tmp_path: Path) -> None:
    with served(tmp_path) as (service, page):
        service.post(record(1, NOW - 1, heartRate2=69))
        shown.open(page, 1, rows=1)
        # A second one comes by the stream only, so the history is there by then, and is not read once more.
        service.post(record(1, NOW, heartRate2=70))
        shown.until_rows(2)
        shown.browser.run("window.loadedOnce = true")
        shown.watch_states()
        killed = time.monotonic()
        service.kill()
        shown.until_state("lost")
        said = "/^Connection lost: the API cannot be reached, retrying in [1-5] s$/"
        shown.until(f"{said}.test(document.getElementById('status').textContent)")
        # Meanwhile another replica takes records of this user.
        other = Service(free_port(), tmp_path, {})
        other.start()
        other.post(*(record(1, NOW + at, heartRate2=70 + at) for at in (3, 1, 2)))
        other.kill()
        # The promise is about ten seconds, so ten seconds it is.
        left = 10_000 - (time.monotonic() - killed) * 1000
        shown.browser.run(f"new Promise((resolve) => setTimeout(resolve, {left}))")
        assert time.monotonic() - killed >= 10
        assert shown.states() == ["live", "lost"]
        assert shown.column(2) == ["70", "69"]
        service.start()
        service.post(record(1, NOW + 4, heartRate2=74))
        shown.until_state("live")
        shown.until_rows(6)
        assert shown.column(2) == ["74", "73", "72", "71", "70", "69"]
        assert shown.browser.run("window.loadedOnce") is True
        assert shown.states() == ["live", "lost", "live"]


def test_an_api_that_only_falls_silent_is_lost_too(shown: Shown, tmp_path: Path) -> None:
    with served(tmp_path) as (service, page):
        service.post(record(8, NOW, heartRate2=70))
        shown.open(page, 8, rows=1)
        service.signal(signal.SIGSTOP)
        # Connections stay open, and nothing comes.
        shown.until_state("lost")
        shown.browser.run(COUNT_CALLS)
        service.signal(signal.SIGCONT)
        # The stream's connection may be a dead one: as soon as the list is answered again, there is a new one. Its own
        # silence would be noticed 40 s after the last word, so some 30 s from now.
        shown.until("window.calls.some((call) => call.url.includes('/stream/'))", 20_000)
        service.post(record(8, NOW + 1, heartRate2=71))
        shown.until_rows(2)
        shown.until_state("live")


def test_it_begins_without_the_api_and_finds_it_when_it_comes(shown: Shown, tmp_path: Path) -> None:
    port = free_port()
    with page_for(f"http://127.0.0.1:{port}") as page:
        shown.browser.visit(page)
        shown.until_state("lost")
        service = Service(port, tmp_path, {"CORS_ORIGINS": page.rstrip("/")})
        try:
            service.start()
            shown.until_state("live")
            service.post(record(2, NOW, heartRate2=64))
            shown.until("document.getElementById('latest-rate').textContent === '64'")
        finally:
            service.kill()


@pytest.mark.parametrize(
    "news", ["window.dispatchEvent(new Event('online'))", "document.dispatchEvent(new Event('visibilitychange'))"]
)
def test_news_of_the_network_or_a_look_at_the_page_cut_the_wait_short(shown: Shown, tmp_path: Path, news: str) -> None:
    with served(tmp_path) as (service, page):
        service.post(record(3, NOW))
        shown.open(page, 3, rows=1)
        # A second one comes by the stream only: what is asked again after an outage is the stream, not the history.
        service.post(record(3, NOW + 1))
        shown.until_rows(2)
        shown.browser.run(COUNT_CALLS)
        service.kill()
        # Each wait lasts for more than two seconds by then, and nothing is being asked. What is asked for the news is
        # asked at once, before any timer has its turn.
        asked = shown.browser.run(
            f"""new Promise((resolve) => {{
              (function look() {{
                const waits = /retrying in [3-5] s/.test(document.getElementById('status').textContent);
                if (window.pending || !waits) return setTimeout(look, 20);
                const before = window.calls.length;
                {news};
                setTimeout(() => resolve(window.calls.slice(before)), 300);
              }})();
            }})"""
        )
        assert {call["url"].split("/")[4].split("?")[0] for call in asked} == {"stream", "users"}


def test_a_page_that_nobody_sees_asks_nothing_and_catches_up_when_seen(shown: Shown, tmp_path: Path) -> None:
    with served(tmp_path) as (service, page):
        service.post(record(4, NOW, heartRate2=70))
        shown.open(page, 4, rows=1)
        shown.watch_states()
        look = "Object.defineProperty(document, 'hidden', {{ value: {}, configurable: true }});\
            document.dispatchEvent(new Event('visibilitychange'))"
        shown.browser.run(look.format("true"))
        shown.browser.run(COUNT_CALLS)
        service.post(record(4, NOW + 1, heartRate2=71), record(4, NOW + 2, heartRate2=72))
        # Longer than the list of users is ever left alone.
        shown.browser.run("new Promise((resolve) => setTimeout(resolve, 5000))")
        assert shown.browser.run("window.calls") == []
        assert shown.column(2) == ["70"]
        shown.browser.run(look.format("false"))
        shown.until_rows(3)
        assert shown.states() == ["live"]


def test_answers_that_end_all_the_time_are_no_outage(shown: Shown, tmp_path: Path) -> None:
    with served(tmp_path, {"RESPONSES_BUFFERED": "true"}) as (service, page):
        service.post(record(5, NOW, heartRate2=60))
        shown.open(page, 5, rows=1)
        shown.watch_states()
        shown.browser.run(COUNT_CALLS)
        for at in range(1, 9):
            service.post(record(5, NOW + at, heartRate2=60 + at))
            shown.until_rows(1 + at)
        # Each answer began where the last one had ended.
        streams = shown.browser.run("window.calls.filter((call) => call.url.includes('/stream/'))")
        ids = [int(call["headers"]["last-event-id"]) for call in streams]
        assert len(ids) >= 8 and ids == sorted(ids)
        assert shown.states() == ["live"]


def test_an_answer_that_ends_by_its_time_is_no_outage(shown: Shown, service: Service, page: str) -> None:
    """The real service ends each answer after 25 s; this is as long."""
    service.post(record(6, NOW, heartRate2=60))
    shown.open(page, 6, rows=1)
    shown.watch_states()
    shown.browser.run(COUNT_CALLS)
    shown.until("window.calls.some((call) => call.url.includes('/stream/'))")
    service.post(record(6, NOW + 1, heartRate2=61))
    shown.until_rows(2)
    assert shown.states() == ["live"]


class _Refusing(BaseHTTPRequestHandler):
    """An API behind an authorizer that accepts one token."""

    def do_GET(self) -> None:
        accepted = self.headers.get("authorization") == "Bearer right"
        problem = {"title": "Unauthorized", "detail": "the token has expired"}
        content = json.dumps({"users": [], "next": None} if accepted else problem).encode()
        self.send_response(200 if accepted else 401)
        self._allow()
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_OPTIONS(self) -> None:
        self.send_response(204)
        self._allow()
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _allow(self) -> None:
        self.send_header("access-control-allow-origin", "*")
        self.send_header("access-control-allow-headers", "authorization")


@contextmanager
def refusing() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_refused_token_is_said_and_another_one_helps(shown: Shown) -> None:
    with refusing() as api, page_for(api, "--authorization", "bearer") as page:
        shown.browser.visit(page)
        shown.until("document.getElementById('status').textContent === 'Waiting for a token'")
        assert [url for url in shown.browser.requests if url.startswith(api)] == []
        give = "document.querySelector('#token').value = {!r}; document.querySelector('#token-form button').click()"
        shown.browser.run(give.format("stale"))
        shown.until_state("refused")
        assert shown.text("#status").startswith("Not authorised: the token has expired")
        shown.browser.run(give.format("Bearer right"))
        shown.until_state("live")


def test_a_token_goes_with_every_request_and_is_kept_in_memory_only(shown: Shown, tmp_path: Path) -> None:
    with served(tmp_path, options=["--authorization", "bearer"]) as (service, page):
        service.post(record(7, NOW))
        shown.browser.visit(f"{page}#user=7")
        shown.until("document.getElementById('token').checkVisibility()")
        shown.browser.run(COUNT_CALLS)
        shown.browser.run("document.getElementById('token').focus()")
        shown.browser.type([*"secret", "Enter"])
        shown.until_rows(1)
        shown.fill(userId="7")
        shown.send()
        shown.until_rows(2)
        calls = shown.browser.run("window.calls")
        asked = {call["url"].split("/rest/")[1].split("/")[0].split("?")[0] for call in calls}
        assert asked == {"users", "stream", "records"}
        assert {call["headers"].get("authorization") for call in calls} == {"Bearer secret"}
        kept = "[document.cookie, localStorage.length, sessionStorage.length, document.getElementById('token').value]"
        assert shown.browser.run(kept) == ["", 0, 0, ""]
        assert "secret" not in shown.browser.run("document.documentElement.outerHTML")
        shown.browser.visit(page)
        shown.until("document.getElementById('status').textContent === 'Waiting for a token'")


def test_a_config_that_cannot_be_used_is_said(shown: Shown, page: str) -> None:
    shown.browser.visit(page)
    said = shown.browser.run(
        """(async () => {
          window.fetch = async () => new Response('{"authorization": "none"}');
          const { readConfig } = await import('./js/config.js');
          return readConfig().catch((error) => error.message);
        })()"""
    )
    assert said == 'config.json: "api" is missing; it is the address of the API'
