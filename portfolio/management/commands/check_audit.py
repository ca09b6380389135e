"""Proves that nobody has touched the audit trail or the journal since they were sealed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from core.errors import Broken, Retryable
from portfolio import seal_copies, seal_proofs, seals
from portfolio.seal_check import Verdict


class Command(BaseCommand):
    """`manage.py check_audit`"""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """`--restored` after a restore: seals made since the backup are gone for good reason."""
        parser.add_argument("--restored", action="store_true")
        parser.add_argument(
            "--without-copies", action="store_true", help="do not read the copies in the lake"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was read and found; exit code 1 where anything was touched."""
        if options["restored"]:
            seals.forget_witness()
        verdict = seal_proofs.prove()
        self.tell(verdict)
        # After a restore the copies know more than the database, until `export_audit --anew`.
        if not options["without_copies"] and not options["restored"]:
            self.compare(verdict)
        self.stdout.write("Everything is as it was sealed.")

    def tell(self, verdict: Verdict) -> None:
        """What the database says of itself. Raises CommandError where that does not hold."""
        self.stdout.write(f"{verdict.seals} seals, {verdict.rows} rows")
        for tail in verdict.tail:
            since = f", since {clock.iso(tail.since)}" if tail.since else ""
            self.stdout.write(f"  {tail.stream}: {tail.rows} rows not sealed yet{since}")
        if not verdict.witnessed:
            self.stdout.write("  nobody outside PostgreSQL remembers the newest seal")
        for fault in verdict.faults:
            self.stdout.write(f"  seal {fault.seal}: {fault.words}")
        if verdict.faults:
            raise CommandError("The audit trail or the journal was touched.")
        if not verdict.holds:
            raise CommandError("Nothing is proved: seals may have been cut off at the end.")

    def compare(self, verdict: Verdict) -> None:
        """What the copies say. Raises CommandError where they say something else, or nothing."""
        try:
            found = seal_copies.compare()
        except (Broken, Retryable) as error:
            raise CommandError(
                "The database is as it was sealed; its copies in the lake could not be read"
                f" (--without-copies leaves them out): {error.message}"
            ) from error
        waiting = max(0, verdict.seals - found.last)
        self.stdout.write(f"copies in the lake: {found.files}; {waiting} seals not copied yet")
        for fault in found.faults:
            self.stdout.write(f"  seal {fault.seal}: {fault.words}")
        if found.faults:
            raise CommandError("The copies in the lake and the database contradict each other.")
