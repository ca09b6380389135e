"""Is every line of the board right, on every base?"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal

import pytest

from core.clock import iso
from core.errors import Code, Refused
from core.push import redis_client
from market import board
from market.board import NO_PRICE, Row
from market.inbox import RawTick
from market.pricing import Memory
from market.today import worth_of
from tests.market.said import NOON, after, batch, memory, tick


def row(known: Memory, base: str, code: str) -> Row:
    legs = {worth_of(pair)[0]: known.prices.get(pair.symbol) for pair in known.direct}
    return board.row(
        known.listing.currencies[code],
        base=base,
        legs={code: price for code, price in legs.items() if price},
        today=known.today,
        book=known.book,
    )


@pytest.fixture
def busy() -> Memory:
    """EUR-USD went 1.25, 1.28, 1.2; USD-JPY 160, 150, 155; yesterday they closed at 1.21, 152."""
    known = memory(fixings=True)
    known.today.previous = {"EUR": Decimal("1.21"), "JPY": 1 / Decimal(152)}
    for at, euro, yen in ((0, "1.25", "160"), (1, "1.28", "160"), (2, "1.2", "155")):
        known.take(batch(tick("EUR-USD", euro), tick("USD-JPY", yen), at=at))
        known.judge.track("EUR-USD", "kraken").volatility.variance = 1  # nothing is a jump here
        known.judge.track("USD-JPY", "kraken").volatility.variance = 1
        known.settle(after(at))
    return known


def test_a_fiat_row_is_units_of_it_per_one_base(busy: Memory) -> None:
    assert row(busy, "USD", "JPY") == Row(
        *("JPY", "JPY", "fiat"),
        price="155",
        high="160",
        low="155",
        change_pct="1.973684211",  # 155 / 152
        bid="154.9845",
        ask="155.0155",
        as_of="2026-11-18T12:00:02.000Z",
        state="live",
        source="kraken",
        since="2026-11-18T12:00:00.000Z",
    )


def test_an_inverted_row_turns_everything_upside_down(busy: Memory) -> None:
    euro = row(busy, "USD", "EUR")
    assert (euro.price, euro.high, euro.low) == ("0.8333333333", "0.8333333333", "0.78125")
    assert (euro.bid, euro.ask) == ("0.8332500083", "0.833416675")  # 1 / 1.20012, 1 / 1.19988
    assert euro.change_pct == "0.8333333333"  # 1.21 / 1.2


def test_a_cross_row_has_its_own_extremes_and_change(busy: Memory) -> None:
    yen = row(busy, "EUR", "JPY")
    assert (yen.price, yen.high, yen.low) == ("186", "204.8", "186")
    assert yen.change_pct == "1.13092649"  # 186 / (1.21 * 152)
    euro = row(busy, "JPY", "EUR")
    assert (euro.price, euro.high) == ("0.005376344086", "0.005376344086")


def test_a_reference_row_shows_the_fixing_and_its_change() -> None:
    krona = row(settled(memory(fixings=True)), "USD", "SEK")
    assert (krona.price, krona.change_pct, krona.state) == ("10", "0", "reference")
    assert (krona.high, krona.low, krona.bid, krona.since) == (None, None, None, None)
    assert krona.reason == "ECB fixing of 17 Nov 2026"
    assert (krona.source, krona.as_of) == ("ecb", "2026-11-17T13:15:00.000Z")


def test_a_reference_row_on_another_base_is_of_two_fixings_of_one_day() -> None:
    known = memory(fixings=True)
    known.take(batch(tick("EUR-USD", "1.13")))
    krona = row(settled(known), "EUR", "SEK")
    assert (krona.price, krona.state) == ("11.2", "reference")
    assert krona.change_pct == "1.818181818"  # 11.2 / 11.0


def test_a_coin_stays_a_price_in_the_base() -> None:
    known = memory()
    known.take(batch(tick("BTC-USD", "70000"), tick("EUR-USD", "1.25")))
    assert row(settled(known), "USD", "BTC").price == "70000"
    assert row(known, "EUR", "BTC").price == "56000"


def test_a_price_has_ten_significant_digits_ties_to_even() -> None:
    known = memory()
    known.take(batch(RawTick("BTC-USD", last="12345.6789025"), RawTick("EUR-USD", last="3")))
    assert row(settled(known), "USD", "BTC").price == "12345.6789"
    assert row(known, "USD", "EUR").price == "0.3333333333"


def test_a_currency_nobody_priced_is_missing_not_zero() -> None:
    empty = row(settled(memory()), "USD", "BTC")
    assert empty == Row("BTC", "BTC", "crypto", reason=NO_PRICE)
    assert {value for value in asdict(empty).values() if value is not None} == {
        *("BTC", "crypto", "stale", "", False, NO_PRICE)
    }


def test_a_row_names_the_sources_that_counted() -> None:
    known = memory()
    for source, mid in (("kraken", "1.1"), ("coinbase", "1.1001"), ("binance", "1.2")):
        known.take(batch(tick("EUR-USD", mid), source=source))
    assert row(settled(known), "USD", "EUR").source == "coinbase, kraken"


def test_a_change_needs_a_price_before_midnight() -> None:
    known = memory()
    known.take(batch(tick()))
    assert row(settled(known), "USD", "EUR").change_pct is None


def settled(known: Memory) -> Memory:
    known.settle(NOON)
    return known


@pytest.mark.django_db
class TestReading:
    @pytest.fixture(autouse=True)
    def nothing_published(self) -> Iterator[None]:
        redis_client().delete(board.channel("USD"))
        yield
        redis_client().delete(board.channel("USD"))

    def test_it_says_not_ready_before_the_first_snapshot(self) -> None:
        with pytest.raises(Refused) as refusal:
            board.snapshot("USD")
        assert refusal.value.code == Code.NOT_READY

    @pytest.mark.parametrize("base", ["XXX", "BTC", "", "\0"])
    def test_only_fiat_currencies_have_a_board(self, base: str) -> None:
        with pytest.raises(Refused) as refusal:
            board.snapshot(base)
        assert refusal.value.code == Code.UNKNOWN_CURRENCY

    def test_it_reads_the_latest_snapshot(self) -> None:
        frame = (
            '{"type":"snapshot","base":"USD","epoch":"e","seq":7,'
            '"as_of":"2026-11-18T12:00:00.000Z","rows":'
            '[{"code":"EUR","name":"Euro","kind":"fiat","price":"0.9"}]}'
        )
        redis_client().set(board.channel("USD"), frame)
        known = board.snapshot("usd")
        assert (known.epoch, known.seq, known.as_of) == ("e", 7, NOON)
        assert known.rows == (Row("EUR", "Euro", "fiat", price="0.9"),)


def test_a_price_left_alone_does_not_stay_live() -> None:
    line = Row("EUR", "Euro", "fiat", price="0.9", as_of=iso(NOON), state="live")
    shown = board.Board("USD", 1, "e", NOON, (line,))
    soon, later = (board.aged(shown, NOON + timedelta(seconds=past)).rows[0] for past in (11, 13))
    assert soon.state == "live"
    assert (later.state, later.reason, later.price) == ("stale", "no new price", "0.9")
