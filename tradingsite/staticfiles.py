"""How are the browser's files served? Under names with their hash, kept by browsers for ever."""

from collections.abc import AsyncIterator
from wsgiref.headers import Headers

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from whitenoise.middleware import WhiteNoiseFileResponse, WhiteNoiseMiddleware
from whitenoise.responders import StaticFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

from core import policy

DOCUMENTS = ("image/svg+xml", "text/html", "text/xml", "application/xml", "application/xhtml+xml")


class File(WhiteNoiseFileResponse):  # type: ignore[misc]
    """A file of ours: small, so that under ASGI it goes out whole."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield await sync_to_async(b"".join)(self.streaming_content)


class Files(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise with the policy of the pages: a picture opened by itself runs nothing either."""

    def add_cache_headers(self, headers: Headers, path: str, url: str) -> None:
        """Add the policy to a file that a browser opens as a page; done once for each file."""
        super().add_cache_headers(headers, path, url)
        if (headers["Content-Type"] or "").startswith(DOCUMENTS):
            headers[policy.HEADER] = policy.of_site()

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> File:
        """What WhiteNoise answers, as a `File`."""
        found = static_file.get_response(request.method, request.META)
        answer = File(found.file or (), status=int(found.status))
        del answer["Content-Type"]  # the file's own headers say it
        for name, value in found.headers:
            answer[name] = value
        return answer


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's storage, which also writes the hashed names into scripts' imports."""

    support_js_module_import_aggregation = True
