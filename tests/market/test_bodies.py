"""What sources literally answered: one a minute, without secrets, taken by whole hours."""

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core import objects
from core.push import redis_client
from market import bodies, lake, listing, recovery
from market.feeds.coinbase import Coinbase
from market.feeds.oanda import Oanda
from tests.far_side import far_side
from tests.venue import oanda
from tests.venue.server import VenueServer

HOUR = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    forget()
    yield
    forget()


def forget() -> None:
    redis_client().delete(bodies.STREAM, *redis_client().scan_iter("market:body:*"))
    bodies._noted.clear()


def kept() -> list[dict[str, object]]:
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    return [json.loads(one.line) for h in (0, 1) for one in bodies.of_hour(now - h * bodies.HOUR)]


def say(at: datetime, source: str, body: str) -> None:
    """A body that came then."""
    line = bodies._packed(source, "/ticker", 200, body)
    number = f"{bodies._milliseconds(at)}-*"
    redis_client().xadd(bodies.STREAM, {"source": source, "line": line}, id=number)


def test_the_first_answer_of_a_minute_is_kept_as_it_was(world: VenueServer) -> None:
    feed = Coinbase()
    feed.fetch(("BTC-USD",))
    feed.fetch(("BTC-USD",))
    (body,) = kept()
    assert (body["source"], body["status"]) == ("coinbase", 200)
    assert str(body["path"]).startswith("/coinbase/")
    assert "BTC-USD" in str(body["body"])


def test_an_answer_that_is_no_use_is_kept_too(world: VenueServer) -> None:
    world.coinbase.spoil("html")
    with pytest.raises(Exception, match="html_body"):
        Coinbase().fetch(("BTC-USD",))
    assert "Just a moment" in str(kept()[0]["body"])


def test_neither_token_nor_account_is_kept(world: VenueServer, settings) -> None:
    settings.OANDA_TOKEN = oanda.TOKEN
    Oanda().fetch(("EUR-USD",))
    (body,) = kept()
    assert body["path"] == "/v3/accounts/account/pricing"
    assert oanda.TOKEN not in str(body)
    assert oanda.ACCOUNT not in str(body)


def test_the_list_of_coins_is_kept(settings) -> None:
    settings.FETCH_ALLOWED = ["127.0.0.1/32"]
    with far_side() as far:
        listing._fetch(far.say("/coins", b'[{"symbol": "btc"}]'))
    (body,) = kept()
    assert (body["source"], body["body"]) == ("coins", '[{"symbol": "btc"}]')


def test_secrets_in_a_body_are_masked_and_huge_ones_left_out() -> None:
    bodies.keep("a", "/", status=200, body='{"echo": "Bearer abc.def"}')
    bodies.keep("b", "/", status=200, body="x" * (bodies.BODY_MAX + 1))
    (body,) = kept()
    assert body["body"] == '{"echo": "Bearer …'


def test_trouble_with_redis_is_none_of_a_feeds(lose_redis: Callable[[], None]) -> None:
    lose_redis()
    bodies.keep("a", "/", status=200, body="{}")


def test_whole_hours_are_written_once_by_source(tmp_path: Path) -> None:
    redis_client().xadd(bodies.STREAM, {"other": "shape"}, id=f"{bodies._milliseconds(HOUR)}-*")
    say(HOUR, "coinbase", "other")
    for minute in (0, 30, 59):
        say(HOUR + timedelta(minutes=minute), "kraken", f"answer {minute}")
    say(HOUR + timedelta(minutes=61), "kraken", "next hour")
    place = objects.Folder(tmp_path)
    assert lake.write_bodies(place, HOUR + timedelta(minutes=61)) == 2
    assert lake.write_bodies(place, HOUR + timedelta(minutes=61)) == 0
    key = "raw/source=kraken/date=2026-11-20/hour=09.jsonl.gz"
    lines = gzip.decompress(place.get(key)).decode().splitlines()
    assert [json.loads(line)["body"] for line in lines] == ["answer 0", "answer 30", "answer 59"]
    assert recovery.verify(place).findings == ()


def test_what_was_not_written_waits_and_what_was_is_let_go(tmp_path: Path) -> None:
    say(HOUR, "kraken", "first")
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(Exception, match="raw/source=kraken"):
        lake.write_bodies(objects.Folder(blocked), HOUR + timedelta(hours=3))
    assert bodies.first_hour() == HOUR
    assert lake.write_bodies(objects.Folder(tmp_path), HOUR + timedelta(hours=3)) == 1
    assert bodies.first_hour() is None
