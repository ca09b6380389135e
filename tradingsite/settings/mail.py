"""How does mail leave? As files in the data folder until EMAIL_URL names a way out."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from tradingsite.settings.env import DATA, EMAIL_URL
from tradingsite.settings.env import DEFAULT_FROM_EMAIL as SERVER_EMAIL  # noqa: F401
from tradingsite.settings.reading import env


def server_of_mail(address: str) -> dict[str, Any]:
    """Django's settings of that address; raises ImproperlyConfigured."""
    try:
        read: dict[str, Any] = env.email_url_config(address)
    except (ImproperlyConfigured, ValueError) as error:
        raise ImproperlyConfigured(
            "EMAIL_URL must be smtp://user:password@host:port, with smtp+tls:// or smtp+ssl:// for"
            " a server that wants TLS, or ses:"
        ) from error
    return read


EMAIL_BACKEND = "accounts.mailbox.PrivateFiles"
EMAIL_FILE_PATH = str(DATA.mail)

if EMAIL_URL == "ses:":
    EMAIL_BACKEND = "django_ses.SESBackend"
elif EMAIL_URL:
    _given = server_of_mail(EMAIL_URL)
    EMAIL_BACKEND = _given["EMAIL_BACKEND"]
    EMAIL_HOST = _given.get("EMAIL_HOST") or "localhost"
    EMAIL_PORT = _given.get("EMAIL_PORT") or 25
    EMAIL_HOST_USER = _given.get("EMAIL_HOST_USER") or ""
    EMAIL_HOST_PASSWORD = _given.get("EMAIL_HOST_PASSWORD") or ""
    EMAIL_USE_TLS = _given.get("EMAIL_USE_TLS", False)
    EMAIL_USE_SSL = _given.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
