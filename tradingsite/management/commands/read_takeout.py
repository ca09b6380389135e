"""`manage.py read_takeout FILE`: is a file of somebody's data whole, and is all of it here?"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import staff
from core.errors import Refused
from tradingsite import handback
from tradingsite.handback import Difference, GivenBack

EXAMPLES = 5


class Command(BaseCommand):
    """Checks and compares; gives settings back where that is asked for."""

    help = "Check a file that somebody took out, compare it with what is here, give settings back."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which file, whose, and whether to change anything."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--person", metavar="LOGIN", help="somebody else than the file names")
        parser.add_argument(
            "--give-back", action="store_true", help="set preferences and favourites as in the file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, compare, give back; exit code 1 where the file tells of what is not here."""
        try:
            contents = handback.read(options["file"])
            login = options["person"]
            user = staff.find(login) if login else handback.owner(contents)
            found = handback.compare(contents, user)
            self.tell(contents, found)
            if options["give_back"]:
                self.tell_given(handback.give_back(contents, user))
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        if not login and any(one.is_a_contradiction for one in found):
            raise CommandError("The books or the trail lack what the file tells of its person.")

    def tell(self, contents: handback.Contents, found: tuple[Difference, ...]) -> None:
        """One line a part, and some of the rows that differ."""
        self.stdout.write(
            f"Made {contents.made_at:%Y-%m-%d %H:%M}; every part is as its schema says."
        )
        for one in found:
            counts = f"{len(one.changed)} changed, {len(one.lost)} only in the file"
            self.stdout.write(f"  {one.name:18}{one.same} same, {counts}, {len(one.new)} only here")
            for line in (*one.changed, *one.lost)[:EXAMPLES]:
                self.stdout.write(f"    {line:.200}")
        if contents.foreign:
            names = ", ".join(ascii(name)[1:-1] for name in contents.foreign)
            self.stdout.write(f"Not read, of another version of the house: {names}")

    def tell_given(self, done: GivenBack) -> None:
        """What was set."""
        kept = "are as in the file" if done.preferences else "are left as they were"
        self.stdout.write(f"Preferences {kept}; {done.favourites} favourites.")
        if done.unknown:
            self.stdout.write(f"Not listed any more: {', '.join(map(ascii, done.unknown))}")
