"""What did the European Central Bank fix? Units per 1 EUR, once a working day at about 16:00 CET.

The bank publishes the rates for information; it discourages their use for transactions.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree as Xml
from zoneinfo import ZoneInfo

import httpx
from django.conf import settings

from core import clock
from market import bodies, venue_address
from market.feeds import bounded
from market.feeds.answers import trouble
from market.feeds.feed import Trouble
from market.inbox import Batch, RawFixing

DAILY = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml"
LAST_90_DAYS = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist-90d.xml"
CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
TIMEOUT_S = 4.0
SATURDAY = 5
FRANKFURT = ZoneInfo("Europe/Berlin")
FIXING_HOURS = range(14, 19)  # published at about 16:00 there
A_DAY = timedelta(days=1)


class Ecb:
    """The daily file; the 90-day file too when this process has not seen the day before."""

    name = "ecb"

    def __init__(self) -> None:
        self._seen: date | None = None

    def fetch(self, symbols: Sequence[str]) -> Batch:
        """The latest fixings, oldest first; raises Trouble."""
        fixings = read(_get(DAILY))
        newest = date.fromisoformat(fixings[-1].date)
        if self._seen is None or newest - self._seen > A_DAY:
            older = read(_get(LAST_90_DAYS))
            fixings = [fixing for fixing in older if fixing.date != fixings[-1].date] + fixings
        self._seen = newest
        return Batch(self.name, "rest", clock.now(), fixings=tuple(fixings))

    def pause_s(self) -> float:
        """Five minutes in the hours of a working day when the fixing appears, else an hour."""
        there = clock.now().astimezone(FRANKFURT)
        return 300.0 if there.weekday() < SATURDAY and there.hour in FIXING_HOURS else 3600.0


def read(body: str) -> list[RawFixing]:
    """The fixings in one of the bank's XML files, oldest first; raises Trouble `malformed`."""
    try:
        if "<!DOCTYPE" in body:  # the bank's files have none, and entities can explode
            raise ValueError("document type declared")
        days = [cube for cube in Xml.fromstring(body).iter(CUBE) if "time" in cube.attrib]  # noqa: S314
        fixings = [
            RawFixing(
                date.fromisoformat(day.attrib["time"]).isoformat(),
                {cube.attrib["currency"]: cube.attrib["rate"] for cube in day},
            )
            for day in days
        ]
    except (Xml.ParseError, ValueError, KeyError) as error:
        raise Trouble("malformed", f"{type(error).__name__}: {error}") from error
    if not fixings:
        raise Trouble("malformed", "no fixing in the file")
    return sorted(fixings, key=lambda fixing: fixing.date)


def _get(address: str) -> str:
    """The body at one of the bank's addresses; raises Trouble."""
    moved = settings.EXCHANGES.get("ecb")
    base_url = moved.base_url if moved else None
    where = venue_address.moved(address, base_url=base_url, ws_url=None)
    try:
        with httpx.Client(timeout=TIMEOUT_S) as client:
            answer = bounded.get(client, where)
    except httpx.HTTPError as error:
        raise trouble(None, error) from error
    bodies.keep("ecb", urlsplit(address).path, status=answer.status, body=answer.body)
    if answer.is_success and "<html" not in answer.body[:500].lower():
        return answer.body
    raise trouble(answer)
