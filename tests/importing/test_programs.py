"""The five programs of the application, without containers: who calls whom, and a worker that loses nothing."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .queue_server import served

APPLICATION = Path(__file__).parent / "copilot-app"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def started(name: str, *arguments: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-u", str(APPLICATION / name / "main.py"), *arguments]
    with subprocess.Popen(command, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def asked(url: str, order: Any = None) -> Any:
    """Return what a service answers, once it does."""
    data = json.dumps(order).encode() if order else None
    for _ in range(300):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data), timeout=10) as answer:
                return json.load(answer)
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


def test_an_order_goes_from_the_storefront_to_the_bank_and_into_the_report() -> None:
    shop, orders, payments = (free_port() for _ in range(3))
    base = "http://127.0.0.1"
    with (
        started("payments", "--currency", "EUR", PORT=str(payments), BANK_TOKEN="t"),
        started("orders", PORT=str(orders), PAYMENTS_URL=f"{base}:{payments}/payments"),
        started("storefront", PORT=str(shop), ORDERS_URL=f"{base}:{orders}/orders") as storefront,
    ):
        assert asked(f"{base}:{shop}/alive") == {"alive": True}
        assert asked(f"{base}:{orders}/readyz") and asked(f"{base}:{payments}/healthz") == {"currency": "EUR"}
        assert asked(f"{base}:{shop}/", {"item": "tea"}) == {"item": "tea", "paid": True}
        assert asked(f"{base}:{shop}/") == {"orders": [{"item": "tea", "paid": True}]}
        with started("report", ORDERS_URL=f"{base}:{orders}/orders") as report:
            assert report.wait(20) == 0 and report.stdout is not None
            assert json.loads(report.stdout.read()) == {"event": "report", "orders": 1, "paid": 1}
        storefront.send_signal(signal.SIGTERM)
        assert storefront.wait(20) == 0


def test_a_report_without_the_orders_fails() -> None:
    with started("report", ORDERS_URL=f"http://127.0.0.1:{free_port()}/orders") as report:
        assert report.wait(20) == 1


def test_the_packer_ends_with_no_message_in_hand() -> None:
    with served(5000) as queue, started("packer", QUEUE_ENDPOINT=f"http://127.0.0.1:{queue.port}") as packer:
        while len(queue.deleted) < 50:
            assert packer.poll() is None
            time.sleep(0.01)
        packer.send_signal(signal.SIGTERM)
        assert packer.wait(20) == 0
        assert queue.waiting, "it was stopped under load"
        assert not queue.handed_out and queue.deleted == list(range(len(queue.deleted)))
