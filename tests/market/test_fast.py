"""Are the three native addresses as well-behaved as the rest of the site?"""

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest
from django.test import Client

from tests.market.frames import Publisher
from tests.web_process import WebProcess, started

QUOTES = "/api/v1/quotes/"
Event = dict[str, Any]


def events(stream: httpx.Response) -> Iterator[Event]:
    """Server-sent events as a browser reads them: id and data."""
    seen: Event = {}
    for line in stream.iter_lines():
        name, _, value = line.partition(": ")
        if name in ("id", "data"):
            seen[name] = json.loads(value) if name == "data" else value
        elif seen and not line:
            yield seen
            seen = {}


def test_quotes_are_the_board(web: WebProcess, publisher: Publisher) -> None:
    answer = web.get(QUOTES, params={"base": "USD"}).json()
    assert (answer["base"], answer["seq"], len(answer["results"])) == ("USD", 1, 3)
    assert answer["results"][0]["price"] == "0.9"


def test_quotes_are_in_dollars_unless_asked_otherwise(
    web: WebProcess, publisher: Publisher
) -> None:
    assert web.get(QUOTES).json()["base"] == "USD"
    assert web.get(f"{QUOTES}?base=eur").json()["base"] == "EUR"


def test_quotes_follow_the_publisher(web: WebProcess, publisher: Publisher) -> None:
    web.get(QUOTES)
    publisher.delta("USD", "JPY")
    time.sleep(0.2)
    rows = {row["code"]: row for row in web.get(QUOTES).json()["results"]}
    assert (rows["JPY"]["price"], rows["EUR"]["price"]) == ("2", "0.9")


@pytest.mark.parametrize("path", [QUOTES, "/healthz"])
def test_answers_match_their_schema(
    web: WebProcess, publisher: Publisher, client: Client, path: str
) -> None:
    schema = json.loads(client.get("/api/v1/schema/").content)
    content = schema["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    defined = {name: schema["components"]["schemas"][name] for name in ("Board", "BoardRow")}
    for field in defined["BoardRow"]["properties"].values():
        if field.pop("nullable", False):
            field["type"] = [field["type"], "null"]
    told = content["schema"] | {"components": {"schemas": defined}}
    jsonschema.validate(web.get(path).json(), told)


def test_whoever_has_the_board_gets_304(web: WebProcess, publisher: Publisher) -> None:
    first = web.get(QUOTES)
    again = web.get(QUOTES, headers={"If-None-Match": f'"old", {first.headers["etag"]}'})
    publisher.delta("USD", "JPY")
    time.sleep(0.2)
    changed = web.get(QUOTES, headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code, changed.status_code) == (200, 304, 200)
    assert (again.content, again.headers["cache-control"]) == (b"", "max-age=1")


@pytest.mark.parametrize("path", [QUOTES, "/healthz", "/sse/board/?base=XXX", "/sse/board/"])
def test_every_answer_carries_the_security_headers(
    web: WebProcess, publisher: Publisher, path: str
) -> None:
    headers = httpx.head(web.url + path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"


def test_a_request_id_is_kept_or_given(web: WebProcess) -> None:
    kept = web.get("/healthz", headers={"X-Request-ID": "abc-1"}).headers["x-request-id"]
    given = {
        web.get("/healthz", headers={"X-Request-ID": sent}).headers["x-request-id"]
        for sent in ("", "a b", "x" * 65)
    }
    assert kept == "abc-1"
    assert len(given) == 3


@pytest.mark.parametrize("base", ["BTC", "XXX", "", "USDUSD", "%2e%2e", "€"])
def test_it_refuses_an_unknown_base(web: WebProcess, publisher: Publisher, base: str) -> None:
    for path in (QUOTES, "/sse/board/"):
        answer = web.get(path, params={"base": base})
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "unknown_currency"


@pytest.mark.parametrize("query", ["base=%00", "base=%ff", "base=%ed%a0%80"])
def test_it_refuses_bytes_that_are_no_text(
    web: WebProcess, publisher: Publisher, query: str
) -> None:
    answer = web.get(f"{QUOTES}?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")


@pytest.mark.parametrize("path", [QUOTES, "/sse/board/", "/healthz"])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "a@127.0.0.1"])
def test_it_refuses_a_host_that_is_not_ours(web: WebProcess, path: str, host: str) -> None:
    answer = web.get(path, headers={"Host": host})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_it_refuses_other_methods(web: WebProcess, publisher: Publisher, method: str) -> None:
    for path in (QUOTES, "/sse/board/", "/healthz"):
        answer = httpx.request(method, web.url + path)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
        assert answer.json()["error"]["code"] == "method_not_allowed"


def test_head_is_get_without_the_body(web: WebProcess, publisher: Publisher) -> None:
    whole, head = web.get(QUOTES), httpx.head(web.url + QUOTES)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.content))


def test_before_the_first_prices_it_says_not_ready(web: WebProcess) -> None:
    answer = web.get(f"{QUOTES}?base=SEK")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_ready")
    assert answer.headers["retry-after"]


def test_without_redis_it_says_not_ready_but_lives() -> None:
    with started(REDIS_URL="unix:///nowhere/redis.sock") as web:
        answers = web.get(QUOTES), web.get("/healthz")
    assert [answer.status_code for answer in answers] == [503, 200]
    assert answers[0].json()["error"]["code"] == "not_ready"


def test_a_request_is_logged_and_counted(web: WebProcess) -> None:
    web.get("/healthz", headers={"X-Request-ID": "seen-in-the-log"})
    line = web.logged("seen-in-the-log")
    assert (line["request"], line["code"]) == ("GET /healthz", 200)
    counted = 'tradingsite_native_requests_total{path="/healthz",status="200"}'
    assert web.figure(counted) >= 1


def test_the_stream_says_what_the_socket_says(web: WebProcess, publisher: Publisher) -> None:
    with httpx.stream("GET", f"{web.url}/sse/board/?base=USD") as stream:
        heard = events(stream)
        first = next(heard)
        publisher.delta("USD", "JPY")
        second = next(heard)
    assert stream.headers["content-type"] == "text/event-stream"
    assert (first["data"]["type"], first["id"]) == ("snapshot", f"{publisher.epoch}:1")
    assert (second["data"]["type"], second["id"]) == ("delta", f"{publisher.epoch}:2")


def test_the_stream_resumes_after_the_last_event(web: WebProcess, publisher: Publisher) -> None:
    web.get(QUOTES)
    for _ in range(3):
        publisher.delta("USD", "JPY")
    time.sleep(0.2)
    seen = {"Last-Event-ID": f"{publisher.epoch}:2"}
    with httpx.stream("GET", f"{web.url}/sse/board/", headers=seen) as stream:
        heard = events(stream)
        missed = [next(heard), next(heard)]
    assert [(one["data"]["type"], one["data"]["seq"]) for one in missed] == [
        ("delta", 3),
        ("delta", 4),
    ]


def test_a_stream_that_ends_is_forgotten(web: WebProcess, publisher: Publisher) -> None:
    before = web.figure("tradingsite_listeners")
    with httpx.stream("GET", f"{web.url}/sse/board/") as stream:
        heard = events(stream)
        next(heard)
        during = web.figure("tradingsite_listeners")
    time.sleep(0.5)
    after = web.figure("tradingsite_listeners")
    assert (during - before, after - before) == (1, 0)
