"""Does a jump wait until it has held its level for a minute?"""

import random
from decimal import Decimal

import pytest

from market.moves import Volatility, is_jump
from market.numbers import Reason
from market.quality import Judge, Verdict
from tests.market.said import after, batch, judge, tick


def say(court: Judge, mid: str, at: float, symbol: str = "EUR-USD") -> Verdict:
    return court.judge(batch(tick(symbol, mid), at=at))


@pytest.mark.parametrize(
    ("symbol", "within", "beyond"),
    [
        ("EUR-USD", "1.0049", "1.0051"),
        ("USDT-USD", "1.0049", "1.0051"),
        ("BTC-USD", "1.029", "1.031"),
        ("BTC-USD", "0.971", "0.969"),
    ],
)
def test_a_move_beyond_the_floor_of_its_kind_is_a_jump(
    symbol: str, within: str, beyond: str
) -> None:
    for mid, refused in ((within, 0), (beyond, 1)):
        court = judge()
        say(court, "1", 0, symbol)
        assert len(say(court, mid, 5, symbol).refused) == refused


def test_a_jump_is_ten_times_the_usual_move() -> None:
    usual = Volatility(variance=0.001**2)
    one = Decimal(1)
    assert not is_jump(Decimal("1.0099"), one, volatility=usual, kind="fx")
    assert is_jump(Decimal("1.0101"), one, volatility=usual, kind="fx")


def test_volatility_learns_the_deviation_of_five_second_steps() -> None:
    chance, volatility, mid = random.Random(1), Volatility(), Decimal(1)
    for step in range(5000):
        volatility.note(mid, after(5 * step))
        mid *= 1 + Decimal(chance.gauss(0, 0.0004))
    assert abs(volatility.sigma - Decimal("0.0004")) < Decimal("0.00004")


def test_volatility_halves_in_an_hour_of_stillness() -> None:
    volatility = Volatility(level=Decimal(1), at=after(0), variance=0.01)
    for step in range(1, 721):
        volatility.note(Decimal(1), after(5 * step))
    assert volatility.variance == pytest.approx(0.005)


def test_a_jump_is_refused_and_leaves_the_last_price() -> None:
    court = judge()
    say(court, "1.1", 0)
    verdict = say(court, "1.2", 5)
    assert [one.reason for one in verdict.refused] == [Reason.JUMP]
    assert court.track("EUR-USD", "kraken").good.mid == Decimal("1.1")  # type: ignore[union-attr]


def test_a_jump_that_holds_for_a_minute_is_accepted() -> None:
    court = judge()
    say(court, "1.1", 0)
    for at in range(5, 65, 5):
        assert not say(court, "1.2005" if at % 2 else "1.2", at).good
    verdict = say(court, "1.2", 65)
    assert [one.mid for one in verdict.confirmed] == [Decimal("1.2")]
    assert say(court, "1.2001", 70).good


def test_a_confirmed_jump_widens_nothing_that_is_usual() -> None:
    court = judge()
    say(court, "1.1", 0)
    say(court, "1.2", 5)
    assert say(court, "1.2", 65).confirmed
    assert [one.reason for one in say(court, "1.212", 70).refused] == [Reason.JUMP]


def test_a_jump_that_leaves_its_level_starts_anew() -> None:
    court = judge()
    say(court, "1.1", 0)
    say(court, "1.2", 5)
    say(court, "1.25", 35)
    assert not say(court, "1.25", 65).good
    assert say(court, "1.25", 95).confirmed


def test_a_spike_that_comes_back_is_forgotten() -> None:
    court = judge()
    say(court, "1.1", 0)
    say(court, "1.2", 5)
    assert say(court, "1.1001", 10).good
    assert court.track("EUR-USD", "kraken").move is None


def test_no_first_tick_is_a_jump() -> None:
    assert say(judge(), "5", 0).good


def test_no_tick_is_a_jump_after_five_silent_minutes() -> None:
    court = judge()
    say(court, "1.1", 0)
    assert say(court, "1.2", 301).good
