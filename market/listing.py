"""Which coins are worth the most? A list in CoinGecko's shape (`coins/markets`), once a day."""

import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from core import clock, http
from core.errors import PlatformError, Retryable
from core.http import Request
from core.push import redis_client
from market import bodies, following, locks
from market.feeds import roster
from market.following import Listed

LISTED_MAX = 250
RANK_MAX = 4 * LISTED_MAX  # a list may leave ranks out
EVERY = timedelta(hours=20)
LOCK_S = 60.0
REST_S = 3600  # after a list that could not be had
QUIET = "market:listing:quiet"
OK = 200
CODE = re.compile(r"[A-Z0-9]{2,10}")
VALUE_MAX, PRICE_MIN = Decimal(10) ** 18, Decimal(10) ** -18  # what the table holds
CENT = Decimal("0.01")


def update() -> str:
    """Fetch the list unless today's is here, and follow it; says what came of it."""
    if not settings.COINS_URL:
        return "not configured"
    with locks.alone("market:listing", forgotten_s=LOCK_S) as alone:
        if not alone:
            return "in flight"
        newest = following.listed_at()
        if redis_client().exists(QUIET) or (newest and clock.now() - newest < EVERY):
            return "nothing to do"
        try:
            listed = read(_fetch(settings.COINS_URL))
        except PlatformError as trouble:
            redis_client().set(QUIET, trouble.message[:200], ex=REST_S)
            return f"failed: {trouble.message}"
        # The simulated market knows the catalog's own coins only.
        added = following.store(listed, at=clock.now(), follows=bool(roster.configured()))
        return f"{len(listed)} listed, newly followed: {', '.join(added) or 'none'}"


def read(body: bytes) -> tuple[Listed, ...]:
    """The usable lines of a list, by rank; raises Retryable where there is none."""
    try:
        lines = json.loads(body, parse_float=Decimal)
        if not isinstance(lines, list):
            raise TypeError("not a list")
    except (ValueError, TypeError, RecursionError) as error:
        raise Retryable(f"The list of coins is not the documented JSON: {error}") from error
    usable: dict[str, Listed] = {}
    for one in sorted(filter(None, map(_line, lines[:LISTED_MAX])), key=lambda line: line.rank):
        usable.setdefault(one.code, one)  # codes are not unique; the larger coin has it
    if not usable:
        raise Retryable("The list of coins has no line that can be used.")
    return tuple(usable.values())


def _line(said: Any) -> Listed | None:
    """One entry of the list; None where it is not usable."""
    try:
        line = Listed(
            code=_text(said["symbol"]).upper(),
            name=" ".join(_text(said["name"]).split())[:60],
            rank=_rank(said["market_cap_rank"]),
            price=Decimal(str(said["current_price"])),
            market_value=Decimal(str(said["market_cap"])).quantize(CENT),
        )
        sound = PRICE_MIN <= line.price < VALUE_MAX and 0 < line.market_value < VALUE_MAX
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return None
    named = CODE.fullmatch(line.code) and line.name and line.name.isprintable()
    return line if sound and named and line.rank else None


def _rank(value: object) -> int:
    """A place in the list; 0 for what is none. Judged first: 1e9999999 takes hours to be an int."""
    rank = Decimal(str(value))
    return int(rank) if 0 < rank <= RANK_MAX else 0


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is no text")
    return value


def _fetch(url: str) -> bytes:
    answer = http.fetch(Request(url, headers={"Accept": "application/json"}))
    text = answer.body.decode(errors="replace")
    bodies.keep("coins", urlsplit(url).path, status=answer.status, body=text)
    if answer.status != OK:
        raise Retryable(f"The list of coins: HTTP {answer.status}")
    return answer.body
