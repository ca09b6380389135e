"""Who asks the live process, where a proxy asks for them?

What is forwarded counts only from a proxy the operator names, and only before https. Who comes by
a Unix socket has no address: that is a program of this machine, as 127.0.0.1 is.
"""

from typing import Any

from django.conf import settings
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware


def told_who_asks(application: Any) -> Any:
    """`application`, whose scope names the client."""
    is_behind = settings.SECURE and settings.TRUSTED_PROXIES
    inner = (
        ProxyHeadersMiddleware(application, settings.TRUSTED_PROXIES) if is_behind else application
    )

    async def told(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan" and not scope.get("client"):
            scope["client"] = ("127.0.0.1", 0)
        await inner(scope, receive, send)

    return told
