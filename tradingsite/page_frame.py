"""What stands around every page? Navigation, the account the person looks at, the theme."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts import addresses, preferences
from accounts.models import User
from portfolio import desk, stopping, trading_accounts
from portfolio.models import TradingAccount

THEMES = {"light": "paper", "dark": "ink"}
MODE_WORDS = {"virtual": "VIRTUAL", "sandbox": "TESTNET", "real": "REAL MONEY"}


@dataclass(frozen=True, slots=True)
class Destination:
    """One entry of the navigation; `key` is pressed after `g` to go there.

    `below` is where its pages of one thing begin: an instrument's, a receipt's.
    """

    label: str
    path: str
    icon: str
    key: str
    below: str


DESTINATIONS = (
    Destination("Rates", "/", icon="chart-candlestick", key="r", below="/instruments/"),
    Destination("Convert", "/convert/", icon="arrow-left-right", key="c", below="/convert/"),
    Destination("Portfolio", "/portfolio/", icon="wallet", key="p", below="/portfolio/"),
)


@dataclass(frozen=True, slots=True)
class Frame:
    """The values that base.html needs on every page; `choice` is a signed-in person's theme."""

    path: str
    destinations: tuple[Destination, ...] = DESTINATIONS
    choice: str = ""
    initials: str = ""
    account: TradingAccount | None = None
    accounts: tuple[TradingAccount, ...] = ()
    unconfirmed: str | None = None
    stop: stopping.Notice | None = None

    @property
    def section(self) -> Destination | None:
        """The entry of the navigation that this page belongs to."""
        near = (one for one in self.destinations if self.path.startswith(one.below))
        return next(near, None)

    @property
    def theme(self) -> str:
        """The name of the theme to draw in; empty where the system decides."""
        return THEMES.get(self.choice, "")

    @property
    def mode(self) -> str:
        """`virtual`, `sandbox`, `real`, or `none` for somebody without an account."""
        return self.account.mode if self.account else "none"

    @property
    def mode_word(self) -> str:
        """The word that goes with the mode, in capitals as in titles and mail subjects."""
        return MODE_WORDS.get(self.mode, "")


def frame(request: HttpRequest) -> dict[str, object]:
    """Context processor: `frame`, worked out only where a template asks for it."""
    return {"frame": SimpleLazyObject(lambda: of(request))}


def of(request: HttpRequest) -> Frame:
    """The frame of one request."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return Frame(request.path)
    accounts = tuple(trading_accounts.of(user))
    return Frame(
        request.path,
        choice=preferences.of(user).theme,
        initials=user.username[:2].upper(),
        account=desk.among(accounts, request.session.get(desk.SESSION_KEY)),
        accounts=accounts,
        unconfirmed=addresses.unconfirmed(user),
        stop=stopping.notice(),
    )
