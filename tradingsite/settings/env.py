"""Which environment variables exist, and what are their types and defaults? Read once.

Those of the pool and of news stand in `database.py` and `news.py`; README.md lists all.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from tradingsite.datafolder import DataFolder
from tradingsite.settings.reading import env, flag, key_file, networks, number, server, split, store

DATA = DataFolder.of_this_process()
PORT = number("PORT", DATA.port, least=1, most=65535)
PUBLIC_URL: str = (env.str("PUBLIC_URL", "") or f"http://127.0.0.1:{PORT}").rstrip("/")
PUBLIC = split("PUBLIC_URL", PUBLIC_URL)
if PUBLIC.scheme not in ("http", "https") or not PUBLIC.hostname:
    raise ImproperlyConfigured(f"PUBLIC_URL must be http(s)://host, not {PUBLIC_URL!r}")
SECURE: bool = PUBLIC.scheme == "https"

DEBUG: bool = flag("DEBUG", default=False)
SECRET_KEY: str = env.str("SECRET_KEY", "") or key_file(DATA, "secret_key").read_text().strip()
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
ENCRYPTION_KEYS: list[str] = env.list("ENCRYPTION_KEYS", default=[])
ENCRYPTION_KEYS_FILE = "" if ENCRYPTION_KEYS else key_file(DATA, "encryption_key")
BACKUP_URL = store("BACKUP_URL", (DATA.root / "backups").as_uri())
BACKUP_COPY_URL = store("BACKUP_COPY_URL", "")  # a second store, or none
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

AWS_ENDPOINT_URL = server("AWS_ENDPOINT_URL", "https", "http")  # boto3 reads it by itself, too
AWS_REGION: str = env.str("AWS_REGION", "") or env.str("AWS_DEFAULT_REGION", "")
CLOUDWATCH_NAMESPACE: str = env.str("CLOUDWATCH_NAMESPACE", "")  # empty: no figures are sent
LAKE_URL = store("LAKE_URL", (DATA.root / "lake").as_uri())
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
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", "") or "Tradingsite <no-reply@localhost>"
SIGNUP_OPEN: bool = flag("SIGNUP_OPEN", default=True)
REAL_TRADING_ENABLED: bool = flag("REAL_TRADING_ENABLED", default=False)


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


_SHAPE: Mapping[str, tuple[type, ...]] = {
    "base_url": (str,),
    "ws_url": (str,),
    "sandbox": (bool,),
    "options": (dict,),
    "rate_limit_ms": (int, float),
}


def read_exchanges() -> dict[str, ExchangeAddress]:
    """The EXCHANGES variable; raises ImproperlyConfigured on anything but the documented shape."""
    try:
        given = json.loads(env.str("EXCHANGES", "") or "{}")
        return {venue: _address(**fields) for venue, fields in given.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise ImproperlyConfigured(f"EXCHANGES is not the documented JSON: {error}") from error


def _address(**fields: Any) -> ExchangeAddress:
    for name, value in fields.items():
        if name not in _SHAPE:
            raise TypeError(f"{name} is none of {', '.join(_SHAPE)}")
        if value is not None and type(value) not in _SHAPE[name]:
            raise TypeError(f"{name} cannot be a {type(value).__name__}")
    return ExchangeAddress(**fields)


EXCHANGES = read_exchanges()
