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
FUTURE_QUOTE_MAX = timedelta(seconds=2)  # and ahead of the database's, a quote: as in books.sql

# Spreads: basis points on one side of mid.
SPREADS_VERSION = "2026-11"
MAJORS = frozenset({"USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD"})
MAJORS_BPS = {"day": Decimal("1.5"), "night": Decimal("2.5"), "weekend": Decimal(25)}
OTHERS = MAJORS | {"NZD", "SEK", "NOK", "DKK", "SGD"}
OTHERS_BPS = {"day": Decimal("2.5"), "night": Decimal(4), "weekend": Decimal(35)}
FIXED_BPS = {"HKD": Decimal(15), "CNY": Decimal(15)}  # every session
REST_BPS = Decimal(40)  # INR KRW MXN BRL ZAR TRY PLN THB, and any currency without a class
REFERENCE_BPS = Decimal(15)  # at least, where a fixing is in the price
OLD_FIXING_BPS = Decimal(20)  # on top, where it is older than
OLD_FIXING = timedelta(days=2)
COIN_BPS = {code: Decimal(5) for code in ("BTC", "ETH")} | {
    code: Decimal(3) for code in ("USDT", "USDC")
}
REST_COIN_BPS = Decimal(12)
CAP_BPS = Decimal(100)
