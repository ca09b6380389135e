"""Which amounts and limits does the portfolio start with? All of them, in one place."""

from datetime import timedelta
from decimal import Decimal

from core.money import Money

GRANT = Money(Decimal(10_000), "USD")  # play money of a new virtual account
VIRTUAL_NAME = "Virtual account"
VIRTUAL_ACCOUNTS_MAX = 5  # open at once, per person
RESETS_PER_DAY_MAX = 3  # per person, in any 24 hours

FEE_RATE = Decimal("0.0010")  # of `from`, rounded up, at least one increment
OPEN_QUOTES_MAX = 100  # per person
AMOUNT_USD_MIN = Decimal("1.00")  # a conversion's worth at mid
AMOUNT_USD_MAX = Decimal("1000000.00")
LIVE_PRICE_AGE_MAX = timedelta(seconds=10)
REFERENCE_PRICE_AGE_MAX = timedelta(days=5)
FUTURE_PRICE_MAX = timedelta(seconds=2)  # how far ahead of our clock a price may be
