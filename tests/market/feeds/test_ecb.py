"""The European Central Bank's fixings."""

from datetime import UTC, datetime

import pytest

from core import clock
from market.feeds import ecb
from market.feeds.ecb import Ecb
from market.feeds.feed import Trouble
from tests import recorded
from tests.venue.server import VenueServer


def test_the_daily_file_is_one_fixing() -> None:
    (fixing,) = ecb.read(recorded.path("rates_api/ecb_daily.xml").read_text())
    assert fixing.date == "2015-01-07"
    assert (fixing.rates["USD"], fixing.rates["JPY"]) == ("1.1831", "141.17")
    assert len(fixing.rates) == 31


def test_the_90_day_file_is_read_oldest_first() -> None:
    fixings = ecb.read(recorded.path("rates_api/ecb_hist_90d.xml").read_text())
    assert len(fixings) == 65
    assert (fixings[0].date, fixings[-1].date) == ("2019-09-02", "2019-11-29")
    assert fixings[-1].rates["USD"] == "1.0982"


def test_the_first_answer_brings_the_last_90_days(world: VenueServer) -> None:
    feed = Ecb()
    dates = [fixing.date for fixing in feed.fetch(()).fixings]
    assert len(dates) > 60
    assert dates == sorted(set(dates))
    assert len(feed.fetch(()).fixings) == 1


def test_a_gap_is_filled_from_the_90_day_file(world: VenueServer) -> None:
    world.ecb.say("-daily.xml", recorded.path("rates_api/ecb_daily.xml").read_text())
    feed = Ecb()
    feed.fetch(())
    del world.ecb.bodies["-daily.xml"]
    assert len(feed.fetch(()).fixings) > 60


@pytest.mark.parametrize(
    ("fault", "problem"),
    [("html", "html_body"), ("truncated", "malformed"), ("down", "unreachable")],
)
def test_an_unusable_answer_is_named(world: VenueServer, fault: str, problem: str) -> None:
    world.ecb.spoil(fault)
    with pytest.raises(Trouble) as raised:
        Ecb().fetch(())
    assert raised.value.problem == problem


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<Envelope/>",
        "<!DOCTYPE x [<!ENTITY a 'b'>]><Envelope>&a;</Envelope>",
        '<Cube xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref" time="yesterday"/>',
    ],
)
def test_it_refuses_a_file_that_is_not_the_banks(body: str) -> None:
    with pytest.raises(Trouble, match="malformed"):
        ecb.read(body)


@pytest.mark.parametrize(
    ("moment", "pause_s"),
    [
        (datetime(2026, 11, 20, 15, 5, tzinfo=UTC), 300.0),
        (datetime(2026, 11, 20, 9, tzinfo=UTC), 3600.0),
        (datetime(2026, 11, 21, 15, 5, tzinfo=UTC), 3600.0),
    ],
)
def test_it_is_asked_more_often_when_the_fixing_is_due(moment: datetime, pause_s: float) -> None:
    with clock.frozen(moment):
        assert Ecb().pause_s() == pause_s
