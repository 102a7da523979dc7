"""Records that another client posts appear by themselves."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.page.processes import Service, record, request, served
from tests.page.shown import Shown

pytestmark = pytest.mark.browser

NOW = int(time.time() * 1000)


def test_a_record_of_another_client_appears_everywhere_without_reload(
    shown: Shown, service: Service, page: str
) -> None:
    service.post(record(11, NOW, heartRate2=81, speed=1.5, lattitude=45.1, longitude=-75.1))
    shown.open(page, 11, rows=1)
    shown.browser.run("window.loadedOnce = true")
    service.post(record(11, NOW + 5_000, heartRate2=97, speed=2.25, lattitude=45.1005, longitude=-75.1005))
    shown.until_rows(2)
    assert shown.column(2) == ["97", "81"]
    assert shown.column(3) == ["2.25", "1.50"]
    assert shown.column(4) == ["45.10050", "45.10000"]
    assert shown.column(5) == ["-75.10050", "-75.10000"]
    assert (shown.text("#latest-rate"), shown.text("#latest-speed")) == ("97", "2.25")
    assert shown.text("#latest-place") == "45.10050°, -75.10050°"
    assert [shown.points(name) for name in ("heart-rate", "speed", "track")] == [2, 2, 2]
    assert shown.browser.run("document.querySelector('#heart-rate svg').ariaLabel").endswith("at last 97 bpm")
    shown.until("document.querySelector('[data-user=\"11\"]').textContent === '11 45.1005°, -75.1005° 97 bpm'")
    assert shown.browser.run("window.loadedOnce") is True


def test_a_user_nobody_looks_at_appears_in_the_list(shown: Shown, service: Service, page: str) -> None:
    service.post(record(12, NOW))
    shown.open(page, 12)
    service.post(record(13, NOW, heartRate1=66, heartRate2=None, lattitude=None))
    shown.until("document.querySelector('[data-user=\"13\"]').textContent === '13 no position 66 bpm'")
    service.post(record(13, NOW + 1_000, heartRate1=None, heartRate2=67))
    shown.until("document.querySelector('[data-user=\"13\"] .rate').textContent === '67 bpm'")
    assert shown.text("#selected-user") == "User 12"


def test_the_history_is_there_and_ends_at_200(shown: Shown, service: Service, page: str) -> None:
    history = [record(14, NOW - 5_000 * at, heartRate2=60 + at % 50) for at in range(230, 0, -1)]
    status, _, answer = request(f"{service.url}/rest/records:batch", "POST", json.dumps(history).encode())
    assert status == 201, answer
    shown.open(page, 14)
    shown.until("document.getElementById('heart-rate').dataset.points === '200'")
    shown.until_rows(20)
    assert shown.column(2)[:3] == ["61", "62", "63"]


def test_records_count_by_their_time_not_by_their_arrival(shown: Shown, service: Service, page: str) -> None:
    service.post(record(15, NOW, heartRate2=90))
    shown.open(page, 15, rows=1)
    service.post(record(15, NOW - 9_000, heartRate2=70))
    shown.until_rows(2)
    assert shown.column(2) == ["90", "70"]
    assert shown.text("#latest-rate") == "90"
    assert shown.browser.run("document.querySelector('[data-user=\"15\"] .rate').textContent") == "90 bpm"


def test_the_axes_have_units_and_times(shown: Shown, service: Service, page: str) -> None:
    service.post(*(record(16, NOW + 20_000 * at, heartRate2=60 + 5 * at, speed=at / 2) for at in range(10)))
    shown.open(page, 16, rows=10)
    assert shown.text("#heart-rate figcaption") == "Heart rate in beats per minute (bpm)"
    assert shown.text("#speed figcaption") == "Speed in metres per second (m/s)"
    labels = shown.browser.run(
        "[...document.querySelectorAll('#heart-rate .axis text')].map((text) => text.textContent)"
    )
    values = [int(label) for label in labels if ":" not in label]
    times = [label for label in labels if ":" in label]
    assert values[0] <= 60 and values[-1] >= 105 and len({b - a for a, b in pairwise(values)}) == 1
    assert len(times) >= 2
    # No two labels of an axis cover each other.
    boxes = shown.browser.run(
        """[...document.querySelectorAll('#heart-rate .axis text')].filter((text) => text.textContent.includes(':'))
        .map((text) => text.getBoundingClientRect()).map(({ left, right }) => [left, right])"""
    )
    assert all(one[1] < other[0] for one, other in pairwise(boxes))


def test_the_track_shows_start_end_degrees_and_a_true_scale(shown: Shown, service: Service, page: str) -> None:
    # Due north by 0.01 degrees, which is 1,112 m.
    service.post(*(record(17, NOW + 1_000 * at, lattitude=45 + at / 1_000, longitude=-75.5) for at in range(11)))
    shown.open(page, 17)
    shown.until("document.getElementById('track').dataset.points === '11'")
    texts = shown.browser.run("[...document.querySelectorAll('#track text')].map((text) => text.textContent)")
    assert {"Start", "End"} <= set(texts) and any(text.endswith("° N") for text in texts)
    assert any(text.endswith("° W") for text in texts)
    start, end = (
        shown.browser.run(f"(({{ x, y }}) => [x, y])(document.querySelector('#track .{name}').getBBox())")
        for name in ("first", "last")
    )
    assert start[0] == pytest.approx(end[0], abs=1) and start[1] > end[1]
    bar = shown.browser.run("document.querySelector('#track .scale path').getBBox().width")
    label = next(text for text in texts if text.endswith(" m") or text.endswith(" km"))
    metres = float(label.split()[0]) * (1_000 if label.endswith("km") else 1)
    assert (start[1] - end[1]) * metres / bar == pytest.approx(1_112, rel=0.02)


def test_a_user_is_chosen_and_stays_after_a_reload(shown: Shown, service: Service, page: str) -> None:
    service.post(record(18, NOW, heartRate2=71), record(19, NOW, heartRate2=72))
    shown.open(page, 18)
    shown.until("document.querySelector('[data-user=\"19\"]')")
    shown.browser.run("document.querySelector('[data-user=\"19\"]').click()")
    shown.until("document.getElementById('latest-rate').textContent === '72'")
    assert shown.text("[aria-selected=true] .who") == "19"
    # What belonged to the other user is gone.
    service.post(record(18, NOW + 1_000, heartRate2=170), record(19, NOW + 1_000, heartRate2=73))
    shown.until_rows(2)
    assert shown.column(2) == ["73", "72"]
    shown.open(shown.browser.run("location.href").split("#")[0], 19)
    shown.until_rows(2)


def test_an_id_keeps_all_its_digits(shown: Shown, service: Service, page: str) -> None:
    great = 2**63 - 25
    service.post(record(great, NOW, heartRate2=55))
    shown.open(page, great)
    shown.until("document.getElementById('latest-rate').textContent === '55'")
    shown.until(f"document.querySelector('[data-user=\"{great}\"]')")
    service.post(record(great, NOW + 1, heartRate2=56))
    shown.until("document.getElementById('latest-rate').textContent === '56'")


def test_a_long_pause_does_not_squeeze_the_charts(shown: Shown, service: Service, page: str) -> None:
    service.post(record(20, 1_588_114_545_442), *(record(20, NOW + 1_000 * at) for at in range(3)))
    shown.open(page, 20, rows=4)
    assert shown.points("heart-rate") == 3
    shown.browser.run("document.getElementById('range-all').click()")
    shown.until("document.getElementById('heart-rate').dataset.points === '4'")


def test_many_users_come_by_the_page(shown: Shown, tmp_path: Path, need_uv: None) -> None:
    with served(tmp_path) as (service, page):
        everybody = [record(user, NOW) for user in range(1, 151)]
        assert request(f"{service.url}/rest/records:batch", "POST", json.dumps(everybody).encode())[0] == 201
        shown.open(page)
        shown.until("document.querySelectorAll('[role=option]').length === 100")
        shown.browser.run("document.getElementById('more').click()")
        shown.until("document.querySelectorAll('[role=option]').length === 150")
        assert shown.browser.run("document.getElementById('more').hidden") is True
        ids = shown.browser.run("[...document.querySelectorAll('.who')].map((who) => Number(who.textContent))")
        assert ids == sorted(ids)


def test_nothing_is_complained_of_and_only_two_hosts_are_asked(shown: Shown, service: Service, page: str) -> None:
    service.post(record(21, NOW))
    shown.open(page, 21, rows=1)
    shown.fill(userId="21", heartRate2="88")
    shown.send()
    shown.until_rows(2)
    assert shown.browser.complaints == []
    assert {url for url in shown.browser.requests if not url.startswith((page, f"{service.url}/"))} == set()
    assert f"{service.url}/rest/stream/21" in shown.browser.requests
