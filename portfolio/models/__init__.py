"""What do people own? Accounts, journal, conversion quotes and keys to other houses.

Rows of the books are written by the functions of `books.sql` alone; see `grants.sql`.
"""

from portfolio.models.accounts import LedgerAccount, Mode, Stop, TradingAccount
from portfolio.models.exchange_keys import ExchangeKey
from portfolio.models.journal import Correction, JournalEntry, Posting, Seal
from portfolio.models.quotes import ConversionQuote

__all__ = [
    "ConversionQuote",
    "Correction",
    "ExchangeKey",
    "JournalEntry",
    "LedgerAccount",
    "Mode",
    "Posting",
    "Seal",
    "Stop",
    "TradingAccount",
]
