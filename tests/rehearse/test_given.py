"""What a user gives to rehearsed services reaches them, and secrets that AWS holds are made up without being shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from berth.plan import UNKNOWN
from berth.rehearse import Options
from berth.rehearse.errors import RehearsalError
from berth.rehearse.given import MadeUp, assignments, check_services, for_service, read_secrets
from berth.rehearse.local import ELSEWHERE, Local, LocalDatabase


def test_values_are_for_one_service_or_for_all_and_its_own_go_first() -> None:
    given = assignments(["LEVEL=info", "mailer.LEVEL=a=b", "shop.OTHER="])
    assert for_service(given, "mailer") == {"LEVEL": "a=b"}
    assert for_service(given, "shop") == {"LEVEL": "info", "OTHER": ""}
    assert for_service(given, None) == {"LEVEL": "info"}


@pytest.mark.parametrize("text", ["LEVEL", "=x", ""])
def test_what_is_no_assignment_is_an_error_with_an_example(text: str) -> None:
    with pytest.raises(RehearsalError, match=r"--env .* SERVICE.NAME=VALUE, e.g. mailer.LOG_LEVEL=debug"):
        assignments([text])


def test_a_service_that_is_not_there_is_named_with_those_that_are() -> None:
    check_services(["LEVEL", "/etc/shop/a.pem", "shop.LEVEL", "shop./etc/shop/a.pem"], ["shop"])
    with pytest.raises(RehearsalError, match=r"mailr.LEVEL: there is no service 'mailr'; there are: mailer, shop"):
        check_services(["mailr.LEVEL"], ["shop", "mailer"])


def test_secrets_are_read_by_variable_and_by_path(tmp_path: Path) -> None:
    file = tmp_path / "secrets"
    file.write_text("# of the shop\nAPI_KEY='it $is'\nmailer./run/key.pem=\"two\nlines\"\n/run/key.pem=all\n")
    given = read_secrets(file)
    assert for_service(given, "mailer") == {"API_KEY": "it $is", "/run/key.pem": "two\nlines"}
    assert for_service(given, "shop")["/run/key.pem"] == "all"
    assert "it $is" not in repr(Options(secrets=given)) + repr(Local(None, {}, {}, given))


def test_a_file_of_secrets_that_cannot_be_used_says_why_and_shows_no_value(tmp_path: Path) -> None:
    with pytest.raises(RehearsalError, match="cannot be read"):
        read_secrets(tmp_path / "none")
    file = tmp_path / "secrets"
    file.write_text("A=hidden\nTOKEN\n")
    with pytest.raises(RehearsalError, match="gives no value to TOKEN") as error:
        read_secrets(file)
    assert "hidden" not in str(error.value)


def test_a_secret_is_given_or_made_up_and_is_the_same_everywhere() -> None:
    made_up = MadeUp()
    shop = Local(None, {}, {}, {"TOKEN": "given"}, made_up)
    mailer = Local(LocalDatabase("x"), {"BILLING_URL": "http://here"}, {"BERTH_REHEARSE_KEY": "exported"}, {}, made_up)
    assert shop.fill("TOKEN", "a", ELSEWHERE) == "given"
    assert mailer.fill("KEY", "b", ELSEWHERE) == "exported"
    # What this machine has is never made up.
    assert mailer.fill("BILLING_URL", "c", ELSEWHERE) == "http://here"
    assert mailer.fill("DATABASE_PASSWORD", "d", ELSEWHERE) == "x"
    assert made_up.places == []
    value = mailer.fill("TOKEN", "e", ELSEWHERE)
    assert len(value) == 32 and value == Local(None, {}, {}, {}, made_up).fill("TOKEN", "f", ELSEWHERE)
    assert made_up.places == ["e", "f"] and value not in repr(made_up)
    # What the stack itself creates is no secret that lies elsewhere.
    with pytest.raises(RehearsalError, match="only known after creation"):
        mailer.fill("ADDRESS", "g", UNKNOWN)
