"""The form that posts a record."""

from __future__ import annotations

import time

import pytest

from tests.page.processes import Service, record
from tests.page.shown import Shown

pytestmark = pytest.mark.browser

NOW = int(time.time() * 1000)
RESULT = "document.getElementById('form-result').textContent"
PROBLEM = "document.getElementById('form-problem').textContent"


def test_a_record_is_posted_and_shown(shown: Shown, service: Service, page: str) -> None:
    service.post(record(31, NOW - 60_000))
    shown.open(page, 31, rows=1)
    shown.fill(userId="32", heartRate2="77", speed="3.5", lattitude="-33.86", longitude="151.2")
    before = int(time.time() * 1000)
    shown.send()
    shown.until(f"{RESULT}.startsWith('Stored for user 32 at ')")
    shown.until("document.getElementById('selected-user').textContent === 'User 32'")
    shown.until_column(2, ["77"])
    (stored,) = service.records(32)
    assert before <= stored["tsStart"] == stored["tsStop"] <= time.time() * 1000
    given = {key: value for key, value in stored.items() if value is not None and not key.startswith("ts")}
    assert given == {"userId": 32, "heartRate2": 77, "speed": 3.5, "lattitude": -33.86, "longitude": 151.2}


def test_defaults_are_the_selected_users_and_what_is_typed_stays(shown: Shown, service: Service, page: str) -> None:
    service.post(record(33, NOW, lattitude=12.25, longitude=-7.5))
    shown.open(page, 33, rows=1)
    values = "['userId', 'lattitude', 'longitude'].map((name) => document.querySelector(`#form [name=${name}]`).value)"
    shown.until(f"{values}.join() === '33,12.25,-7.5'")
    shown.fill(lattitude="13", userId="33")
    service.post(record(33, NOW + 1, lattitude=14, longitude=15))
    shown.until(f"{values}.join() === '33,13,15'")


def test_an_empty_field_is_null(shown: Shown, service: Service, page: str) -> None:
    shown.open(page, 34)
    shown.fill(userId="34", heartRate2="", speed="0", lattitude="", longitude="")
    shown.send()
    shown.until(f"{RESULT}.startsWith('Stored')")
    (stored,) = service.records(34)
    assert [stored[key] for key in ("heartRate2", "speed", "lattitude", "longitude")] == [None, 0.0, None, None]
    shown.until_rows(1)
    assert shown.column(2) + shown.column(4) == ["\u2013", "\u2013"]


def test_a_refusal_is_explained_field_by_field_and_mended(shown: Shown, service: Service, page: str) -> None:
    shown.open(page, 35)
    shown.fill(userId="nobody", heartRate2="72.5", speed="fast", lattitude="45", longitude="-75")
    shown.send()
    shown.until(f"{PROBLEM}.startsWith('Not stored: ')")
    marked = "[...document.querySelectorAll('#form [aria-invalid=true]')].map((field) => field.name)"
    assert shown.browser.run(marked) == ["userId", "heartRate2", "speed"]
    for name in ("userId", "heartRate2", "speed"):
        assert "valid" in shown.text(f"#{name}-problem")
        assert shown.browser.run(f"document.querySelector('#form [name={name}]').getAttribute('aria-describedby')") == (
            f"{name}-problem"
        )
    assert shown.text("#lattitude-problem") == ""
    assert shown.focused() == "userId"
    assert shown.browser.run("document.querySelector('#form [name=speed]').value") == "fast"
    assert "422" in shown.browser.run(PROBLEM)
    shown.fill(userId="35", heartRate2="72", speed="1")
    shown.send()
    shown.until_rows(1)
    assert shown.browser.run(marked) == [] and shown.browser.run(PROBLEM) == ""
    assert len(service.records(35)) == 1


def test_a_great_id_is_sent_digit_by_digit(shown: Shown, service: Service, page: str) -> None:
    great = 2**53 + 1
    shown.open(page, 36)
    shown.fill(userId=str(great))
    shown.send()
    shown.until(f"{RESULT}.startsWith('Stored for user {great} at ')")
    assert len(service.records(great)) == 1


def test_a_retry_whose_first_answer_was_lost_stores_once(shown: Shown, service: Service, page: str) -> None:
    shown.open(page, 37)
    # The request arrives, its answer does not.
    shown.browser.run(
        """(() => {
          const original = window.fetch;
          window.fetch = async (url, options) => {
            const answer = await original(url, options);
            if (options.method !== 'POST') return answer;
            window.fetch = original;
            throw new TypeError('Failed to fetch');
          };
        })()"""
    )
    shown.fill(userId="37", heartRate2="61")
    shown.send()
    shown.until(f"{PROBLEM}.startsWith('Not known to be stored: the API cannot be reached.')")
    assert len(service.records(37)) == 1
    shown.send()
    shown.until(f"{RESULT}.startsWith('Stored for user 37 at ')")
    assert len(service.records(37)) == 1
    # Posted once more, it is another record.
    shown.browser.run(f"{RESULT.removesuffix('.textContent')}.textContent = ''")
    shown.send()
    shown.until(f"{RESULT}.startsWith('Stored for user 37 at ')")
    assert len(service.records(37)) == 2
