"""Brings the candles of a CSV or Parquet file in, all of them or, with a bad row, none."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import PlatformError
from market import candle_files
from market.candle_files import Report
from market.candles import INTERVALS

SHOWN = 20  # refused lines that are printed


class Command(BaseCommand):
    """`manage.py import_candles FILE --instrument BTC-USD --interval 1h --source bitstamp`"""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, what it holds, and under which name that is kept."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--instrument", required=True, help="for example BTC-USD")
        parser.add_argument("--interval", required=True, choices=[*INTERVALS])
        parser.add_argument("--source", required=True, help="who said it, for example bitstamp")
        parser.add_argument("--skip-bad", action="store_true", help="import the good rows")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what was stored, and why each bad line was not."""
        try:
            report = candle_files.bring(
                options["file"],
                options["instrument"],
                options["interval"],
                source=options["source"],
                skip_bad=options["skip_bad"],
            )
        except PlatformError as trouble:
            raise CommandError(trouble.message) from trouble
        for one in report.refusals[:SHOWN]:
            self.stderr.write(f"line {one.line}: {one.reason}")
        if not report.is_kept:
            raise CommandError(f"Nothing was imported: {bad(report)}. --skip-bad leaves them out.")
        if not report.stored:
            raise CommandError(f"Nothing was imported: no candle of it is good; {bad(report)}.")
        self.stdout.write(f"{report.stored} candles imported; {bad(report)}.")


def bad(report: Report) -> str:
    """How many rows were not imported."""
    rest = f", {report.elsewhere} of another symbol" if report.elsewhere else ""
    return f"{report.refused} rows refused{rest}"
