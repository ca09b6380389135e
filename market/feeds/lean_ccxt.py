"""How is ccxt loaded without its hundred other venues?

`import ccxt` runs every venue it knows: 38 MB here, 70 MB with `ccxt.pro`, and 3 seconds. Opening
its packages without running their `__init__` and importing single venues costs 16 and 22 MB.
Processes that never ask load nothing at all.
"""

import sys
from functools import cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from threading import RLock
from types import ModuleType
from typing import Any

_one_at_a_time = RLock()


def rest_class(venue: str) -> Any:
    """The synchronous client class of a venue."""
    with _one_at_a_time:
        _opened()
        return getattr(import_module(f"ccxt.{venue}"), venue)


def socket_class(venue: str) -> Any:
    """The streaming (asyncio) client class of a venue."""
    with _one_at_a_time:
        _opened()
        awaited = _package("ccxt.async_support")
        _package("ccxt.pro")
        # The streaming class names its parent as an attribute of the package.
        setattr(awaited, venue, getattr(import_module(f"ccxt.async_support.{venue}"), venue))
        return getattr(import_module(f"ccxt.pro.{venue}"), venue)


def errors() -> Any:
    """The module of ccxt's exception classes."""
    with _one_at_a_time:
        _opened()
        return import_module("ccxt.base.errors")


@cache
def _opened() -> None:
    root = _package("ccxt")
    for name, thing in vars(import_module("ccxt.base.errors")).items():
        if isinstance(thing, type):
            setattr(root, name, thing)
    root.Exchange = import_module("ccxt.base.exchange").Exchange  # type: ignore[attr-defined]


@cache
def _package(name: str) -> ModuleType:
    """The package, importable from, its own code not run; as it is where it was loaded before."""
    loaded = sys.modules.get(name)
    if loaded is not None:
        return loaded
    spec = find_spec(name)
    if spec is None:
        raise ModuleNotFoundError(name)
    package = module_from_spec(spec)
    sys.modules[name] = package
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, package)
    return package
