"""What is the price when several sources speak? The median of those that are fresh and agree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

from core.money import significant
from market import sessions
from market.catalog import HUB, InstrumentInfo
from market.fixings import SOURCE as ECB
from market.fixings import FixedPrice
from market.moves import TOLERANCE, distance
from market.quality import Judge, Track
from market.quotes import (
    DISPUTED,
    FIXING,
    LIVE_AGE_MAX,
    NO_NEW_PRICE,
    PATH_DIGITS,
    UNCONFIRMED,
    Contributor,
    ReferencePrice,
    State,
    aged,
    fixing_of,
)
from market.simulation import SOURCE as SIMULATED_SOURCE

TETHER = "USDT"
TETHER_DISTANCE_MAX = Decimal("0.01")
FROZEN_ALL, FROZEN_ALL_COUNT = timedelta(seconds=15), 3
FROZEN_ONE = {"fx": timedelta(minutes=10), "crypto": timedelta(minutes=3)}
FROZEN_ONE["stablecoin"] = FROZEN_ONE["crypto"]
GIVEN_UP_AFTER = timedelta(days=1)  # a silent live source; only then its currency has a reference
MEDIAN_OF = 3  # contributors it takes to outvote one
SILENT, FROZEN, OUTLIER, VIA_TETHER = "silent", "frozen", "outlier", "via USDT"


@dataclass(frozen=True, slots=True)
class Opinion:
    """One source's word on an instrument; `last_choice` counts only when nobody else speaks."""

    voice: Contributor
    usable: bool
    last_choice: bool = False


@dataclass(frozen=True, slots=True)
class _Agreement:
    """The voices that made a price; none of them when they disagree."""

    used: tuple[Contributor, ...]
    outliers: tuple[Contributor, ...] = ()


def frozen_sources(judge: Judge, at: datetime) -> frozenset[str]:
    """Sources that answer although nothing they say has changed: all of their 3+ pairs stand."""
    stands: dict[str, list[bool]] = {}
    for tracks in judge.tracks.values():
        for source, track in tracks.items():
            if source != SIMULATED_SOURCE and _speaks(track, at):
                stands.setdefault(source, []).append(_unchanged_for(track) >= FROZEN_ALL)
    return frozenset(
        source for source, all_ in stands.items() if len(all_) >= FROZEN_ALL_COUNT and all(all_)
    )


def opinions(
    judge: Judge, pair: InstrumentInfo, *, at: datetime, frozen: frozenset[str]
) -> list[Opinion]:
    """What each source says of the instrument; a price in USDT is turned into USD or left out."""
    direct = [
        Opinion(voice, usable=not voice.note) for voice in _voices(judge, pair.symbol, at, frozen)
    ]
    in_tether = _voices(judge, f"{pair.base}-{TETHER}", at, frozen)
    return direct + [
        opinion for voice in in_tether if (opinion := _via_tether(judge, voice, at, frozen))
    ]


def consolidate(
    pair: InstrumentInfo,
    said: Sequence[Opinion],
    *,
    previous: ReferencePrice | None,
    fixed: FixedPrice | None,
    at: datetime,
) -> ReferencePrice | None:
    """The instrument's price at this moment; None when nobody has ever said anything.

    `previous` is the last price that sources made (not a fixing), `fixed` the latest fixing.
    """
    direct = [one.voice for one in said if one.usable and not one.last_choice]
    others = [one.voice for one in said if one.usable and one.last_choice]
    voices = direct or others
    shown = [one.voice for one in said]
    unconfirmed = any(voice.note == UNCONFIRMED for voice in shown)
    if not voices or (unconfirmed and not _is_vouched_for(voices, others, TOLERANCE[pair.kind])):
        last = _standing(pair, previous, fixed, said=shown, at=at)
        return last and (_refused(last, UNCONFIRMED) if unconfirmed else last)
    agreement = _agree(voices, TOLERANCE[pair.kind])
    if not agreement.used:
        mid = previous.mid if previous else _mean([voice.mid for voice in voices])
        as_of = previous.as_of if previous else max(voice.as_of for voice in voices)
        last = ReferencePrice(pair.symbol, mid, None, None, as_of, "stale")
        return _refused(_shown(last, shown, fixed, at), DISPUTED)
    return _shown(_price(pair.symbol, agreement.used), _marked(shown, agreement), fixed, at)


def _is_vouched_for(
    voices: Sequence[Contributor], others: Sequence[Contributor], tolerance: Decimal
) -> bool:
    """While one source jumps, it takes two to say that it has not moved; anybody may be second."""
    first = voices[0]
    seconds = [other for other in (*voices, *others) if other is not first]
    return any(distance(other.mid, first.mid) <= tolerance for other in seconds)


def _voices(
    judge: Judge, symbol: str, at: datetime, frozen: frozenset[str]
) -> Iterator[Contributor]:
    """Every source that ever gave the pair a good price; the note says why one does not count."""
    for source, track in judge.tracks.get(symbol, {}).items():
        if track.good is None or track.answered_at is None:
            continue
        yield Contributor(
            source=source,
            mid=track.good.mid,
            bid=track.good.bid,
            ask=track.good.ask,
            as_of=track.answered_at,
            used=False,
            note=_objection(track, source, at, frozen),
        )


def _objection(track: Track, source: str, at: datetime, frozen: frozenset[str]) -> str:
    if not _speaks(track, at):
        return SILENT
    if track.move is not None:
        return UNCONFIRMED
    if source == SIMULATED_SOURCE:
        return ""
    stands = source in frozen or _unchanged_for(track) >= FROZEN_ONE[track.kind]
    return FROZEN if stands else ""


def _speaks(track: Track, at: datetime) -> bool:
    return track.answered_at is not None and at - track.answered_at <= LIVE_AGE_MAX


def _unchanged_for(track: Track) -> timedelta:
    """How long the source has gone on answering with the same figures."""
    if track.answered_at is None or track.changed_at is None:
        return timedelta()
    return track.answered_at - track.changed_at


def _via_tether(
    judge: Judge, voice: Contributor, at: datetime, frozen: frozenset[str]
) -> Opinion | None:
    """A price in USDT times what another venue says a USDT is worth, if that is close to 1."""
    worth = [
        other
        for other in _voices(judge, f"{TETHER}-{HUB}", at, frozen)
        if other.source != voice.source and not other.note
    ]
    rate = median(other.mid for other in worth) if worth else None
    if rate is None or abs(rate - 1) > TETHER_DISTANCE_MAX:
        return None
    turned = replace(
        voice,
        mid=voice.mid * rate,
        bid=voice.bid and voice.bid * rate,
        ask=voice.ask and voice.ask * rate,
        note=voice.note or VIA_TETHER,
    )
    return Opinion(turned, usable=not voice.note, last_choice=True)


def _agree(voices: Sequence[Contributor], tolerance: Decimal) -> _Agreement:
    """Three or more: those near their median. Two: both, if they are near each other."""
    if len(voices) == 1:
        return _Agreement(tuple(voices))
    middle = median(voice.mid for voice in voices)
    if len(voices) < MEDIAN_OF:
        apart = abs(voices[0].mid - voices[1].mid) / middle
        return _Agreement(tuple(voices) if apart <= tolerance else ())
    near = tuple(voice for voice in voices if distance(voice.mid, middle) <= tolerance)
    far = tuple(voice for voice in voices if voice not in near)
    return _Agreement(near if len(near) > 1 else (), far)


def _price(symbol: str, used: Sequence[Contributor]) -> ReferencePrice:
    mid = significant(median(voice.mid for voice in used), PATH_DIGITS)
    spreads = [voice.ask - voice.bid for voice in used if voice.bid and voice.ask]
    half = median(spreads) / 2 if spreads else None
    return ReferencePrice(
        symbol=symbol,
        mid=mid,
        bid=None if half is None else mid - half,
        ask=None if half is None else mid + half,
        as_of=max(voice.as_of for voice in used),
        state="live",
        reason=VIA_TETHER if any(voice.note == VIA_TETHER for voice in used) else "",
        simulated=any(voice.source == SIMULATED_SOURCE for voice in used),
        contributors=tuple(used),
    )


def _standing(
    pair: InstrumentInfo,
    previous: ReferencePrice | None,
    fixed: FixedPrice | None,
    *,
    said: Sequence[Contributor],
    at: datetime,
) -> ReferencePrice | None:
    """What is left when no source counts: the last price, or a fixing that is younger."""
    if fixed is not None and (previous is None or _is_given_up(previous, fixed, at)):
        price = ReferencePrice(
            symbol=pair.symbol,
            mid=fixed.mid,
            bid=None,
            ask=None,
            as_of=fixed.fixed_at(at),
            state="reference",
            reason=fixing_of(fixed.date),
            fixing_date=fixed.date,
        )
        return _shown(aged(price, at), said, fixed, at)
    if previous is None:
        return None
    closed = pair.trading_hours == "fx_week" and sessions.is_weekend(at)
    stands = any(voice.note == FROZEN for voice in said)
    state: State = "closed" if closed else "stale"
    reason = "market closed" if closed else "frozen price" if stands else NO_NEW_PRICE
    return _shown(replace(previous, state=state, reason=reason), said, fixed, at)


def _is_given_up(previous: ReferencePrice, fixed: FixedPrice, at: datetime) -> bool:
    """Whether a live price is so old that a younger fixing says more. Until then it is stale."""
    return at - previous.as_of > GIVEN_UP_AFTER and fixed.fixed_at(at) > previous.as_of


def _refused(price: ReferencePrice, reason: str) -> ReferencePrice:
    return replace(price, state="stale", reason=reason)


def _marked(shown: Sequence[Contributor], agreement: _Agreement) -> list[Contributor]:
    """Everyone who spoke, with who counted and who was too far off."""
    return [
        replace(voice, used=True)
        if voice in agreement.used
        else replace(voice, note=OUTLIER)
        if voice in agreement.outliers
        else voice
        for voice in shown
    ]


def _shown(
    price: ReferencePrice, said: Sequence[Contributor], fixed: FixedPrice | None, at: datetime
) -> ReferencePrice:
    """`price` with its contributors; the fixing stands beside them and counts only by itself."""
    beside: list[Contributor] = []
    if fixed is not None:
        counts = price.fixing_date is not None
        fixing = Contributor(ECB, fixed.mid, None, None, fixed.fixed_at(at), counts, FIXING)
        beside.append(fixing)
    return replace(price, contributors=(*said, *beside))


def _mean(mids: Sequence[Decimal]) -> Decimal:
    return significant(sum(mids, Decimal()) / len(mids), PATH_DIGITS)
