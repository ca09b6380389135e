"""Proves that nobody has touched the audit trail or the journal since they were sealed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from portfolio import seal_proofs, seals


class Command(BaseCommand):
    """`manage.py check_audit`"""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """`--restored` after a restore: seals made since the backup are gone for good reason."""
        parser.add_argument("--restored", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was read and found; exit code 1 where anything was touched."""
        if options["restored"]:
            seals.forget_witness()
        verdict = seal_proofs.prove()
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
        self.stdout.write("Everything is as it was sealed.")
