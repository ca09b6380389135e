"""The pages process: the same project under a WSGI server, granian."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from core import metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingsite.settings")

handler = get_wsgi_application()  # before the import below: it needs the settings

from core.api import body_limit  # noqa: E402

metrics.keep_sharing()
if settings.SECURE and settings.TRUSTED_PROXIES:  # who else forwards is not believed
    handler = wrap_wsgi_with_proxy_headers(handler, settings.TRUSTED_PROXIES)


def application(environ: dict[str, Any], start: "StartResponse") -> Iterable[bytes]:
    """Answer; who comes by a Unix socket has no address and is a program of this machine."""
    environ["REMOTE_ADDR"] = environ.get("REMOTE_ADDR") or "127.0.0.1"
    if not body_limit.has_arrived(environ):
        start("400 Bad Request", [])
        return []
    return handler(environ, start)
