"""How well is the mood of a text judged? Our finance words against stock VADER, on labelled texts.

    DATA_DIR=… python bench/sentiment.py [--data folder of the recorded data]

Every second text (the first, the third, …) was looked at while the words were chosen; the others
nobody looked at, and their figures are the honest ones. Wanted there: at least 10 points more than
stock VADER with its own threshold.
"""

import argparse
import csv
import gzip
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

BENCH = Path(__file__).resolve().parent
sys.path[0] = str(BENCH.parent)  # not this folder: its http.py is not the standard one
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingsite.settings")

import django

django.setup()

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from market.news import sentiment
from tests import recorded

TEXTS = "sentiment/financial_tweets_train_1500.csv.gz"
WORDS = ("bearish", "neutral", "bullish")
STOCK_CLEAR = 0.05  # as VADER's authors say
WANTED_POINTS = 10.0

Row = dict[str, str]


def accuracy(rows: Sequence[Row], score: Callable[[str], float], clear: float) -> tuple[float, str]:
    """Percent judged right, and the same of each class."""
    right, of = Counter[str](), Counter[str]()
    for row in rows:
        value = score(row["text"])
        judged = WORDS[1 + (value >= clear) - (value <= -clear)]
        of[row["label_name"]] += 1
        right[row["label_name"]] += judged == row["label_name"]
    classes = "  ".join(f"{word} {100 * right[word] / of[word]:.0f} %" for word in WORDS)
    return 100 * right.total() / len(rows), classes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=recorded.FOLDER)
    with gzip.open(parser.parse_args().data / TEXTS, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    stock = SentimentIntensityAnalyzer()
    gain = 0.0
    for name, part in (("all", rows), ("looked at", rows[::2]), ("held out", rows[1::2])):
        theirs, of_them = accuracy(
            part, lambda text: float(stock.polarity_scores(text)["compound"]), STOCK_CLEAR
        )
        started = time.perf_counter()
        ours, of_ours = accuracy(part, lambda text: sentiment.judge(text).score, sentiment.CLEAR)
        micros = 1e6 * (time.perf_counter() - started) / len(part)
        gain = ours - theirs
        print(f"{name:10} {len(part):5} texts  stock {theirs:.1f} % ({of_them})")
        print(
            f"{'':10} {'':11}  ours  {ours:.1f} % ({of_ours})  {gain:+.1f} points, {micros:.0f} us"
        )
    print(f"held out: {gain:+.1f} points, wanted at least +{WANTED_POINTS:g}")
    return 0 if gain >= WANTED_POINTS else 1


if __name__ == "__main__":
    sys.exit(main())
