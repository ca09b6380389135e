"""What does a conversion cost, and what comes out?"""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Code, Refused
from core.money import floor_to
from portfolio import defaults
from portfolio.terms import Currencies, Terms, fixed_from, fixed_to, rate_of, stored

FEE = defaults.FEE_RATE
BPS = Decimal("2.5")


def give(amount: str, mid: str, codes: Currencies) -> Terms:
    return fixed_from(Decimal(amount), mid=Decimal(mid), spread_bps=BPS, fee_rate=FEE, codes=codes)


def test_usd_to_chf_as_decided() -> None:
    terms = give("2423.00", "0.822950", Currencies("USD", 2, "CHF", 2))
    assert terms.fee == Decimal("2.43")
    assert terms.rate == Decimal("0.822744262500")
    assert terms.amount_to == Decimal("1991.51")
    assert terms.residue == Decimal("0.000079479625")


def test_eur_to_jpy_as_decided() -> None:
    terms = give("2500.00", "175.680", Currencies("EUR", 2, "JPY", 0))
    assert (terms.fee, terms.amount_to) == (Decimal("2.50"), Decimal(438_651))
    assert terms.residue == Decimal("0.1098")


def test_jpy_to_usd_as_decided() -> None:
    terms = give("100000", "0.006359290", Currencies("JPY", 0, "USD", 2))
    assert terms.fee == Decimal(100)
    assert terms.rate == Decimal("0.006357700177")
    assert terms.amount_to == Decimal("635.13")


def test_to_get_exactly_100_eur_from_usd_as_decided() -> None:
    terms = fixed_to(
        Decimal("100.00"),
        mid=Decimal("0.895095"),
        spread_bps=BPS,
        fee_rate=FEE,
        codes=Currencies("USD", 2, "EUR", 2),
    )
    assert terms.amount_from - terms.fee == Decimal("111.75")
    assert terms.fee == Decimal("0.12")
    assert terms.amount_from == Decimal("111.87")
    assert terms.amount_to == Decimal("100.00")


def test_the_fee_is_at_least_one_increment() -> None:
    terms = give("1.00", "1", Currencies("EUR", 2, "USD", 2))
    assert terms.fee == Decimal("0.01")


@pytest.mark.parametrize(
    ("amount", "mid", "codes"),
    [
        ("0.01", "1", Currencies("EUR", 2, "USD", 2)),  # the fee takes all of it
        ("1", "0.0063", Currencies("JPY", 0, "USD", 2)),
        ("2", "0.0063", Currencies("JPY", 0, "BTC", 8)),
    ],
)
def test_it_refuses_what_leaves_nothing_after_the_fee(
    amount: str, mid: str, codes: Currencies
) -> None:
    if codes.to_code == "BTC":
        mid = "0.000000001"
    with pytest.raises(Refused) as refusal:
        give(amount, mid, codes)
    assert refusal.value.code is Code.AMOUNT_TOO_SMALL


def test_it_refuses_a_rate_that_rounds_to_nothing() -> None:
    with pytest.raises(Refused) as refusal:
        fixed_to(
            Decimal(1),
            mid=Decimal("0.0000000000001"),
            spread_bps=BPS,
            fee_rate=FEE,
            codes=Currencies("KRW", 0, "BTC", 8),
        )
    assert refusal.value.code is Code.AMOUNT_TOO_SMALL


PLACES = st.sampled_from([0, 2, 6, 8])
MIDS = st.decimals("0.00001", "200000", places=9).map(stored)
SPREADS = st.sampled_from([Decimal(text) for text in ("1.5", "2.5", "5", "25", "100")])
CASES = (st.integers(1, 10**9), MIDS, SPREADS, PLACES, PLACES)


def always(holds: Callable[..., None], *, long: bool) -> None:
    """`holds` for some hundred random conversions, or for 10^5."""
    examples = 100_000 if long else 300
    settings(max_examples=examples, deadline=None)(given(*CASES)(holds))()


def test_debit_and_credit_account_for_every_digit(long: bool) -> None:
    def holds(units: int, mid: Decimal, spread: Decimal, start: int, end: int) -> None:
        codes = Currencies("AAA", start, "BBB", end)
        amount = Decimal(units).scaleb(-start)
        for work in (fixed_from, fixed_to):
            try:
                terms = work(amount, mid=mid, spread_bps=spread, fee_rate=FEE, codes=codes)
            except Refused:
                continue
            net = terms.amount_from - terms.fee
            assert terms.amount_to + terms.residue == floor_to(net * terms.rate, 18)
            assert terms.residue >= 0
            assert terms.fee >= terms.amount_from * FEE
            assert terms.rate < mid

    always(holds, long=long)


def test_no_round_trip_ever_gains(long: bool) -> None:
    def holds(units: int, mid: Decimal, spread: Decimal, start: int, end: int) -> None:
        there, back = Currencies("AAA", start, "BBB", end), Currencies("BBB", end, "AAA", start)
        amount = Decimal(units).scaleb(-start)
        both = {"spread_bps": spread, "fee_rate": FEE}
        try:
            out = fixed_from(amount, mid=mid, codes=there, **both)
            home = fixed_from(out.amount_to, mid=stored(1 / mid), codes=back, **both)
        except Refused:
            return
        assert home.amount_to < amount

    always(holds, long=long)


def test_the_rate_is_cut_never_rounded_up(long: bool) -> None:
    def holds(units: int, mid: Decimal, spread: Decimal, start: int, end: int) -> None:
        rate = rate_of(mid, spread)
        assert rate <= mid * (1 - spread / 10_000) < rate + Decimal("0.000000000001")

    always(holds, long=long)
