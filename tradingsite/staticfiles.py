"""How are the browser's files served? Under names with their hash, kept by browsers for ever."""

from wsgiref.headers import Headers

from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

from core import policy

DOCUMENTS = ("image/svg+xml", "text/html", "text/xml", "application/xml", "application/xhtml+xml")


class Files(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise with the policy of the pages: a picture opened by itself runs nothing either."""

    def add_cache_headers(self, headers: Headers, path: str, url: str) -> None:
        """Add the policy to a file that a browser opens as a page; done once for each file."""
        super().add_cache_headers(headers, path, url)
        if (headers["Content-Type"] or "").startswith(DOCUMENTS):
            headers[policy.HEADER] = policy.of_site()


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's storage, which also writes the hashed names into scripts' imports."""

    support_js_module_import_aggregation = True
