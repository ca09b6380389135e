"""Which sources of prices are there, and which has the operator switched on?

Knows their names only: the code of a source is loaded where it is used.
"""

from dataclasses import dataclass

from django.conf import settings

from core.errors import Broken

REPLAY = "replay"


@dataclass(frozen=True, slots=True)
class Source:
    """One source: `feed` is the dotted name of its class.

    A poll looks every `look_every_s` seconds whether it has anything new to say. It may also
    stream prices, and know the past days of our instruments. One that needs a `token` is switched
    on by the setting of that name.
    """

    name: str
    title: str
    feed: str
    look_every_s: int = 5
    streams: bool = True
    recalls: bool = True
    token: str = ""


ALL = (
    Source(
        "ecb",
        "European Central Bank",
        "market.feeds.ecb.Ecb",
        look_every_s=10,
        streams=False,
        recalls=False,
    ),
    Source("kraken", "Kraken", "market.feeds.kraken.Kraken"),
    Source("coinbase", "Coinbase", "market.feeds.coinbase.Coinbase"),
    Source("binance", "Binance", "market.feeds.binance.Binance", recalls=False),
    Source("oanda", "OANDA", "market.feeds.oanda.Oanda", token="OANDA_TOKEN"),  # noqa: S106
)


def configured() -> tuple[Source, ...]:
    """The real sources named in FEEDS, and beside them whatever has a token.

    Raises Broken for a name nobody knows, and for one that lacks its token.
    """
    known = {source.name for source in ALL} | {REPLAY}
    unknown = [name for name in settings.FEEDS if name not in known]
    if unknown:
        raise Broken(f"FEEDS names {', '.join(unknown)}; known are {', '.join(sorted(known))}.")
    return tuple(source for source in ALL if _is_on(source))


def check() -> None:
    """Raise Broken where FEEDS or EXCHANGES name what nobody knows, or what lacks its token."""
    configured()
    known = {source.name for source in ALL}
    unknown = sorted(set(settings.EXCHANGES) - known)
    if unknown:
        raise Broken(f"EXCHANGES names {', '.join(unknown)}; known are {', '.join(sorted(known))}.")


def _is_on(source: Source) -> bool:
    named = source.name in settings.FEEDS
    if not source.token:
        return named
    has_token = bool(getattr(settings, source.token))
    if named and not has_token:
        raise Broken(f"FEEDS names {source.name}, which needs {source.token}.")
    return has_token and any(name != REPLAY for name in settings.FEEDS)


def named(name: str) -> Source | None:
    """The switched-on source of that name."""
    return next((source for source in configured() if source.name == name), None)
