"""What stands around every page? Navigation, the account the person looks at, the theme."""

from dataclasses import dataclass
from functools import cache

from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.functional import SimpleLazyObject

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Destination:
    """One entry of the navigation; `key` is pressed after `g` to go there."""

    label: str
    path: str
    icon: str
    key: str


DESTINATIONS = (
    Destination("Rates", "/", icon="chart-candlestick", key="r"),
    Destination("Convert", "/convert/", icon="arrow-left-right", key="c"),
    Destination("Portfolio", "/portfolio/", icon="wallet", key="p"),
)


@dataclass(frozen=True, slots=True)
class Frame:
    """The values that base.html needs on every page."""

    destinations: tuple[Destination, ...]
    path: str
    mode: str = "none"
    account_name: str = ""
    initials: str = ""

    @property
    def mode_word(self) -> str:
        """The word that goes with the mode, in capitals as in titles and mail subjects."""
        return {"virtual": "VIRTUAL", "real": "REAL MONEY", "test": "TESTNET"}.get(self.mode, "")


def frame(request: HttpRequest) -> dict[str, object]:
    """Context processor: `frame`, worked out only where a template asks for it."""
    return {"frame": SimpleLazyObject(lambda: of(request))}


def of(request: HttpRequest) -> Frame:
    """The frame of one request."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return Frame(destinations(), path=request.path)
    return Frame(
        destinations(),
        path=request.path,
        mode="virtual",
        account_name="Practice",
        initials=user.username[:2].upper(),
    )


@cache
def destinations() -> tuple[Destination, ...]:
    """The destinations that answer: an entry appears with the page it leads to."""
    return tuple(place for place in DESTINATIONS if _answers(place.path))


def _answers(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
