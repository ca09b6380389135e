"""Fetches the past candles of an instrument from the venues that know them; any number of times."""

from argparse import ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import PlatformError
from market import history, numbers
from market.candles import INTERVALS
from market.history import Outcome
from market.numbers import Unfit
from market.sources import title

BAR = 30  # characters


class Command(BaseCommand):
    """`manage.py backfill --instrument BTC-USD --interval 1h --since 2020-01-01`"""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """What, in which interval, from when to when, from whom."""
        parser.add_argument("--instrument", required=True, help="for example BTC-USD")
        parser.add_argument("--interval", default="1h", choices=[*INTERVALS])
        parser.add_argument("--since", required=True, type=moment, help="2020-01-01, in UTC")
        parser.add_argument("--until", type=moment, help="default: now")
        parser.add_argument("--source", default="", help="one venue; default: all that trade it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask page by page; what was stored stays when it is interrupted or a venue fails."""
        try:
            found = history.backfill(
                options["instrument"],
                options["interval"],
                since=options["since"],
                until=options["until"],
                source=options["source"],
                tell=self.show,
            )
        except PlatformError as error:
            raise CommandError(error.message) from error
        for one in found:
            self.stdout.write(summary(one))
        failed = [f"{title(one.source)}: {one.trouble.message}" for one in found if one.trouble]
        if failed:
            raise CommandError(f"Not all answered; it may be done again. {' '.join(failed)}")

    def show(self, outcome: Outcome) -> None:
        """Draw the bar anew."""
        done = round(outcome.share * BAR)
        bar = f"[{'#' * done}{'.' * (BAR - done)}] {outcome.share:4.0%}"
        text = f"{title(outcome.source)} {bar} {outcome.at:%Y-%m-%d %H:%M}, {outcome.stored} stored"
        end = "\n" if outcome.at >= outcome.end else ""
        self.stderr.write(f"\r{text}", ending=end)
        self.stderr.flush()


def moment(text: str) -> datetime:
    """A day or a moment, in UTC where it names no zone."""
    try:
        return numbers.moment(datetime.fromisoformat(text).isoformat())
    except (ValueError, Unfit):
        raise ArgumentTypeError(f"{text!r} is no day such as 2020-01-01") from None


def summary(outcome: Outcome) -> str:
    """What came of one venue, in a line."""
    refused = ", ".join(f"{count} {reason}" for reason, count in outcome.refused.items())
    parts = [f"{outcome.stored} candles stored", f"{outcome.known} known before"]
    parts += [f"refused: {refused}"] if refused else []
    parts += ["broke off"] if outcome.trouble else []
    return f"{title(outcome.source)}: {', '.join(parts)}."
