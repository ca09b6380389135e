"""Brings the candles of a CSV or Parquet file in, all or, with a bad row, none; takes them back."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.clock import iso
from core.errors import PlatformError
from market import candle_files, import_removal
from market.candle_files import Report
from market.candles import INTERVALS
from market.import_removal import Taken

SHOWN = 20  # refused lines that are printed


class Command(BaseCommand):
    """`manage.py import_candles FILE --instrument BTC-USD --interval 1h --source bitstamp`

    `manage.py import_candles --take-back bitstamp --instrument BTC-USD --interval 1h`
    """

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, what it holds, and under which name that is kept."""
        parser.add_argument("file", type=Path, nargs="?")
        parser.add_argument("--instrument", required=True, help="for example BTC-USD")
        parser.add_argument("--interval", required=True, choices=[*INTERVALS])
        parser.add_argument("--source", help="who said it, for example bitstamp")
        parser.add_argument("--skip-bad", action="store_true", help="import the good rows")
        parser.add_argument("--take-back", metavar="SOURCE", help="remove what was imported as it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one or the other; what is refused is said in one line."""
        brings, takes = (options["file"], options["source"]), options["take_back"]
        if any(brings) if takes else not all(brings):
            raise CommandError("Give a FILE and its --source, or --take-back SOURCE alone.")
        place = options["instrument"], options["interval"]
        try:
            if takes:
                self.stdout.write(removed(import_removal.take_back(*place, source=takes)))
            else:
                self._bring(options, place)
        except PlatformError as trouble:
            raise CommandError(trouble.message) from trouble

    def _bring(self, options: dict[str, Any], place: tuple[str, str]) -> None:
        """Say what was stored, and why each bad line was not."""
        report = candle_files.bring(
            options["file"], *place, source=options["source"], skip_bad=options["skip_bad"]
        )
        for one in report.refusals[:SHOWN]:
            self.stderr.write(f"line {one.line}: {one.reason}")
        if not report.is_kept:
            raise CommandError(f"Nothing was imported: {bad(report)}. --skip-bad leaves them out.")
        if not report.stored:
            raise CommandError(f"Nothing was imported: no candle of it is good; {bad(report)}.")
        self.stdout.write(f"{report.stored} candles imported; {bad(report)}.")


def removed(taken: Taken) -> str:
    """What is no longer there."""
    counts = ", ".join(f"{count} of {interval}" for interval, count in taken.counts.items())
    reach = f", {iso(taken.first)} to {iso(taken.last)}" if taken.first and taken.last else ""
    return f"Candles taken back: {counts or 'none'}{reach}; {taken.files} files of the lake anew."


def bad(report: Report) -> str:
    """How many rows were not imported."""
    rest = f", {report.elsewhere} of another symbol" if report.elsewhere else ""
    return f"{report.refused} rows refused{rest}"
