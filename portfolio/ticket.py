"""What stands in the form of a conversion? Two currencies, two amounts, and which one is exact."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from market import catalog

SPACES = re.compile(r"[\s\u00a0\u2009\u202f]")
SUGGESTED = ("EUR", "USD")


@dataclass(frozen=True, slots=True)
class Ticket:
    """`amount_from` and `amount_to` as typed; `fixed_side` (from, to) is the one that counts."""

    from_code: str
    to_code: str
    fixed_side: str = "from"
    amount_from: str = ""
    amount_to: str = ""

    @property
    def amount(self) -> str:
        """What was typed on the side that counts, without the spaces people group digits with."""
        typed = self.amount_to if self.fixed_side == "to" else self.amount_from
        return SPACES.sub("", typed)


def read(fields: Mapping[str, str], *, base: str) -> Ticket:
    """The ticket that a form or an address describes; what it leaves out or garbles is suggested.

    A currency we do not list gives way to the person's `base`, the second one to another.
    """
    start = _listed(fields.get("from", "")) or base
    end = _listed(fields.get("to", ""))
    if end in (None, start):
        end = next(code for code in SUGGESTED if code != start)
    return Ticket(
        from_code=start,
        to_code=end,
        fixed_side="to" if fields.get("side") == "to" else "from",
        amount_from=fields.get("amount_from", ""),
        amount_to=fields.get("amount_to", ""),
    )


def _listed(code: str) -> str | None:
    wanted = code.upper()
    return wanted if any(one.code == wanted for one in catalog.currencies()) else None
