"""Which limits do people's accounts start with? All of them, in one place."""

from datetime import timedelta

SESSION_LASTS = timedelta(days=14)  # from sign-in on
STAFF_SESSION_LASTS = timedelta(hours=8)
SESSION_UNUSED = timedelta(days=7)  # without a request
STAFF_SESSION_UNUSED = timedelta(hours=1)
FRESH_S = 300  # how long a proof of who one is counts for what is dangerous
PASSWORD_LENGTH_MIN = 12
RESET_LINK_LASTS = timedelta(hours=24)

FAILURES_PER_ACCOUNT = "5/15m/key"  # failed sign-ins, and wrong codes of a second factor
FAILURES_PER_NETWORK = "50/15m/key"  # a /24 of IPv4, a /64 of IPv6
PAUSE_S = 15 * 60  # of those windows
SIGN_UPS_PER_ADDRESS = "20/m/ip"
RESETS = "20/m/ip,5/h/key"  # letters asked for, per network address and per account
LETTERS_PER_ADDRESS = "20/h/key"  # to an address nobody has confirmed

TOKENS_MAX = 10  # per person
TOKEN_LASTS_DAYS = 90
TOKEN_LASTS_DAYS_MAX = 366

QUOTE_SECONDS = (15, 30, 60)  # the first unless the person chose another
