"""Writes, verifies, reads and restores the lake: what is kept outside PostgreSQL (LAKE_URL)."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import PlatformError
from market import lake, lake_repair, numbers, recovery, research
from market.numbers import Unfit

ROWS_SHOWN = 20
NOTHING = "Nothing lies there: nothing was written yet, or LAKE_URL names another place."


class Command(BaseCommand):
    """`manage.py lake write|verify|repair|rebuild|query`"""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Five verbs; `query` asks what of."""
        verbs = parser.add_subparsers(
            dest="verb", required=True, metavar="write|verify|repair|rebuild|query"
        )
        verbs.add_parser("write", help="write whatever PostgreSQL has that the lake has not")
        verbs.add_parser("verify", help="read every file and compare it with its checksum")
        verbs.add_parser("repair", help="make lists anew from files, lost files from PostgreSQL")
        verbs.add_parser("rebuild", help="bring candles and fixings back into PostgreSQL")
        query = verbs.add_parser("query", help="print candles of an instrument")
        query.add_argument("instrument", help="for example BTC-USD")
        query.add_argument("--interval", default="1h")
        query.add_argument("--source", help="one source alone; else the best of all")
        query.add_argument("--start", type=moment, help="ISO 8601, UTC")
        query.add_argument("--end", type=moment, help="ISO 8601, UTC; not included")
        query.add_argument("--store", choices=("lake", "database"), default="lake")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the verb; what is refused or broken is said in one line."""
        try:
            getattr(self, options["verb"])(options)
        except PlatformError as error:
            raise CommandError(error.message) from error

    def write(self, options: dict[str, Any]) -> None:
        """Whatever the daily task would write, for as long as it takes."""
        with lake.alone():
            written = lake.write(lake.store(), since=lake.FROM_THE_BEGINNING)
        self.stdout.write(f"{written} partitions written")

    def verify(self, options: dict[str, Any]) -> None:
        """Every finding a line; exit code 1 where there is any."""
        verdict = recovery.verify(lake.store())
        if not verdict.files and not verdict.findings:
            raise CommandError(NOTHING)
        self._tell(verdict.findings, f"{verdict.files} files, each as it was written.")

    def repair(self, options: dict[str, Any]) -> None:
        """Files that are found again or come back; those that cannot be are findings."""
        with lake.alone():
            done = lake_repair.repair(lake.store())
            if done.doubted:
                lake.write(lake.store(), since=lake.FROM_THE_BEGINNING)
                self.stdout.write(f"{done.doubted} lost or damaged files written anew.")
        self._tell(done.findings, f"{done.entered} files entered on their lists.")

    def rebuild(self, options: dict[str, Any]) -> None:
        """Rows brought back, symbols nobody knows, files that could not be read."""
        done = recovery.rebuild(lake.store())
        if not done.rows and not done.findings:
            raise CommandError(NOTHING)
        self.stdout.write(f"{done.rows} rows brought back.")
        if done.strangers:
            self.stdout.write(f"Not in the catalog, left out: {', '.join(done.strangers)}")
        self._tell(done.findings)

    def query(self, options: dict[str, Any]) -> None:
        """The first and last candles of the range."""
        wanted = {name: options[name] for name in ("start", "end", "source", "store")}
        frame = research.frame(options["instrument"].upper(), options["interval"], **wanted)
        self.stdout.write(frame.to_string(max_rows=ROWS_SHOWN))
        self.stdout.write(f"{len(frame)} candles")

    def _tell(self, findings: tuple[recovery.Finding, ...], well: str = "") -> None:
        for finding in findings:
            self.stdout.write(f"{finding.key}: {finding.problem}")
        if findings:
            raise CommandError(f"{len(findings)} files are not as they should be.")
        if well:
            self.stdout.write(well)


def moment(text: str) -> datetime:
    """A time given on the command line."""
    try:
        return numbers.moment(text)
    except Unfit as unfit:
        raise ValueError(text) from unfit
