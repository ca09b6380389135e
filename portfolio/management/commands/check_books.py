"""Proves the books and prints figures; ends with exit code 1 on any break."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portfolio import books


class Command(BaseCommand):
    """`manage.py check_books`"""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask every question, print every answer."""
        proof = books.check()
        self.stdout.write(
            f"{proof.entries:,} entries, {proof.postings:,} postings, {proof.accounts:,} accounts"
        )
        for one in proof.positions:
            self.stdout.write(f"  {one.mode:8}{one.kind:16}{one.currency:6}{one.amount:f}")
        for finding in proof.findings:
            verdict = "holds" if not finding.count else f"BROKEN: {finding.count} {finding.meaning}"
            examples = f": {', '.join(map(str, finding.examples))}" if finding.count else ""
            self.stdout.write(f"  {finding.name:16}{finding.seconds:>6} s  {verdict}{examples}")
        if not proof.holds:
            raise CommandError("the books do not hold")
        self.stdout.write("The books hold.")
