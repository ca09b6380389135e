"""What were the last weeks' daily closes?"""

from decimal import Decimal

DAYS = 30


def sparklines(base: str) -> dict[str, tuple[Decimal, ...]]:
    """Up to 30 daily closes per currency code, oldest first, in the board's direction."""
    return {}
