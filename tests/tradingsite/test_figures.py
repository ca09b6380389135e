"""Numbers as people read them: the cases of the design's pictures."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core import clock
from tradingsite.templatetags import figures, instrument_figures

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 30, 14, 32, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("price", "kind", "parts"),
    [
        ("0.895094", "fiat", ("0.89", "50", "9")),
        ("157.2501", "fiat", ("157.", "25", "0")),
        ("7.84569", "fiat", ("7.84", "56", "9")),
        ("1380.254", "fiat", ("1\u2009380.", "25", "")),
        ("0.006359290", "fiat", ("0.0063", "59", "3")),
        ("68923.67", "crypto", ("68\u2009923.", "67", "")),
        ("88.2144", "crypto", ("88.2", "14", "")),
        ("1.34671", "crypto", ("1.34", "67", "")),
        ("0.000000123456", "crypto", ("0.000000123", "46", "")),
    ],
)
def test_a_price_falls_into_head_pips_and_tenth(price, kind, parts):
    assert figures.price_parts(Decimal(price), kind) == parts


def test_pips_are_marked_up_for_the_eye():
    assert figures.px("0.89509") == (
        '<span class="num"><span class="px-h">0.89</span><span class="px-p">50</span>'
        '<span class="px-f">9</span></span>'
    )


@pytest.mark.parametrize("nothing", [None, "", "NaN", "Infinity", "abc"])
def test_what_is_not_a_number_is_a_dash_with_its_reason(nothing):
    assert "not known yet" in figures.px(nothing)
    assert figures.rate(nothing) == "—"


def test_low_and_high_go_without_the_tenth_of_a_pip():
    assert figures.rate_short("0.892249") == "0.8922"
    assert figures.rate_short("157.088") == "157.09"
    assert figures.rate_short("67872.58", "crypto") == "67\u2009872.58"


@pytest.mark.parametrize(
    ("percent", "way", "text"),
    [
        ("0.361", "up", "+0.36\u2009%"),
        ("-0.384", "down", "\u22120.38\u2009%"),
        ("0.004", "flat", "0.00\u2009%"),
        ("-0.004", "flat", "0.00\u2009%"),
        ("1234.5", "up", "+1\u2009234.50\u2009%"),
    ],
)
def test_a_change_carries_sign_and_direction(percent, way, text):
    assert figures.direction(percent) == way
    assert figures.percent_text(percent) == text
    assert f'class="chg {way}"' in figures.change(percent)


@pytest.mark.parametrize(
    ("amount", "code", "text"),
    [
        ("2500", "EUR", "2\u2009500.00"),
        ("438650", "JPY", "438\u2009650"),
        ("0.04120000", "BTC", "0.0412"),
        ("0.00000001", "BTC", "0.00000001"),
        ("1", "ETH", "1.0000"),
        ("-12.5", "USD", "\u221212.50"),
    ],
)
def test_amounts_use_their_currencys_decimals(amount, code, text):
    assert figures.digits(amount, code) == text


def test_units_stand_behind_and_prose_gets_the_narrow_fixed_space():
    assert figures.money("2500", "EUR") == "2\u2009500.00\u00a0EUR"
    assert figures.said("2500", "EUR") == "2\u202f500.00\u00a0EUR"
    assert figures.signed("69.84", "USD") == "+69.84\u00a0USD"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.42, "0.4\u00a0s"),
        (9.97, "9\u00a0s"),
        (59, "59\u00a0s"),
        (240, "4\u00a0min"),
        (10800, "3\u00a0h"),
        (86400 * 2, "28 Oct"),
        (-1, "0.0\u00a0s"),
    ],
)
def test_an_age_is_as_fine_as_it_is_young(seconds, text):
    with clock.frozen(NOW):
        assert figures.age(NOW - timedelta(seconds=seconds)) == text


def test_a_day_names_its_year_where_that_is_not_the_year_by_our_clock() -> None:
    day = datetime(2019, 10, 30, 12, tzinfo=UTC)
    assert figures.short_day(day) == "30 Oct 2019"
    with clock.frozen(day + timedelta(days=1)):
        assert figures.short_day(day) == "30 Oct"


def test_moments_name_day_time_and_zone():
    assert figures.moment(NOW) == "30 Oct 2026, 14:32:08\u00a0UTC"


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("Williams %R is -82.0: down", "Williams %R is −82.0: down"),
        (
            "below the average of 20 candles, 71355.6.",
            "below the average of 20 candles, 71\u202f355.6.",
        ),
        ("one candle between 1234.5 and 999", "one candle between 1234.5 and 999"),
        ("near -100 and 100, of 2026-11-20", "near −100 and 100, of 2026-11-20"),
        ("is -100: the low at 17:00", "is −100: the low at 17:00"),
        ("BTC-USD rose by +0.19 %", "BTC-USD rose by +0.19\u202f%"),
    ],
)
def test_figures_in_sentences_are_written_as_everywhere(sentence: str, shown: str) -> None:
    assert instrument_figures.typeset(sentence) == shown
