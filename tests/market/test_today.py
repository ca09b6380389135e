"""Are today's high, low and change what really happened, for every pair in both directions?"""

from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from market.candles import Candle
from market.today import DayStats, Range, Today
from tests.market.said import MIDNIGHT, NOON, after, pair

D = Decimal
WORTHS = st.decimals("0.5", "2", places=4)


def today(*moves: dict[str, str], at: float = -43_200) -> Today:
    """A day that saw these worths in USD, one after the other."""
    known = Today(MIDNIGHT)
    worths: dict[str, Decimal] = {}
    for step, move in enumerate(moves):
        worths |= {code: D(worth) for code, worth in move.items()}
        known.note(worths, moved=move, at=after(at + step))
    return known


def day(symbol: str, source: str, *figures: str, ago: int = 0) -> Candle:
    opens = MIDNIGHT - timedelta(days=ago)
    opened, high, low, close = map(D, figures)
    return Candle(pair(symbol).id, source, "1d", opens, opened, high, low, close)


def test_high_and_low_are_the_extremes_of_the_ticks() -> None:
    known = today({"EUR": "1.10"}, {"EUR": "1.12"}, {"EUR": "1.09"}, {"EUR": "1.11"})
    assert known.stats("EUR", "USD") == DayStats(D("1.12"), D("1.09"))


def test_inverting_swaps_high_and_low() -> None:
    known = today({"EUR": "1.25"}, {"EUR": "1.6"})
    assert known.stats("USD", "EUR") == DayStats(D("0.8"), D("0.625"))


def test_a_cross_has_the_extremes_of_its_own_mids_not_of_its_legs() -> None:
    known = today({"EUR": "1.0", "GBP": "1.0"}, {"EUR": "1.2", "GBP": "1.2"}, {"GBP": "1.25"})
    assert known.stats("EUR", "GBP") == DayStats(D(1), D("0.96"))
    assert known.stats("GBP", "EUR").low == D(1)


@given(st.lists(st.tuples(WORTHS, WORTHS), min_size=1, max_size=8))
def test_a_cross_never_leaves_the_products_of_extremes(
    moves: list[tuple[Decimal, Decimal]],
) -> None:
    known = today(*({"EUR": str(one), "GBP": str(other)} for one, other in moves))
    euro, pound = known.stats("EUR", "USD"), known.stats("GBP", "USD")
    cross = known.stats("EUR", "GBP")
    assert cross.high == max(one / other for one, other in moves)
    assert cross.low == min(one / other for one, other in moves)
    assert euro.high is not None
    assert pound.low is not None
    assert cross.high <= euro.high / pound.low


def test_a_day_seen_from_later_on_says_since_when() -> None:
    known = today({"EUR": "1.1", "GBP": "1.3"}, at=0)
    assert known.stats("EUR", "USD").since == NOON
    assert known.stats("EUR", "GBP").since == NOON


def test_a_daily_candle_seeds_extremes_and_the_close_before() -> None:
    known = today({"EUR": "1.10"}, at=0)
    known.seed(pair("EUR-USD"), day("EUR-USD", "kraken", "1.1", "1.15", "1.05", "1.1"))
    known.seed(pair("EUR-USD"), day("EUR-USD", "kraken", "1", "1.2", "1", "1.08", ago=1))
    assert known.stats("EUR", "USD") == DayStats(D("1.15"), D("1.05"), D("1.08"))


def test_a_tick_beyond_the_seed_widens_the_range() -> None:
    known = today({"EUR": "1.16"}, at=0)
    known.seed(pair("EUR-USD"), day("EUR-USD", "kraken", "1.1", "1.15", "1.05", "1.1"))
    assert known.stats("EUR", "USD").high == D("1.16")


def test_several_sources_seed_by_their_median() -> None:
    known = Today(MIDNIGHT)
    for source, high in (("kraken", "1.15"), ("coinbase", "1.16"), ("binance", "9")):
        known.seed(pair("EUR-USD"), day("EUR-USD", source, "1.1", high, "1.05", "1.1"))
    assert known.stats("EUR", "USD").high == D("1.16")


def test_a_candle_of_an_inverted_instrument_seeds_upside_down() -> None:
    known = Today(MIDNIGHT)
    known.seed(pair("USD-JPY"), day("USD-JPY", "kraken", "150", "160", "125", "150"))
    stats = known.stats("USD", "JPY")
    assert (stats.high, stats.low) == (D(160), D(125))


def test_simulated_and_real_days_never_mix() -> None:
    known = Today(MIDNIGHT, simulated=frozenset({"EUR"}))
    known.seed(pair("EUR-USD"), day("EUR-USD", "kraken", "1.1", "1.15", "1.05", "1.1"))
    known.seed(pair("EUR-USD"), day("EUR-USD", "simulated", "2.1", "2.2", "2.0", "2.1"))
    assert known.stats("EUR", "USD").high == D("2.2")
    known.simulated = frozenset()
    assert known.stats("EUR", "USD").high == D("1.15")


def test_a_new_day_remembers_the_last_price_before_midnight() -> None:
    known = today({"EUR": "1.1", "GBP": "1.375"})
    known.roll({"EUR": D("1.1"), "GBP": D("1.375")}, at=NOON + timedelta(days=1))
    assert known.stats("EUR", "USD") == DayStats(previous=D("1.1"))
    assert known.stats("EUR", "GBP") == DayStats(previous=D("0.8"))
    assert known.stats("GBP", "EUR").previous == D("1.25")


def test_a_restart_finds_the_day_in_its_minutes() -> None:
    known = Today(MIDNIGHT)
    known.restore(
        {"EUR": Range(D("1.1"), D("0.9"), MIDNIGHT), "GBP": Range(D("2.5"), D("1.8"), MIDNIGHT)},
        {"EUR": [D(1), D(1), None, D(5)], "GBP": [D(2), D("2.5"), D(1), None]},
    )
    known.recall("EUR", D("1.2"), at=MIDNIGHT - timedelta(minutes=1))
    assert known.stats("EUR", "USD") == DayStats(D("1.1"), D("0.9"), D("1.2"))
    assert known.stats("EUR", "GBP") == DayStats(D("0.5"), D("0.4"))


def test_an_old_last_price_gives_way_to_a_sources_daily_close() -> None:
    known = Today(MIDNIGHT)
    known.recall("EUR", D("1.2"), at=MIDNIGHT - timedelta(hours=5))
    assert known.stats("EUR", "USD").previous == D("1.2")
    known.seed(pair("EUR-USD"), day("EUR-USD", "kraken", "1", "1.2", "1", "1.08", ago=1))
    assert known.stats("EUR", "USD").previous == D("1.08")


def test_a_currency_whose_source_changed_starts_anew() -> None:
    known = today({"EUR": "1.1", "GBP": "1.3"})
    known.forget("EUR")
    assert known.stats("EUR", "USD") == DayStats()
    assert known.stats("EUR", "GBP") == DayStats()
    assert known.stats("GBP", "USD").high == D("1.3")
