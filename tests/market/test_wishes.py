"""Are wishes for indicators read as people write them, and refused where they make no sense?"""

import pytest

from core.errors import Code, Refused
from market.studies import STUDIES, parse
from market.studies.wishes import parse_all


def test_a_name_alone_takes_the_defaults() -> None:
    wish = parse("RSI")
    assert wish.parameters == {"length": 14}
    assert (wish.is_default, wish.text) == (True, "rsi")


def test_parameters_follow_the_name_in_their_order() -> None:
    wish = parse("macd:10:30")
    assert wish.parameters == {"fast": 10, "slow": 30, "signal": 9}
    assert wish.text == "macd:10:30:9"
    assert parse(wish.text) == wish


def test_no_digit_of_a_parameter_is_lost() -> None:
    assert parse(parse("bollinger:20:2.1234567").text) == parse("bollinger:20:2.1234567")


def test_defaults_written_out_are_still_the_defaults() -> None:
    assert parse("bollinger:20:2.0") == parse("bollinger")


def test_a_query_gives_parameters_beside_the_names() -> None:
    wishes = parse_all("rsi,macd, rsi:9", {"rsi": "21", "macd": "5,20,5"})
    assert [wish.text for wish in wishes] == ["rsi:21", "macd:5:20:5", "rsi:9"]


@pytest.mark.parametrize(
    "text",
    ["rsi:1", "rsi:201", "rsi:2.5", "rsi:x", "rsi:-4", "rsi:nan", "rsi:14:3", "macd:26:12", "rsi:"],
)
def test_it_refuses_parameters_out_of_bounds(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse(text)
    assert refusal.value.code is Code.MALFORMED


def test_it_refuses_an_indicator_we_do_not_know() -> None:
    with pytest.raises(Refused) as refusal:
        parse("magic")
    assert refusal.value.code is Code.NOT_FOUND


@pytest.mark.parametrize("names", ["", ",", ",".join(f"rsi:{n}" for n in range(2, 23))])
def test_it_refuses_no_names_and_too_many(names: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_all(names, {})
    assert refusal.value.code is Code.MALFORMED


@pytest.mark.parametrize("study", STUDIES.values(), ids=list(STUDIES))
def test_every_indicator_says_what_it_means_and_when_it_begins(study) -> None:
    assert len(study.meaning) > 40
    assert study.warm_up(study.defaults) >= 0
    assert all(one.low <= one.default <= one.high for one in study.parameters)
