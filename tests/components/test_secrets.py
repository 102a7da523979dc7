"""Secrets that exist already, as the program reads them for a pod."""

from __future__ import annotations

import pytest

from components.berths.eks.secrets import value_of


@pytest.mark.parametrize(
    ("text", "value"), [('{"key": "s3cret"}', "s3cret"), ('{"key": 7}', "7"), ('{"key": {"a": 1}}', '{"a": 1}')]
)
def test_a_field_is_taken_out(text: str, value: str) -> None:
    assert value_of(text, "key", "shop/api") == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"other": "s3cret", "third": 1}', "has no field key; it has: other, third"),
        ("s3cret", "is no JSON object"),
        ('["s3cret"]', "is no JSON object"),
        ("", "holds bytes"),
    ],
)
def test_a_missing_field_is_said_without_the_value(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        value_of(text, "key", "shop/api")
    assert "shop/api" in str(caught.value) and "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__context__ is None


def test_without_a_field_it_is_the_secret_as_a_whole() -> None:
    assert value_of('{"key": "s3cret"}', None, "shop/api") == '{"key": "s3cret"}'
    with pytest.raises(ValueError, match="holds bytes"):
        value_of("", None, "shop/api")
