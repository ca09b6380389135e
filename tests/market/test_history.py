"""Does the past come from the venues whole, once, and go on where it stopped?"""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core import clock
from core.errors import Code, Refused
from core.push import redis_client
from market import candle_store, candles, catalog, gaps, history
from market.feeds.feed import Trouble
from market.gaps import Gap
from market.simulation import SIMULATED
from tests.venue import coinbase
from tests.venue.server import VenueServer
from tests.venue.state import Venue

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def venues(world: VenueServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """New clients for the new server, asked without the pauses a real venue wants."""
    monkeypatch.setattr(history, "LATER_S", 0.01)
    sweep()
    history._feed.cache_clear()
    yield
    history._feed.cache_clear()
    sweep()


def sweep() -> None:
    client = redis_client()
    client.delete(
        SIMULATED,
        *(
            f"market:{kind}:{name}"
            for kind in ("healed", "quiet", "healing")
            for name in ("kraken", "coinbase")
        ),
    )


def this_hour() -> datetime:
    return gaps.bucket(datetime.now(UTC), HOUR)


def stored(interval: str = "1h", symbol: str = "BTC-USD", source: str | None = None) -> int:
    return len(candles.series(symbol, interval, limit=5000, source=source).candles)


def fetch(hours: int, **wish: str) -> list[history.Outcome]:
    given = {"source": "coinbase"} | wish
    return history.backfill("BTC-USD", "1h", since=this_hour() - hours * HOUR, **given)  # type: ignore[arg-type]


def test_pages_follow_each_other_and_the_forming_candle_is_dropped(world: VenueServer) -> None:
    (outcome,) = fetch(700)
    assert (outcome.stored, stored()) == (700, 700)
    assert len([one for one in world.coinbase.requests if "/candles" in one]) == 3
    assert candles.series("BTC-USD", "1h").candles[-1].open_time == this_hour() - HOUR


def test_doing_it_again_asks_for_nothing_that_is_stored(world: VenueServer) -> None:
    fetch(650)
    world.coinbase.requests.clear()
    (outcome,) = fetch(650)
    assert (outcome.stored, outcome.known) == (0, 650)
    assert not [one for one in world.coinbase.requests if "/candles" in one]


def test_a_fetch_that_broke_off_goes_on_where_it_stopped(world: VenueServer) -> None:
    def breaks(outcome: history.Outcome) -> None:
        world.coinbase.spoil("html")

    with pytest.raises(Trouble):
        history.backfill(
            "BTC-USD", "1h", since=this_hour() - 700 * HOUR, source="coinbase", tell=breaks
        )
    assert stored() == 300
    world.coinbase.heal()
    (outcome,) = fetch(700)
    assert (outcome.known, outcome.stored) == (300, 400)


def test_a_venue_that_asks_to_wait_is_asked_again(world: VenueServer) -> None:
    fetch(1)
    world.coinbase.retry_after_s = 1
    world.coinbase.spoil("rate_limit_429")
    began = time.monotonic()
    with pytest.raises(Trouble):
        fetch(20)
    assert time.monotonic() - began > 4
    world.coinbase.heal()
    assert fetch(20)[0].stored == 20


def test_bad_candles_are_refused_and_the_others_stored(world: VenueServer) -> None:
    at = int(this_hour().timestamp()) - 3600
    good = {"start": str(at), "open": "2", "high": "3", "low": "1", "close": "2", "volume": "5"}
    rows = [
        good,
        *(
            {**good, "start": str(at - 3600)} | bad
            for bad in ({"high": "1"}, {"close": "NaN"}, {"start": str(at - 30)})
        ),
    ]
    world.coinbase.say("/candles", json.dumps({"candles": rows}))
    (outcome,) = fetch(5)
    assert outcome.stored == 1
    assert sum(outcome.refused.values()) == 3
    world.coinbase.bodies.clear()


def test_a_page_that_repeats_its_candles_is_stored_whole_and_counted_once(
    world: VenueServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def repeats(venue: Venue, path: str, query: dict[str, list[str]]) -> Any:
        told = honest(venue, path, query)
        return {"candles": told["candles"] * 3} if path.endswith("/candles") else told

    honest = coinbase.rest
    monkeypatch.setattr(coinbase, "rest", repeats)
    (outcome,) = fetch(400)
    assert (outcome.stored, stored()) == (400, 400)


def test_a_venue_that_fails_keeps_no_other_from_being_asked(
    world: VenueServer, capsys: pytest.CaptureFixture[str]
) -> None:
    world.kraken.spoil("html")
    since = f"{this_hour() - 30 * HOUR:%Y-%m-%dT%H:%M}"
    with pytest.raises(CommandError, match=r"it may be done again. Kraken: "):
        call_command("backfill", "--instrument", "BTC-USD", "--since", since)
    assert "Coinbase: 30 candles stored" in capsys.readouterr().out
    assert stored(source="coinbase") == 30
    world.coinbase.spoil("html")
    with pytest.raises(Trouble):
        fetch(40, source="")


def test_a_page_of_one_late_candle_does_not_end_the_asking(world: VenueServer) -> None:
    at = int(this_hour().timestamp()) - 3600
    late = {"start": str(at), "open": "2", "high": "3", "low": "1", "close": "2", "volume": "5"}
    world.coinbase.say("/candles", json.dumps({"candles": [late]}))
    fetch(700)
    assert len([one for one in world.coinbase.requests if "/candles" in one]) == 3
    world.coinbase.bodies.clear()
    assert (fetch(700)[0].at, stored()) == (this_hour(), 700)


def test_kraken_that_tells_its_last_page_only_is_asked_once(world: VenueServer) -> None:
    (outcome,) = fetch(5000, source="kraken")
    assert len([one for one in world.kraken.requests if "/OHLC" in one]) <= 2
    assert outcome.stored >= 700


def test_a_body_without_a_list_of_candles_is_no_empty_page(world: VenueServer) -> None:
    fetch(1)
    world.coinbase.say("/candles", '{"candles": {"a": 1}}')
    with pytest.raises(Trouble, match="malformed"):
        fetch(20)
    world.coinbase.bodies.clear()
    assert stored() == 1


def test_hours_become_days_with_what_was_there_before() -> None:
    fetch(72)
    days = candles.series("BTC-USD", "1d").candles
    assert 2 <= len(days) <= 3
    assert days[-1].minutes == 1440


def test_what_was_known_at_the_end_counts_with_what_is_brought_before_it(
    world: VenueServer,
) -> None:
    day = this_hour().replace(hour=0) - 48 * HOUR
    for hours in ((14, 24), (0, 24)):  # the last page of the second is known
        since, until = (day + hour * HOUR for hour in hours)
        history.backfill("BTC-USD", "1m", since=since, until=until, source="coinbase")
    found = candles.series("BTC-USD", "4h", end=day + 24 * HOUR).candles
    assert [one.minutes for one in found] == [240] * 6


def test_four_hours_are_made_of_a_venues_hours() -> None:
    since = gaps.bucket(this_hour(), 4 * HOUR) - 40 * HOUR
    history.backfill("BTC-USD", "4h", since=since, source="coinbase")
    assert stored("4h") == 10


def test_what_no_venue_has_stays_a_gap_with_its_reason(world: VenueServer) -> None:
    start, end = this_hour() - 9 * HOUR, this_hour() - 6 * HOUR
    world.coinbase.outages.append((int(start.timestamp()), int(end.timestamp())))
    fetch(20)
    reason = "not recorded here, and not told by Coinbase"
    assert candles.series("BTC-USD", "1h").gaps == (Gap(start, end, reason),)


def test_an_instrument_no_venue_trades_is_refused_and_nothing_is_stored() -> None:
    with pytest.raises(Refused) as refusal:
        history.backfill("USD-SEK", "1h", since=this_hour() - HOUR)
    assert refusal.value.code is Code.NOT_FOUND
    assert stored(symbol="USD-SEK") == 0


class TestHeal:
    def test_minutes_we_missed_come_from_the_venue(self) -> None:
        history._heal_one(history._feed("market.feeds.kraken.Kraken"), _listed("EUR-USD"))
        found = candles.series("EUR-USD", "1m", limit=700)
        assert len(found.candles) == 700  # of 720; the newest are not asked for yet
        assert {one.source for one in found.candles} == {"kraken"}
        assert stored("1h", "EUR-USD") >= 10

    def test_the_five_minutes_of_a_short_restart_are_whole_soon_after(self) -> None:
        """Four minutes are the venue's, the fifth is still ours alone."""
        pair, opens = _listed("EUR-USD"), this_hour() - HOUR
        flat = [Decimal(1)] * 4
        ours = candles.Candle(pair.id, "kraken", "1m", opens + 4 * HOUR / 60, *flat)
        with clock.frozen(opens + 7 * HOUR / 60), connection.cursor() as cursor:
            candle_store.write(cursor, [ours])
            history._heal_one(history._feed("market.feeds.kraken.Kraken"), pair)
            healed = candles.closed_at(cursor, pair.id, "kraken", "5m", opens)
        assert healed is not None
        assert (healed.minutes, str(healed.close)[:2]) == (5, "1.")

    def test_each_call_takes_the_ones_looked_at_longest_ago(self, world: VenueServer) -> None:
        for _ in range(2):
            history.heal("kraken")
        asked = [one.split("&")[0] for one in world.kraken.requests if "/OHLC" in one]
        assert len(set(asked)) == 2 * history.HEALED_AT_ONCE

    def test_a_venue_that_wants_to_be_left_alone_is(self, world: VenueServer) -> None:
        world.kraken.spoil("rate_limit_429")
        assert history.heal("kraken") == "rate_limited"
        world.kraken.heal()
        world.kraken.requests.clear()
        assert history.heal("kraken") == "left alone"
        assert world.kraken.requests == []

    def test_what_the_venue_lacks_too_is_said(self, world: VenueServer) -> None:
        now = gaps.bucket(datetime.now(UTC), HOUR / 60)
        start, end = now - HOUR, now - HOUR / 2
        world.kraken.outages.append((int(start.timestamp()), int(end.timestamp())))
        history._heal_one(history._feed("market.feeds.kraken.Kraken"), _listed("BTC-USD"))
        (gap, *_) = candles.series("BTC-USD", "1m").gaps
        assert (gap.start, gap.end) == (start, end)
        assert gap.reason.endswith("not told by Kraken")


def _listed(symbol: str) -> catalog.InstrumentInfo:
    pair = catalog.instrument(symbol)
    history._feed("market.feeds.kraken.Kraken").listed([symbol])
    return pair


class TestCommand:
    def test_it_shows_how_far_it_has_come(self, capsys: pytest.CaptureFixture[str]) -> None:
        since = f"{this_hour() - 310 * HOUR:%Y-%m-%dT%H:%M}"
        wish = "--instrument BTC-USD --interval 1h --source coinbase --since"
        call_command("backfill", *wish.split(), since)
        said = capsys.readouterr()
        assert "Coinbase: 310 candles stored, 0 known before." in said.out
        assert "100%" in said.err

    @pytest.mark.parametrize("since", ["0001-01-01T00:00:00+05:00", "1900-01-01", "soon"])
    def test_it_refuses_a_time_that_no_venue_knows(self, since: str) -> None:
        with pytest.raises(CommandError, match="is no day such as 2020-01-01"):
            call_command("backfill", "--instrument=BTC-USD", f"--since={since}")

    def test_it_says_what_it_cannot_do(self) -> None:
        with pytest.raises(CommandError, match="not a listed instrument"):
            call_command("backfill", "--instrument=XXX-USD", "--since=2020-01-01")
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM market_candle")
            assert cursor.fetchone() == (0,)
