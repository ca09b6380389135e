"""Which bodies does the API read?"""

from typing import Any

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from core.api.strict_json import DEPTH_MAX, StrictJSON, loads, only
from core.errors import Code, Refused

REFUSED = {
    "empty": b"",
    "no object": b"[1]",
    "broken": b'{"a": ',
    "not UTF-8": b'{"a": "\xff"}',
    "encoded surrogate": b'{"a": "\xed\xa0\x80"}',
    "byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "NUL": b'{"a": "x\\u0000"}',
    "NUL in a key": b'{"\\u0000": 1}',
    "surrogate": b'{"a": ["\\ud800"]}',
    "surrogate in a key": b'{"\\udfff": 1}',
    "duplicate key": b'{"a": 1, "a": 1}',
    "duplicate key inside": b'{"b": {"a": 1, "a": 2}}',
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": -Infinity}',
    "1e309": b'{"a": 1e309}',
    "10^400": b'{"a": 1' + b"0" * 400 + b"}",
    "10^5000": b'{"a": 1' + b"0" * 5000 + b"}",
    "deep": b'{"a": ' + b"[" * DEPTH_MAX + b"]" * DEPTH_MAX + b"}",
    "very deep": b'{"a": ' + b"[" * 30000 + b"]" * 30000 + b"}",
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
def test_it_refuses_what_readers_disagree_about(body: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        loads(body)
    assert refusal.value.code is Code.MALFORMED


def test_it_reads_text_of_every_alphabet() -> None:
    body = '{"name": "Zoë \\ud83d\\ude00 数", "amount": "2423.00"}'.encode()
    assert loads(body) == {"name": "Zoë 😀 数", "amount": "2423.00"}


def test_it_reads_nesting_up_to_the_limit() -> None:
    deepest = DEPTH_MAX - 1
    assert loads(b'{"a": ' + b"[" * (deepest - 1) + b"]" * (deepest - 1) + b"}")


def request(body: dict[str, Any]) -> Request:
    return Request(APIRequestFactory().post("/", body, format="json"), parsers=[StrictJSON()])


def test_a_field_it_does_not_know_is_refused_and_not_repeated() -> None:
    with pytest.raises(Refused, match="not one of `amount`, `fixed_side`") as refusal:
        only(request({"amount": "1", "hunter2": "to"}), ["amount", "fixed_side"])
    assert refusal.value.code is Code.MALFORMED
    assert "hunter2" not in str(refusal.value.details) + refusal.value.message


def test_a_body_may_lack_fields() -> None:
    assert only(request({"amount": "1"}), ["amount", "fixed_side"]) == {"amount": "1"}
