"""The main job from outside: sign up, convert, see every line, and find it all after a restart."""

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

import httpx
import pytest

from tests.stories.visitor import Visitor
from tests.tradingsite.stack import Stack, wait_until

Answer = dict[str, Any]
WANTED_S, ALLOWED_S = 15.0, 60.0  # of a second start: on a machine of its own, and on a busy one
CENT, RATE = Decimal("0.01"), Decimal("1e-12")
TIMES = 100
KEY = "the-main-job"
LINK = re.compile(r"http://\S+/confirm-email/\S+")


@dataclass(frozen=True, slots=True)
class Evening:
    """What somebody had, did and saw, and what they found after the site was started again."""

    opening: Answer
    address: str
    confirmed: httpx.Response
    answers: list[httpx.Response]
    seen: Answer
    seen_again: Answer
    answered_again: httpx.Response
    second_start_s: float

    @property
    def entry(self) -> Answer:
        """The conversion as it was acknowledged."""
        return dict(self.answers[0].json())


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Evening:
    """The story, told once: two starts on one data folder."""
    folder = tmp_path_factory.mktemp("main-job") / "data"
    with Stack(folder) as stack:
        visitor = Visitor(stack.url).sign_up("mara")
        opening = everything_of(visitor)
        confirmed = httpx.get(link_in_letter(stack))
        path = f"conversion-quotes/{quoted(visitor)['id']}/accept/"
        answers = all_at_once(visitor, path)
        seen = everything_of(visitor)
        address = stack.url
    began = time.monotonic()
    with Stack(folder) as stack:
        second_start_s = time.monotonic() - began
        visitor = visitor.again(stack.url)
        seen_again = everything_of(visitor)
        again = visitor.post(path, key=KEY)
    return Evening(opening, address, confirmed, answers, seen, seen_again, again, second_start_s)


def link_in_letter(stack: Stack) -> str:
    """Where the one letter that was written leads."""
    (letter,) = stack.data.mail.iterdir()
    found = LINK.search(letter.read_text())
    assert found
    return found[0]


def quoted(visitor: Visitor) -> Answer:
    """A quote for the 2,423 USD of the story, as soon as the market speaks."""
    wish = {"account": visitor.account(), "from": "USD", "to": "CHF", "amount": "2423.00"}
    wait_until(lambda: visitor.post("conversion-quotes/", wish).is_success, timeout_s=60)
    return dict(visitor.post("conversion-quotes/", wish).json())


def all_at_once(visitor: Visitor, path: str) -> list[httpx.Response]:
    """One key, a hundred times, over ten connections."""
    ten = [visitor.again() for _ in range(10)]
    with ThreadPoolExecutor(len(ten)) as threads:
        return list(threads.map(lambda n: ten[n % 10].post(path, key=KEY), range(TIMES)))


def everything_of(visitor: Visitor) -> Answer:
    """Balances without what they are worth at the moment, and every ledger line."""
    place = f"trading-accounts/{visitor.account()}"
    balances = visitor.get(f"{place}/balances/")["results"]
    return {
        "balances": {one["currency"]: (one["available"], one["held"]) for one in balances},
        "entries": visitor.get(f"{place}/entries/")["results"],
    }


def test_who_signs_up_has_10000_virtual_dollars(evening: Evening) -> None:
    assert evening.opening["balances"] == {"USD": ("10000.00", "0.00")}
    assert [entry["kind"] for entry in evening.opening["entries"]] == ["grant"]


def test_the_letter_leads_to_where_the_site_listens(evening: Evening) -> None:
    assert str(evening.confirmed.url).startswith(f"{evening.address}/accounts/confirm-email/")
    assert evening.confirmed.status_code == 200


def test_the_quote_is_honoured_to_the_last_digit(evening: Evening) -> None:
    quote = {name: evening.entry["quote"][name] for name in ("mid", "spread_bps", "rate", "fee")}
    mid, spread, rate, fee = map(Decimal, quote.values())
    assert rate == (mid * (1 - spread / 10_000)).quantize(RATE, ROUND_DOWN)
    assert fee == Decimal("2.43")
    received = ((2423 - fee) * rate).quantize(CENT, ROUND_DOWN)
    assert evening.seen["balances"] == {"USD": ("7577.00", "0.00"), "CHF": (str(received), "0.00")}


def test_every_ledger_line_is_there(evening: Evening) -> None:
    received, residue = (Decimal(evening.entry["quote"][name]) for name in ("amount_to", "residue"))
    lines = {
        (line["account"], line["currency"]): Decimal(line["amount"])
        for line in evening.entry["postings"]
    }
    assert lines == {
        ("available", "USD"): Decimal("-2423.00"),
        ("house:liquidity", "USD"): Decimal("2420.57"),
        ("house:fees", "USD"): Decimal("2.43"),
        ("house:liquidity", "CHF"): -(received + residue),
        ("available", "CHF"): received,
        ("house:rounding", "CHF"): residue,
    }
    assert evening.seen["entries"] == [evening.entry, *evening.opening["entries"]]


def test_one_key_a_hundred_times_gets_a_hundred_equal_answers(evening: Evening) -> None:
    assert {(one.status_code, one.content) for one in evening.answers} == {
        (200, evening.answers[0].content)
    }
    assert sum("Idempotent-Replayed" in one.headers for one in evening.answers) == TIMES - 1


def test_all_of_it_is_there_after_a_restart(evening: Evening) -> None:
    assert evening.seen_again == evening.seen


def test_the_key_is_known_after_a_restart(evening: Evening) -> None:
    again = evening.answered_again
    assert (again.status_code, again.content) == (200, evening.answers[0].content)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_the_second_start_is_soon_ready(evening: Evening, say: Callable[[str], None]) -> None:
    say(f"second start ready in {evening.second_start_s:.1f} s, wanted {WANTED_S:.0f} s")
    assert evening.second_start_s < ALLOWED_S
