"""What is the mood of a text? VADER's rules on the vocabulary of finance.

VADER (C.J. Hutto and E. Gilbert, ICWSM 2014) adds up the valence of words, minds negations and
emphasis, and scales the sum to -1..1. Its own words come from everyday talk: `lexicon.csv` adds
those of markets, silences everyday ones that mean nothing there, and knows phrases, because
"record high" and "rate cut" are not the sum of their words. `#` in a phrase is any number,
`#%` any percentage.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from market.models import Story

LEXICON = Path(__file__).with_name("lexicon.csv")
CLEAR = 0.2  # a mood weaker than this is called neutral
NUMBER, PERCENT = r"[$€£]?\d[\d.,]*(?:\s?%)?", r"\d[\d.,]*\s?%"
NOISE = re.compile(r"https?://\S+|www\.\S+|[$#@][A-Za-z]\w*|…")


@dataclass(frozen=True, slots=True)
class Mood:
    """`score` from -1 to 1, and the word for it, of `Story.Mood`."""

    score: float
    word: str


def judge(text: str) -> Mood:
    """The mood of a headline or a short text in English; of nothing known it is neutral."""
    analyzer, phrases, tokens = _instruments()
    plain = NOISE.sub(" ", text).lower()
    marked = phrases.sub(lambda found: f" {tokens[_key(found[0])]} ", plain)
    score = float(analyzer.polarity_scores(marked)["compound"])
    if abs(score) < CLEAR:
        return Mood(score, Story.Mood.NEUTRAL)
    return Mood(score, Story.Mood.POSITIVE if score > 0 else Story.Mood.NEGATIVE)


@cache
def _instruments() -> tuple[SentimentIntensityAnalyzer, re.Pattern[str], dict[str, str]]:
    """The analyzer with our words, a pattern of our phrases, and the token each becomes."""
    with LEXICON.open(newline="", encoding="utf-8") as file:
        terms = {row["term"]: float(row["valence"]) for row in csv.DictReader(file)}
    phrases = sorted((term for term in terms if not term.isalpha()), key=len, reverse=True)
    tokens = {_key(phrase): f"phrase{place}" for place, phrase in enumerate(phrases)}
    analyzer = SentimentIntensityAnalyzer()
    words = {tokens.get(_key(term), term): worth for term, worth in terms.items()}
    analyzer.lexicon.update(words)
    pattern = "|".join(map(_pattern, phrases))
    return analyzer, re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])"), tokens


def _pattern(phrase: str) -> str:
    return re.escape(phrase).replace(r"\#%", PERCENT).replace(r"\#", NUMBER)


def _key(found: str) -> str:
    """The same for a phrase and for what it matched."""
    return re.sub(NUMBER, "#", found.replace("#%", "#"))
