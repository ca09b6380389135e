"""Does an exchange accept a key, and what may the key do there? Asked by the worker alone.

One request that only reads. It is judged by status and body: ccxt's exception classes mislead, and
their texts hold what a venue wrote. Whatever is not clearly said is unknown, never good.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import Broken, Refused, Retryable
from market import venue_address
from market.feeds import lean_ccxt
from market.feeds.answers import RATE_LIMITED, UNREADABLE, Answer
from portfolio.credentials import VENUES, Finding, Opened, Verdict
from portfolio.models import Mode
from portfolio.venue_wire import Wire

TIMEOUT_S = 10.0
KRAKEN_DENIES = ("EAPI:Invalid key", "EAPI:Invalid signature", "EGeneral:Permission denied")
BINANCE_DENIES = (-2008, -2014, -2015, -1022)  # unknown id, bad format, revoked, bad signature
BINANCE_RIGHTS = {
    "enableReading": "read",
    "enableSpotAndMarginTrading": "trade spot",
    "enableMargin": "margin",
    "enableFutures": "trade futures",
    "enableInternalTransfer": "move between own accounts",
}
NAMES_MAX, NAME_MAX = 20, 40


@dataclass(frozen=True, slots=True)
class Rights:
    """What a key may do, by name, and the one thing it must not."""

    names: tuple[str, ...]
    withdraw: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """How one venue is asked; `rights` raises one of UNREADABLE for an undocumented body."""

    ask: Callable[[Any], Any]
    rights: Callable[[Any], Rights]
    denies: Callable[[int, Any], bool]


def check(key: Opened) -> Finding:
    """What the venue says of a key. Raises Broken where this site knows no such venue and mode."""
    desk, title, wire = _desk(key), VENUES[key.venue].title, Wire()
    try:
        desk.ask(_client(key, wire))
    except Retryable:
        return Finding(Verdict.UNKNOWN, f"{title} did not answer. Test the key again later.")
    except Refused:
        return _unclear(title)
    except (lean_ccxt.errors().BaseError, *UNREADABLE):
        if not wire.heard:
            words = "No request could be signed with it. Is it whole? Revoke it and add it again."
            return Finding(Verdict.UNKNOWN, words)
    return _finding(desk, title, wire.heard[-1])


def _finding(desk: Desk, title: str, answer: Answer) -> Finding:
    if answer.status in RATE_LIMITED:
        return Finding(Verdict.UNKNOWN, f"{title} asks us to wait. Test the key again later.")
    if 300 <= answer.status < 400:
        words = f"{title} sent us to another address, and a key is not taken there."
        return Finding(Verdict.UNKNOWN, f"{words} Test it again later.")
    try:
        body = json.loads(answer.body)
    except UNREADABLE:
        body = None
    if desk.denies(answer.status, body):
        return Finding(Verdict.DENIED, f"{title} does not accept this key.")
    try:
        rights = desk.rights(body) if answer.status == 200 else None
    except UNREADABLE:
        rights = None
    if rights is None:
        return _unclear(title)
    if rights.withdraw:
        words = f"This key may withdraw. Make one at {title} that may not, and delete this one."
        return Finding(Verdict.WITHDRAWS, words, rights.names)
    return Finding(Verdict.WORKS, "", rights.names)


def _unclear(title: str) -> Finding:
    return Finding(Verdict.UNKNOWN, f"{title} gave no clear answer. Test the key again later.")


def _client(key: Opened, wire: Wire) -> Any:
    """A ccxt client of this key alone, without the memory of earlier answers."""
    client = lean_ccxt.rest_class(key.venue)(
        {
            "apiKey": key.key,
            "secret": key.secret,
            "timeout": int(TIMEOUT_S * 1000),
            "requests_trust_env": True,
        }
    )
    if key.mode == Mode.SANDBOX:
        client.set_sandbox_mode(True)
    venue_address.settle(client, key.venue)
    client.session.max_redirects = 0  # a key goes to the venue's own address and to no other
    for scheme in ("http://", "https://"):
        client.session.mount(scheme, wire)
    return client


def _desk(key: Opened) -> Desk:
    found = DESKS.get((key.venue, key.mode))
    if found is None:
        raise Broken(f"Nobody here can test a {key.mode} key of {key.venue}.")
    return found


def _kraken_rights(body: Any) -> Rights:
    names = body["result"]["permissions"]
    if body["error"] or not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        raise ValueError("not Kraken's shape")
    shown = [name[:NAME_MAX] for name in names if name.isascii() and name.isprintable()]
    return Rights(tuple(shown[:NAMES_MAX]), any("withdraw" in name.lower() for name in names))


def _kraken_denies(_: int, body: Any) -> bool:
    said = body.get("error") if isinstance(body, dict) else None
    return isinstance(said, list) and any(str(one).startswith(KRAKEN_DENIES) for one in said)


def _binance_rights(body: Any) -> Rights:
    may_withdraw = _flag(body, "enableWithdrawals")
    _flag(body, "enableReading")
    names = tuple(name for field, name in BINANCE_RIGHTS.items() if body.get(field) is True)
    return Rights(names, may_withdraw)


def _binance_sandbox_rights(body: Any) -> Rights:
    """The test network knows no permissions of keys; its money is play money."""
    return Rights(("read", "trade spot") if _flag(body, "canTrade") else ("read",), withdraw=False)


def _binance_denies(_: int, body: Any) -> bool:
    return isinstance(body, dict) and body.get("code") in BINANCE_DENIES


def _coinbase_rights(body: Any) -> Rights:
    """A transfer is also one to a stranger."""
    flags = {name: _flag(body, f"can_{name}") for name in ("view", "trade", "transfer")}
    said = {"view": "read", "trade": "trade", "transfer": "transfer"}
    return Rights(tuple(said[name] for name, may in flags.items() if may), flags["transfer"])


def _coinbase_denies(status: int, body: Any) -> bool:
    said = body.get("error") if isinstance(body, dict) else None
    return status == 401 or said == "PERMISSION_DENIED"


def _flag(body: Any, name: str) -> bool:
    value = body[name]
    if not isinstance(value, bool):
        raise ValueError(f"{name} is neither true nor false")
    return value


DESKS: Mapping[tuple[str, str], Desk] = {
    ("kraken", "real"): Desk(
        lambda client: client.private_post_getapikeyinfo(), _kraken_rights, _kraken_denies
    ),
    ("coinbase", "real"): Desk(
        lambda client: client.v3_private_get_brokerage_key_permissions(),
        _coinbase_rights,
        _coinbase_denies,
    ),
    ("binance", "real"): Desk(
        lambda client: client.sapi_get_account_apirestrictions(), _binance_rights, _binance_denies
    ),
    ("binance", "sandbox"): Desk(
        lambda client: client.private_get_account(), _binance_sandbox_rights, _binance_denies
    ),
}
