"""Is this the same request again?"""

from typing import Any

import pytest
from django.test import Client

pytestmark = [pytest.mark.urls("tests.core.endpoints")]


def post(path: str, body: str, key: str | None = None) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return Client().post(path, body, content_type="application/json", headers=headers)


def test_it_asks_for_a_missing_key() -> None:
    response = post("/api/v1/keyed/", "{}")
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "idempotency_key_missing"


def test_a_key_may_be_left_out_where_it_is_optional() -> None:
    assert post("/api/v1/echo/", "{}").json()["key"] is None


@pytest.mark.parametrize("key", ["", "a b", "k" * 129, "schlüssel", "tab\t", "a,b"])
def test_it_refuses_a_key_that_is_not_visible_ascii(key: str) -> None:
    response = post("/api/v1/echo/", "{}", key)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "malformed"


def test_the_longest_key_is_taken() -> None:
    assert post("/api/v1/keyed/", "{}", "~" * 128).json()["key"] == "~" * 128


def test_order_and_spaces_of_the_body_do_not_change_the_hash() -> None:
    first = post("/api/v1/echo/", '{"a": "1", "b": {"c": "2"}}').json()["hash"]
    again = post("/api/v1/echo/", '{"b":{"c":"2"},"a":"1"}').json()["hash"]
    assert first == again
    assert len(first) == 64


def test_another_body_or_path_has_another_hash() -> None:
    hashes = {
        post("/api/v1/echo/", '{"a": "1"}').json()["hash"],
        post("/api/v1/echo/", '{"a": "1.0"}').json()["hash"],
        post("/api/v1/keyed/", '{"a": "1"}', "k").json()["hash"],
    }
    assert len(hashes) == 3
