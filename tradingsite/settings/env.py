"""Which environment variables exist, what are their types and defaults? Read once, here."""

import json
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from tradingsite.datafolder import DataFolder

env = environ.Env()
DATA = DataFolder.of_this_process()


def number(name: str, default: int) -> int:
    """A whole number; raises ImproperlyConfigured."""
    try:
        return int(env.str(name, "") or default)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number") from error


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


def server(name: str, *schemes: str) -> str:
    """The address of a server, "" where none is given; raises ImproperlyConfigured."""
    address: str = env.str(name, "")
    if address and split(name, address).scheme not in schemes:
        raise ImproperlyConfigured(f"{name} must begin with {schemes[0]}://")
    return address


PORT = number("PORT", DATA.port)
PUBLIC_URL: str = env.str("PUBLIC_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
PUBLIC = split("PUBLIC_URL", PUBLIC_URL)
if PUBLIC.scheme not in ("http", "https") or not PUBLIC.hostname:
    raise ImproperlyConfigured(f"PUBLIC_URL must be http(s)://host, not {PUBLIC_URL!r}")
SECURE: bool = PUBLIC.scheme == "https"

DEBUG: bool = env.bool("DEBUG", False)
SECRET_KEY: str = env.str("SECRET_KEY", "") or DATA.key("secret_key")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
ENCRYPTION_KEYS: list[str] = env.list("ENCRYPTION_KEYS", default=[])
ENCRYPTION_KEYS_FILE = "" if ENCRYPTION_KEYS else DATA.key_file("encryption_key")
BACKUP_URL: str = env.str("BACKUP_URL", "") or (DATA.root / "backups").as_uri()
BACKUP_COPY_URL: str = env.str("BACKUP_COPY_URL", "")  # a second store, or none
BACKUP_REPORT = DATA.root / "backup.json"
SEAL_WITNESS = DATA.root  # the newest seal is noted in a file there
KMS_KEY_ID: str = env.str("KMS_KEY_ID", "")
ALLOWED_HOSTS: list[str] = list(
    dict.fromkeys(
        [*env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"]), PUBLIC.hostname]
    )
)
TRUSTED_PROXIES = networks("TRUSTED_PROXIES")

GIVEN_DATABASE = server("DATABASE_URL", "postgresql", "postgres")
DATABASE_URL = GIVEN_DATABASE or DATA.database_url("site_app")
DATABASE_OWNER_URL = (
    server("DATABASE_OWNER_URL", "postgresql", "postgres")
    or GIVEN_DATABASE
    or DATA.database_url("site_owner")
)
REDIS_URL = server("REDIS_URL", "redis", "rediss", "unix") or DATA.redis_url

AWS_ENDPOINT_URL: str = env.str("AWS_ENDPOINT_URL", "")  # boto3 reads it by itself, too
AWS_REGION: str = env.str("AWS_REGION", "") or env.str("AWS_DEFAULT_REGION", "")
CLOUDWATCH_NAMESPACE: str = env.str("CLOUDWATCH_NAMESPACE", "")  # empty: no figures are sent
LAKE_URL: str = env.str("LAKE_URL", "") or (DATA.root / "lake").as_uri()
if urlsplit(LAKE_URL).scheme not in ("file", "s3") or "@" in urlsplit(LAKE_URL).netloc:
    raise ImproperlyConfigured("LAKE_URL must be file:///folder or s3://bucket/prefix")
LAKE_RAW_EXPIRY_DAYS = number("LAKE_RAW_EXPIRY_DAYS", 365)  # 0: never

FEEDS: list[str] = env.list("FEEDS", default=["ecb", "kraken", "coinbase", "binance"])
OANDA_TOKEN: str = env.str("OANDA_TOKEN", "")
OANDA_ACCOUNT: str = env.str("OANDA_ACCOUNT", "")  # else the token's first one
# Where breached passwords are asked about; a site for one's own machine asks nobody.
BREACHES = "https://api.pwnedpasswords.com/range/" if SECURE else ""
IS_ASKED = env.str("BREACHES_URL", "") != "off"
BREACHES_URL = (server("BREACHES_URL", "https", "http") or BREACHES) if IS_ASKED else ""
EMAIL_URL: str = env.str("EMAIL_URL", "")
# Networks that addresses given by people may lead into, although private: `core/http.py`.
FETCH_ALLOWED = networks("FETCH_ALLOWED")
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", "Tradingsite <no-reply@localhost>")
SIGNUP_OPEN: bool = env.bool("SIGNUP_OPEN", True)
REAL_TRADING_ENABLED: bool = env.bool("REAL_TRADING_ENABLED", False)


@dataclass(frozen=True, slots=True)
class ExchangeAddress:
    """Operator's settings of one venue: where it lives and how ccxt is to be configured.

    `rate_limit_ms` is the pause between two REST requests, without it the one ccxt knows; what is
    asked over an open websocket is not paced.
    """

    base_url: str | None = None
    ws_url: str | None = None
    sandbox: bool = False
    options: dict[str, Any] | None = None
    rate_limit_ms: float | None = None


def read_exchanges() -> dict[str, ExchangeAddress]:
    """The EXCHANGES variable; raises ImproperlyConfigured on anything but the documented shape."""
    try:
        given = json.loads(env.str("EXCHANGES", "") or "{}")
        return {venue: ExchangeAddress(**fields) for venue, fields in given.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise ImproperlyConfigured(f"EXCHANGES is not the documented JSON: {error}") from error


EXCHANGES = read_exchanges()
