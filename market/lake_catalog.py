"""Which instruments do the lake's candles speak of? A copy of the catalog, which forgets none.

Coins that were followed in the course of time stand in no file of ours; without them a rebuild
would have candles of nobody.
"""

import json
from typing import Any

from core.aws import Absent
from core.errors import Broken
from core.objects import Store
from market import catalog
from market.manifests import digest

KEY = "catalog/instruments.json"

Known = dict[str, dict[str, dict[str, Any]]]  # as `catalog.everything` says it


def write(place: Store) -> None:
    """Put what the catalog has that the copy has not; raises Retryable, Broken."""
    before, now = read(place), catalog.everything()
    known = {kind: before.get(kind, {}) | now[kind] for kind in now}
    if known != before:
        place.put(KEY, json.dumps({"sha256": _digest(known), "catalog": known}).encode())


def restore(place: Store) -> None:
    """Add to the catalog what it lacks; raises Retryable, Broken."""
    known = read(place)
    if known:
        catalog.add_missing(known)


def read(place: Store) -> Known:
    """The copy, {} where there is none; raises Broken where it is not what was written."""
    try:
        said = json.loads(place.get(KEY))
        known: Known = said["catalog"]
        if said["sha256"] == _digest(known):
            return known
    except Absent:
        return {}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Broken(f"{KEY} cannot be read: {type(error).__name__}.") from error
    raise Broken(f"{KEY} is not what was written there.")


def _digest(known: Known) -> str:
    return digest(json.dumps(known, sort_keys=True).encode())
