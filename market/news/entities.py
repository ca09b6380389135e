"""What does a text name? Our currencies, countries, central banks and companies.

`aliases.csv` lists the names by which they go. A name counts at word boundaries only. Names of
currencies are found in any case ("dollar"); codes and proper names as they are written, so that
"us" is nobody and "US" is a country. Codes that are words as well (TRY, SOL, DOT) count in a pair
(`SOL/USD`) or behind a `$` only. Where spaCy and its small English model are installed, the
organisations and places it finds are added.
"""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ALIASES = Path(__file__).with_name("aliases.csv")
MODEL = "en_core_web_sm"
MODEL_KINDS = {"ORG": "organisation", "GPE": "place", "PERSON": "person"}
CURRENCY, BANK, COUNTRY, COMPANY = "currency", "central bank", "country", "company"
# Fiat codes nobody takes for a word or another abbreviation.
PLAIN_CODES = "USD EUR JPY CHF GBP AUD NZD HKD CNY SGD SEK NOK DKK INR KRW MXN BRL ZAR PLN THB"
PAIR = re.compile(r"(?<![A-Za-z])([A-Z]{3,5})[/-]?([A-Z]{3})(?![A-Za-z])")
DOTS = str.maketrans("ıİ", "ii")  # which match an i in any case, but fold to something else
CASHTAG = re.compile(r"\$([A-Z]{2,10})(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Entity:
    """Something a text names first at `place`; `code` is the currency that belongs to it."""

    kind: str
    name: str
    code: str
    place: int


def find(text: str, codes: frozenset[str]) -> tuple[Entity, ...]:
    """Everything named, once each, in the order of the text; `codes` are our currencies."""
    first: dict[tuple[str, str], Entity] = {}
    for entity in sorted(_all(text, codes), key=lambda one: one.place):
        if not (entity.kind == CURRENCY and entity.code not in codes):
            first.setdefault((entity.kind, entity.name), entity)
    known = " ".join(entity.name for entity in first.values())
    for entity in _recognised(text):
        if entity.name not in known:
            first.setdefault((entity.kind, entity.name), entity)
    return tuple(first.values())


def _all(text: str, codes: frozenset[str]) -> Iterator[Entity]:
    for found in PAIR.finditer(text):
        if codes.issuperset(found.groups()):
            yield from (_currency(code, found.start(n)) for n, code in enumerate(found.groups(), 1))
    yield from (_currency(found[1], found.start()) for found in CASHTAG.finditer(text))
    for pattern, entities in _aliases():
        for found in pattern.finditer(text):
            kind, name, code = entities(found[0])
            yield Entity(kind, name, code, found.start())


def _currency(code: str, place: int) -> Entity:
    return Entity(CURRENCY, code, code, place)


Row = tuple[str, str, str]  # kind, name, code
Lookup = Callable[[str], Row]


@cache
def _aliases() -> tuple[tuple[re.Pattern[str], Lookup], ...]:
    """Two patterns, of what is found in any case and as written, and what their finds mean."""
    exact: dict[str, Row] = {code: (CURRENCY, code, code) for code in PLAIN_CODES.split()}
    loose: dict[str, Row] = {}
    with ALIASES.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            means = (row["kind"], row["name"], row["code"])
            if row["kind"] == CURRENCY and not row["alias"].isupper():
                loose[row["alias"].casefold()] = means
            else:
                exact[row["alias"]] = means
    return (
        (_pattern(exact, 0), exact.__getitem__),
        (_pattern(loose, re.IGNORECASE), lambda found: loose[found.translate(DOTS).casefold()]),
    )


def _pattern(names: dict[str, Row], flags: int) -> re.Pattern[str]:
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<![\w&])(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", flags)


def _recognised(text: str) -> Iterator[Entity]:
    """What spaCy finds, where it is installed."""
    model = _model()
    for found in model(text).ents if model else ():
        if found.label_ in MODEL_KINDS:
            yield Entity(MODEL_KINDS[found.label_], found.text, "", found.start_char)


@cache
def _model() -> Any:
    if find_spec("spacy") is None:
        return None
    try:
        return import_module("spacy").load(MODEL)
    except OSError:  # the library without its model
        return None
