"""What a story is about, and its mood."""

import csv
import gzip
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from market import catalog
from market.news import entities, links, sentiment
from tests import recorded

CODES = frozenset(
    ["USD", "EUR", "JPY", "GBP", "CHF", "CAD", "TRY", "BTC", "ETH", "SOL", "ADA", "DOT", "CNY"]
)
POINTS_WANTED = 10
STOCK_CLEAR = 0.05  # VADER's own threshold


def named(text: str, kind: str = entities.CURRENCY) -> list[str]:
    return [one.name for one in entities.find(text, CODES) if one.kind == kind]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Greenback slips, euro and yen gain", ["USD", "EUR", "JPY"]),
        ("EUR/USD above 1.10 as GBPUSD waits", ["EUR", "USD", "GBP"]),
        ("Bitcoin and $SOL lead, SOL/USD up", ["BTC", "SOL", "USD"]),
        ("TRY this: DOT and ADA rules", []),
        ("Eurovision, dollarisation and the yenta", []),
        ("Raises $5 million, cuts 100 jobs", []),
        ("Turkish lira at record low", ["TRY"]),
        ("BİTCOİN ve bıtcoın, şterlin", ["BTC"]),
    ],
)
def test_currencies_are_found_by_name_and_code_at_word_boundaries(
    text: str, codes: list[str]
) -> None:
    assert named(text) == codes


def test_banks_countries_and_companies_are_found_as_they_are_written() -> None:
    text = "Fed and the Bank of Japan wait; Apple's US sales fed us all, Bank of America says"
    assert named(text, entities.BANK) == ["Federal Reserve", "Bank of Japan"]
    assert named(text, entities.COUNTRY) == ["United States"]
    assert named(text, entities.COMPANY) == ["Apple", "Bank of America"]


def about(title: str, summary: str = "", mood: float = 0.5) -> dict[str, tuple[float, float]]:
    listing = catalog.now()
    found = entities.find(f"{title}. {summary}", frozenset(listing.currencies))
    symbols = {pair.id: symbol for symbol, pair in listing.instruments.items()}
    linked = links.find(found, title_length=len(title), mood=mood, listing=listing)
    return {symbols[link.instrument_id]: (link.score, link.lean) for link in linked}


@pytest.mark.django_db
def test_naming_both_sides_says_more_than_one_and_the_title_more_than_the_text() -> None:
    both = about("Euro climbs against the yen")
    assert (
        both["EUR-JPY"][0] > both["EUR-USD"][0] > about("Markets", "The euro climbs.")["EUR-USD"][0]
    )
    assert "AUD-USD" not in both


@pytest.mark.django_db
def test_a_story_reads_for_the_base_by_what_it_names_first() -> None:
    assert about("Euro slips against the dollar", mood=-0.4)["EUR-USD"][1] == -0.4
    assert about("Dollar slips against the euro", mood=-0.4)["EUR-USD"][1] == 0.4
    assert about("Dollar slips", mood=-0.4)["USD-JPY"][1] == -0.4


@pytest.mark.django_db
def test_a_coin_is_linked_by_its_own_name_alone() -> None:
    assert set(about("Bitcoin soars")) == {"BTC-USD"}
    assert "BTC-USD" not in about("Dollar and Fed in focus")


@pytest.mark.django_db
def test_a_country_in_passing_is_no_link() -> None:
    assert about("Travellers shut out", "The U.S. and Germany disagree.") == {}
    assert "EUR-USD" in about("German orders fall for a second month")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Euro rallies to a record high", "positive"),
        ("SEC sues exchange; market plunges, bearish", "negative"),
        ("Funko downgraded to hold from buy", "negative"),
        ("Jobless claims fall more than expected", "positive"),
        ("S&P 500 down 0.2%", "negative"),
        ("Company declares $0.57 dividend", "neutral"),
        ("", "neutral"),
    ],
)
def test_the_mood_is_that_of_the_market(text: str, word: str) -> None:
    assert sentiment.judge(text).word == word


def test_our_words_beat_the_stock_ones_by_ten_points_on_texts_nobody_looked_at() -> None:
    stock = SentimentIntensityAnalyzer()
    with gzip.open(
        recorded.path("sentiment/financial_tweets_train_1500.csv.gz"), "rt", encoding="utf-8"
    ) as file:
        rows = list(csv.DictReader(file))[1::2]
    ours = accuracy(rows, lambda text: sentiment.judge(text).score, sentiment.CLEAR)
    theirs = accuracy(
        rows, lambda text: float(stock.polarity_scores(text)["compound"]), STOCK_CLEAR
    )
    assert ours >= theirs + POINTS_WANTED


def accuracy(rows: Sequence[dict[str, str]], score: Callable[[str], float], clear: float) -> float:
    words = {"bearish": -1, "neutral": 0, "bullish": 1}
    judged = ((score(row["text"]), words[row["label_name"]]) for row in rows)
    right = sum((value >= clear) - (value <= -clear) == label for value, label in judged)
    return 100 * right / len(rows)


SPACY = """
from types import SimpleNamespace as Thing

def load(name):
    if name != "en_core_web_sm":
        raise OSError
    return lambda text: Thing(ents=[
        Thing(label_="ORG", text="Acme Corp", start_char=text.index("Acme")),
        Thing(label_="DATE", text="today", start_char=0),
    ])
"""


def test_what_spacy_finds_is_added_where_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "spacy.py").write_text(SPACY)
    monkeypatch.syspath_prepend(tmp_path)
    entities._model.cache_clear()
    try:
        found = entities.find("Euro helps Acme Corp today", CODES)
    finally:
        entities._model.cache_clear()
        sys.modules.pop("spacy", None)
    assert [(one.kind, one.name) for one in found] == [
        ("currency", "EUR"),
        ("organisation", "Acme Corp"),
    ]
