"""How is one environment variable read? By its type; a bad value is refused by the name it has."""

from ipaddress import ip_network
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from tradingsite.datafolder import DataFolder

env = environ.Env()
YES = ("true", "on", "yes", "y", "ok", "1")
NO = ("false", "off", "no", "n", "0")


def flag(name: str, *, default: bool) -> bool:
    """Yes or no; raises ImproperlyConfigured."""
    given = env.str(name, "").strip()
    if given.lower() not in ("", *YES, *NO):
        raise ImproperlyConfigured(f"{name} must be true or false, not {given!r}")
    return given.lower() in YES if given else default


def number(name: str, default: int, *, least: int = 0, most: int = 2**31 - 1) -> int:
    """A whole number between two others; raises ImproperlyConfigured."""
    given = env.str(name, "") or str(default)
    try:
        read = int(given)
    except ValueError:
        read = least - 1
    if not least <= read <= most:
        raise ImproperlyConfigured(
            f"{name} must be a whole number from {least} to {most}, not {given!r}"
        )
    return read


def networks(name: str) -> list[str]:
    """The networks a variable lists, as `10.0.0.0/8`; raises ImproperlyConfigured."""
    try:
        return [str(ip_network(given)) for given in env.list(name, default=[])]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} lists no networks: {error}") from error


def split(name: str, address: str) -> SplitResult:
    """The parts of an address, its port a number; raises ImproperlyConfigured."""
    try:
        parts = urlsplit(address)
        int(parts.port or 0)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is no address: {error}") from error
    return parts


def server(name: str, *schemes: str, default: str = "") -> str:
    """The address of a server, "" where none is given; raises ImproperlyConfigured."""
    address: str = env.str(name, default)
    if address and split(name, address).scheme not in schemes:
        beginnings = " or ".join(f"{scheme}://" for scheme in schemes)
        raise ImproperlyConfigured(f"{name} must begin with {beginnings}")
    return address


def key_file(data: DataFolder, name: str) -> Path:
    """The file of a secret, made where there is none; raises ImproperlyConfigured for an empty."""
    path = data.key_file(name)
    if not path.read_text().strip():
        raise ImproperlyConfigured(
            f"{path} is empty: put back what was in it (deleted, it is made anew, and what the"
            " earlier key protected is lost)"
        )
    return path


def store(name: str, default: str) -> str:
    """The address of a store of objects; raises ImproperlyConfigured."""
    address: str = env.str(name, "") or default
    parts = split(name, address) if address else None
    if parts and (parts.scheme not in ("file", "s3") or "@" in parts.netloc):
        raise ImproperlyConfigured(f"{name} must be file:///folder or s3://bucket/prefix")
    return address
