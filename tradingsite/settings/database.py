"""How does Django reach PostgreSQL and Redis? The app role at run time, the owner for DDL."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from tradingsite.settings.env import DATABASE_OWNER_URL, DATABASE_URL, GIVEN_DATABASE, REDIS_URL
from tradingsite.settings.reading import number

POOL_MAX = number("DATABASE_POOL_MAX", 10)
STATEMENT_TIMEOUT_MS = number("DATABASE_STATEMENT_TIMEOUT_MS", 15_000)
# A PostgreSQL that hangs ends no statement itself. 0: it is waited for as long as it takes.
DATABASE_ANSWER_TIMEOUT_MS = number("DATABASE_ANSWER_TIMEOUT_MS", 0)
APP_ROLE = "site_app"  # whose rights the site has at run time, whatever login DATABASE_URL names
SESSION_OPTIONS = (
    f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout=2000"
    " -c idle_in_transaction_session_timeout=10000 -c timezone=UTC"
    " -c search_path=public,pg_temp"  # whatever the role or a table of its own would put first
    f" -c role={APP_ROLE}"  # also where DATABASE_URL names the owner
)


def parse(url: str) -> dict[str, Any]:
    """Django's dictionary of a `postgresql://` address.

    A socket folder is named by `?host=`, or in the place of the host with `%2F` for each `/`.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if "%" in host:  # a folder: urlsplit would write it small
        host = unquote(parts.netloc.rpartition("@")[2].partition(":")[0])
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "tradingsite.postgres",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", host),
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": query,
        "CONN_MAX_AGE": 0,
    }


app = parse(DATABASE_URL)
if POOL_MAX:  # commands that need one connection ask for none
    # Short times: `tradingsite.postgres` asks again, and each question is a new try to connect.
    times = {"timeout": 1, "reconnect_timeout": 1}
    app["OPTIONS"]["pool"] = {"min_size": 1, "max_size": POOL_MAX, **times}
app["OPTIONS"] |= {
    "server_side_binding": True,
    "prepare_threshold": 0,
    "options": SESSION_OPTIONS,
}
app["TEST"] = {"MIRROR": "owner"}
owner = parse(DATABASE_OWNER_URL)
PLACE = ("HOST", "PORT", "NAME")
if not GIVEN_DATABASE and any(owner[part] != app[part] for part in PLACE):
    raise ImproperlyConfigured(
        "DATABASE_OWNER_URL is given without DATABASE_URL: the site would run on the embedded"
        " database, the other one be migrated. Name both, or neither"
    )
DATABASES: dict[str, dict[str, Any]] = {"default": app, "owner": owner}

CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"pool_class": "core.push.redis_timeouts.Pool"},
    }
}
BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://")
