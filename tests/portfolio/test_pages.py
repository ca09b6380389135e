"""What do the pages of money do? Convert, portfolio, receipts and accounts, as a browser asks."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts import preferences
from accounts.models import User
from core.api.throttles import seconds_to_wait
from core.errors import Code
from portfolio import ledger, trading_accounts
from portfolio.models import JournalEntry
from tests import cast
from tests.portfolio import prices
from tests.portfolio.stillness import nothing_moves

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("market")]
TICKET = {"from": "USD", "to": "CHF", "side": "from", "amount_from": "2 423.00"}


@pytest.fixture
def alice() -> User:
    return cast.alice()


@pytest.fixture
def browser(alice: User, client: Client) -> Client:
    client.force_login(alice)
    return client


def ticket(browser: Client, **changed: Any) -> dict[str, Any]:
    """The ticket filled in, with the account that the page carries."""
    page = browser.get("/convert/").content.decode()
    [account] = re.findall(r'name="account" value="([^"]+)"', page)
    return TICKET | {"account": account} | changed


def quoted(browser: Client, **changed: Any) -> str:
    """The quote's fragment for the ticket."""
    form = ticket(browser, **changed)
    answer = browser.post("/convert/quote/", form, headers={"HX-Request": "true"})
    return answer.content.decode()


def confirming(fragment: str) -> tuple[str, dict[str, str]]:
    """Address and fields of the confirming form."""
    [address] = re.findall(r'action="(/convert/quotes/[^"]+/accept/)"', fragment)
    [key] = re.findall(r'name="key" value="([^"]+)"', fragment)
    return address, {"key": key}


def has(user: User, currency: str) -> Decimal:
    return ledger.available(cast.account_of(user), currency)


def test_the_ticket_suggests_two_different_currencies(browser: Client) -> None:
    page = browser.get("/convert/?from=EUR&to=EUR").content.decode()
    assert "EUR to USD" in page or 'value="USD" selected' in page


def test_the_ticket_starts_from_what_one_has_towards_what_one_thinks_in(
    browser: Client, alice: User
) -> None:
    preferences.change(alice, base_currency="GBP")
    assert suggested(browser) == ["USD", "GBP"]
    preferences.change(alice, base_currency="CHF")
    assert suggested(browser) == ["CHF", "EUR"]


def suggested(browser: Client) -> list[str]:
    """The two currencies of a ticket nobody has filled in."""
    return re.findall(r'value="([A-Z]+)" selected', browser.get("/convert/").content.decode())


def test_a_held_rate_shows_what_is_received_and_what_it_costs(browser: Client) -> None:
    fragment = quoted(browser)
    assert "Convert 2\u2009423.00 virtual USD" in fragment
    assert "Total cost against mid" in fragment
    assert "−2.43" in fragment


def test_confirming_moves_exactly_what_was_shown(browser: Client, alice: User) -> None:
    before = has(alice, "USD"), has(alice, "CHF")
    fragment = quoted(browser)
    [received] = re.findall(r'data-amount-to="([^"]+)"', fragment)
    answer = browser.post(*confirming(fragment))
    assert answer.status_code == 302
    assert has(alice, "USD") == before[0] - Decimal("2423.00")
    assert has(alice, "CHF") == before[1] + Decimal(received.replace("\u2009", ""))


def test_confirming_twice_moves_once(browser: Client) -> None:
    form = confirming(quoted(browser))
    browser.post(*form)
    with nothing_moves():
        assert browser.post(*form).status_code == 302


def test_without_scripts_the_whole_page_carries_the_held_rate(browser: Client) -> None:
    page = browser.post("/convert/quote/", ticket(browser)).content.decode()
    assert "<h1>Convert</h1>" in page
    assert "Convert 2\u2009423.00 virtual USD" in page


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("", Code.AMOUNT_INVALID),
        ("0", Code.AMOUNT_INVALID),
        ("-5", Code.AMOUNT_INVALID),
        ("1e30", Code.AMOUNT_INVALID),
        ("1.001", Code.TOO_MANY_DECIMALS),
        ("0.01", Code.AMOUNT_TOO_SMALL),
        ("9999999", Code.AMOUNT_TOO_LARGE),
        ("one", Code.AMOUNT_INVALID),
    ],
)
def test_a_refusal_says_why_and_that_nothing_moved(
    browser: Client, amount: str, code: Code
) -> None:
    with nothing_moves():
        fragment = quoted(browser, amount_from=amount)
    assert code in fragment
    assert "Your money has not moved." in fragment


def test_a_stale_price_is_not_quoted(browser: Client) -> None:
    prices.publish("USD-CHF", "0.82", state="stale", reason="no new price")
    with nothing_moves():
        assert Code.PRICE_STALE in quoted(browser)


def test_a_stranger_can_not_confirm_or_see_my_quote(browser: Client) -> None:
    address, fields = confirming(quoted(browser))
    browser.force_login(cast.charlie())
    with nothing_moves():
        assert browser.post(address, fields).status_code == 404
    assert browser.get(address.replace("accept", "gone")).status_code == 404


def test_a_rate_that_has_gone_says_what_it_would_be_now(browser: Client) -> None:
    address, _ = confirming(quoted(browser))
    prices.publish("USD-CHF", "0.830000")
    page = browser.get(address.replace("accept", "gone")).content.decode()
    assert "That rate has gone" in page
    assert re.search(r"CHF more</strong>", page)


def test_a_rate_that_has_gone_is_told_all_in_as_the_quote_told_it(browser: Client) -> None:
    fragment = quoted(browser)
    shown = re.search(r"1 USD = (.*?) CHF</p>", fragment)
    assert shown
    told = re.sub(r"<[^>]+>", "", shown.group(1))
    address, _ = confirming(fragment)
    page = browser.get(address.replace("accept", "gone")).content.decode()
    assert f"All-in it was {told}," in page
    assert f"Now it is {told}: no difference for you." in page
    assert f"Lock {told} for 15 s" in page


def test_a_rate_that_has_gone_says_what_an_exact_sum_would_cost_now(browser: Client) -> None:
    address, _ = confirming(quoted(browser, side="to", amount_to="100"))
    prices.publish("USD-CHF", "0.830000")
    page = browser.get(address.replace("accept", "gone")).content.decode()
    assert re.search(r"you would pay <strong[^>]*>1\.0\d\sUSD less</strong>", page)


def test_the_receipt_shows_terms_and_every_ledger_line(browser: Client) -> None:
    browser.post(*confirming(quoted(browser)))
    entry = JournalEntry.objects.get(kind=JournalEntry.Kind.CONVERSION)
    page = browser.get(f"/portfolio/receipts/{entry.public_id}/").content.decode()
    for said in ("Rate after spread", "House, fees", "House, rounding", str(entry.public_id)):
        assert said in page


def test_ledger_lines_have_no_decimals_in_a_currency_without(browser: Client) -> None:
    browser.post(*confirming(quoted(browser, to="JPY", amount_from="10.00")))
    entry = JournalEntry.objects.get(kind=JournalEntry.Kind.CONVERSION)
    page = browser.get(f"/portfolio/receipts/{entry.public_id}/").content.decode()
    got = entry.conversion_quote.amount_to
    assert f">{got:,.0f} JPY<".replace(",", "\u2009") in page
    assert ">\u221210.00 USD<" in page


def test_a_receipt_is_for_its_owner_only(browser: Client, alice: User) -> None:
    entry = ledger.entries(cast.account_of(alice)).first()
    browser.force_login(cast.bob())
    assert entry is not None
    assert browser.get(f"/portfolio/receipts/{entry.public_id}/").status_code == 404


def test_the_portfolio_shows_balances_total_and_history(browser: Client) -> None:
    page = browser.get("/portfolio/?base=EUR&kind=grant").content.decode()
    assert "Every balance at mid-market" in page
    assert "10\u2009000.00" in page


@pytest.mark.parametrize(
    "query",
    [
        "kind=nonsense",
        "currency=XXX",
        "since=zzz",
        "until=2026-02-30",
        "until=9999-12-31",
        "since=0001-01-01&until=yesterday",
        "before=abc",
        "before=0",
        f"before=1{'0' * 400}",
        "before=9223372036854775808",
    ],
)
def test_a_filter_that_can_not_be_read_is_said_and_lists_nothing(
    browser: Client, query: str
) -> None:
    page = browser.get(f"/portfolio/?{query}")
    assert page.status_code == 400
    assert "could not be read" in page.content.decode()
    assert "/portfolio/receipts/" not in page.content.decode()
    assert browser.get(f"/portfolio/history.csv?{query}").status_code == 400


def test_days_out_of_order_are_told(browser: Client) -> None:
    page = browser.get("/portfolio/?since=2026-11-22&until=2026-11-20")
    assert page.status_code == 400
    assert "The first day is after the last" in page.content.decode()
    assert browser.get("/portfolio/?since=2026-11-20&until=2026-11-20").status_code == 200


def test_a_filter_may_reach_as_far_as_the_calendar(browser: Client) -> None:
    page = browser.get("/portfolio/?since=0001-01-01&until=9999-12-30").content.decode()
    assert "/portfolio/receipts/" in page


def test_the_history_leaves_as_csv(browser: Client) -> None:
    answer = browser.get("/portfolio/history.csv?kind=grant")
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith("time,entry,kind")
    assert {line.split(",")[2] for line in lines[1:]} == {"grant"}


def test_a_second_account_opens_once_and_is_shown(browser: Client, alice: User) -> None:
    form = {"name": "Experiments", "key": "open-1"}
    for _ in range(2):
        assert browser.post("/portfolio/accounts/", form).status_code == 302
    assert trading_accounts.of(alice).count() == 2
    assert "Portfolio, Experiments" in browser.get("/portfolio/").content.decode()


def test_starting_over_asks_first_and_replaces_the_account(browser: Client, alice: User) -> None:
    old = cast.account_of(alice)
    address = f"/portfolio/accounts/{old.public_id}/reset/"
    with nothing_moves():
        assert "Start" in browser.get(address).content.decode()
    browser.post(address, {"key": "over-1"})
    assert cast.account_of(alice) != old
    assert has(alice, "USD") == Decimal(10_000)


def test_the_key_of_one_form_is_refused_in_the_form_of_another_account(
    browser: Client, alice: User
) -> None:
    first = cast.account_of(alice)
    second = trading_accounts.open_virtual(user=alice, name="Two", key="two", request_hash="h")
    browser.post(f"/portfolio/accounts/{first.public_id}/reset/", {"key": "over"})
    with nothing_moves():
        address = f"/portfolio/accounts/{second.account.public_id}/reset/"
        page = browser.post(address, {"key": "over"}, follow=True).content.decode()
    assert "used for another request" in page


def test_somebody_elses_account_can_not_be_shown_or_reset(browser: Client, alice: User) -> None:
    theirs = cast.account_of(alice).public_id
    browser.force_login(cast.bob())
    with nothing_moves():
        assert browser.post(f"/portfolio/accounts/{theirs}/show/").status_code == 404
        assert browser.post(f"/portfolio/accounts/{theirs}/reset/").status_code == 404


def test_pages_and_api_share_one_limit_for_money(browser: Client, alice: User) -> None:
    for _ in range(300):
        seconds_to_wait(f"money:person:{alice.pk}", 300)
    with nothing_moves():
        answer = browser.post("/convert/quote/", ticket(browser))
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_what_a_person_sees_is_kept_by_no_cache(browser: Client) -> None:
    assert browser.get("/portfolio/").headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("back", ["1e9", "NaN", "convert/", "//evil.example"])
def test_a_way_back_that_is_no_path_of_ours_leads_to_the_portfolio(back: str) -> None:
    alice = cast.alice()
    browser = Client(raise_request_exception=False)
    browser.force_login(alice)
    path = f"/portfolio/accounts/{cast.account_of(alice).public_id}/show/"
    answer = browser.post(path, {"next": back})
    assert (answer.status_code, answer["Location"]) == (302, "/portfolio/")
