"""Does `/ws/board/` keep its protocol? Against the real process and real Redis frames."""

import json
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from core.push import redis_client
from market.board import WANTED
from tests.market.frames import Publisher
from tests.web_process import WebProcess


def heard(connection: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(connection.recv(timeout=5))
    return message


def eventually(ask: Callable[[], Any]) -> Any:
    """The first answer that is one, within 5 s."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        if answer := ask():
            return answer
        time.sleep(0.05)
    raise AssertionError("nothing came")


def closed_with(connection: ClientConnection) -> int:
    """Read on until the server closes; its code."""
    with pytest.raises(ConnectionClosed) as end:
        all(connection.recv(timeout=5) for _ in iter(int, 1))
    assert end.value.rcvd is not None
    return end.value.rcvd.code


def test_the_first_frame_is_the_snapshot(web: WebProcess, publisher: Publisher) -> None:
    with web.socket("/ws/board/?base=USD") as board:
        first = heard(board)
    assert (first["type"], first["base"], first["seq"]) == ("snapshot", "USD", 1)
    assert [row["code"] for row in first["rows"]] == ["EUR", "JPY", "CHF"]


def test_deltas_follow_by_seq_with_only_what_changed(web: WebProcess, publisher: Publisher) -> None:
    with web.socket("/ws/board/?base=usd") as board:
        heard(board)
        publisher.delta("USD", "JPY")
        publisher.delta("USD", "EUR", "CHF")
        first, second = heard(board), heard(board)
    assert [(one["type"], one["seq"]) for one in (first, second)] == [("delta", 2), ("delta", 3)]
    assert [row["code"] for row in second["rows"]] == ["EUR", "CHF"]


def test_a_late_listener_gets_what_the_deltas_made(web: WebProcess, publisher: Publisher) -> None:
    with web.socket("/ws/board/") as early:
        heard(early)
        publisher.delta("USD", "JPY")
        heard(early)
        with web.socket("/ws/board/") as late:
            first = heard(late)
    prices = {row["code"]: row["price"] for row in first["rows"]}
    assert (first["seq"], prices) == (2, {"EUR": "0.9", "JPY": "2", "CHF": "0.9"})


def test_since_gives_the_missing_deltas(web: WebProcess, publisher: Publisher) -> None:
    with web.socket("/ws/board/") as early:
        heard(early)
        for _ in range(3):
            publisher.delta("USD", "JPY")
            heard(early)
        with web.socket(f"/ws/board/?since={publisher.epoch}:2") as late:
            missed = [heard(late), heard(late)]
    assert [(one["type"], one["seq"]) for one in missed] == [("delta", 3), ("delta", 4)]


@pytest.mark.parametrize("since", ["{epoch}:1", "other:70", "{epoch}:99", "{epoch}:x", ":", "²:²"])
def test_since_gives_a_snapshot_where_deltas_cannot_help(
    web: WebProcess, publisher: Publisher, since: str
) -> None:
    with web.socket("/ws/board/") as early:
        heard(early)
        for _ in range(66):
            publisher.delta("USD", "JPY")
            heard(early)
        with web.socket(f"/ws/board/?since={since.format(epoch=publisher.epoch)}") as late:
            first = heard(late)
    assert (first["type"], first["seq"]) == ("snapshot", 67)


def test_the_base_switches_without_a_new_socket(web: WebProcess, publisher: Publisher) -> None:
    with web.socket("/ws/board/?base=USD") as board:
        heard(board)
        board.send('{"type": "base", "base": "eur"}')
        switched = heard(board)
        publisher.delta("USD", "JPY")
        publisher.delta("EUR", "CHF")
        after = heard(board)
    assert (switched["type"], switched["base"]) == ("snapshot", "EUR")
    assert (after["type"], after["base"]) == ("delta", "EUR")


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ('{"type": "base", "base": "BTC"}', "unknown_currency"),
        ('{"type": "base", "base": "€€€"}', "unknown_currency"),
        ('{"type": "base"}', "malformed"),
        ("[" * 4000, "malformed"),
        ("hello", "malformed"),
    ],
)
def test_it_refuses_a_bad_message_and_goes_on(
    web: WebProcess, publisher: Publisher, message: str, code: str
) -> None:
    with web.socket("/ws/board/?base=USD") as board:
        heard(board)
        board.send(message)
        refusal = heard(board)
        publisher.delta("USD", "JPY")
        after = heard(board)
    assert (refusal["type"], refusal["error"]["code"]) == ("error", code)
    assert (after["type"], after["base"]) == ("delta", "USD")


def test_it_refuses_an_unknown_base(web: WebProcess, publisher: Publisher) -> None:
    with web.socket("/ws/board/?base=XXX") as board:
        refusal = heard(board)
        code = closed_with(board)
    assert (refusal["error"]["code"], code) == ("unknown_currency", 4422)
    assert b"XXX" not in redis_client().zrange(WANTED, 0, -1)


def test_before_the_first_prices_it_says_not_ready(web: WebProcess) -> None:
    with web.socket("/ws/board/?base=SEK") as board:
        refusal = heard(board)
        code = closed_with(board)
    assert (refusal["error"]["code"], code) == ("not_ready", 1013)


def test_what_is_watched_is_wanted(web: WebProcess, publisher: Publisher) -> None:
    with web.socket("/ws/board/?base=EUR") as board:
        heard(board)
        wanted_at = eventually(lambda: redis_client().zscore(WANTED, "EUR"))
    assert abs(time.time() - wanted_at) < 5


def test_a_restarted_publisher_sends_everybody_a_snapshot(
    web: WebProcess, publisher: Publisher
) -> None:
    with web.socket("/ws/board/") as board:
        before = heard(board)
        again = Publisher("USD")
        again.delta("USD", "JPY")
        after, delta = heard(board), heard(board)
    assert (after["type"], delta["type"], delta["seq"]) == ("snapshot", "delta", 2)
    assert after["epoch"] == again.epoch != before["epoch"]


def test_a_gap_is_filled_with_a_snapshot(web: WebProcess, publisher: Publisher) -> None:
    with web.socket("/ws/board/") as board:
        heard(board)
        publisher.seq["USD"] += 1  # a frame that got lost
        publisher.delta("USD", "JPY")
        after = heard(board)
    assert (after["type"], after["seq"]) == ("snapshot", 3)


def test_a_lost_subscription_is_made_again(web: WebProcess, publisher: Publisher) -> None:
    with web.socket("/ws/board/") as board:
        heard(board)
        redis_client().client_kill_filter(_type="pubsub")
        publisher.delta("USD", "JPY")  # nobody listens
        assert heard(board)["seq"] == 2
        publisher.delta("USD", "JPY")
        assert (heard(board)["type"], publisher.seq["USD"]) == ("delta", 3)


def test_an_emptied_redis_costs_nothing(web: WebProcess, publisher: Publisher) -> None:
    with web.socket("/ws/board/") as board:
        heard(board)
        redis_client().flushall()
        publisher.delta("USD", "JPY")
        assert (heard(board)["type"], publisher.seq["USD"]) == ("delta", 2)


def test_a_beat_tells_of_a_frame_that_was_missed(web: WebProcess, publisher: Publisher) -> None:
    with web.socket("/ws/board/") as board:
        heard(board)
        publisher.seq["USD"] += 1
        publisher.store("USD")  # its frame got lost
        publisher.beat("USD")
        assert (heard(board)["type"], publisher.seq["USD"]) == ("snapshot", 2)


def test_a_beat_is_passed_on(web: WebProcess, publisher: Publisher) -> None:
    with web.socket("/ws/board/") as board:
        heard(board)
        publisher.beat("USD")
        assert heard(board)["type"] == "beat"


def test_a_message_that_is_no_frame_harms_nobody(web: WebProcess, publisher: Publisher) -> None:
    with web.socket("/ws/board/") as board:
        heard(board)
        for junk in ("nonsense", "[]", '{"type": "delta"}', '{"type":"delta","rows":[{}]}'):
            redis_client().publish("board:USD", junk)
        publisher.delta("USD", "JPY")
        assert heard(board)["seq"] == 2


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1.evil.example"])
def test_it_refuses_a_foreign_origin(web: WebProcess, publisher: Publisher, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refusal, web.socket("/ws/board/", origin=origin):
        pass
    assert refusal.value.response.status_code == 403


def test_it_refuses_a_host_that_is_not_ours(web: WebProcess, publisher: Publisher) -> None:
    there = socket.create_connection(("127.0.0.1", web.port))
    with pytest.raises(InvalidStatus) as refusal:
        connect("ws://evil.example/ws/board/", sock=there, origin=Origin(web.url))
    assert refusal.value.response.status_code == 403


def test_it_refuses_a_program_without_origin_and_token(
    web: WebProcess, publisher: Publisher
) -> None:
    with pytest.raises(InvalidStatus) as refusal, web.socket("/ws/board/", origin=None):
        pass
    assert refusal.value.response.status_code == 403


def test_it_refuses_an_unknown_address(web: WebProcess) -> None:
    with pytest.raises(InvalidStatus) as refusal, web.socket("/ws/nothing/"):
        pass
    assert refusal.value.response.status_code == 403


@pytest.mark.parametrize("size", [4097, 1_000_000])
def test_a_large_frame_closes_with_1009(web: WebProcess, publisher: Publisher, size: int) -> None:
    with web.socket("/ws/board/") as board:
        heard(board)
        board.send("x" * size)
        assert closed_with(board) == 1009


def test_a_flood_closes_with_1008(web: WebProcess, publisher: Publisher) -> None:
    with web.socket("/ws/board/") as board:
        heard(board)
        for _ in range(11):
            board.send('{"type": "base", "base": "USD"}')
        assert closed_with(board) == 1008


def test_ten_messages_are_no_flood(web: WebProcess, publisher: Publisher) -> None:
    with web.socket("/ws/board/") as board:
        heard(board)
        for _ in range(10):
            board.send('{"type": "base", "base": "USD"}')
        answers = [heard(board)["type"] for _ in range(10)]
    assert answers == ["snapshot"] * 10
