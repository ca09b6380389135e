"""How are long lists handed out? Newest first, page by page, by an opaque cursor."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from core.errors import Code, Refused

DIGITS_MAX = 19  # of a bigint key


class NewestFirst(CursorPagination):
    """`{"next", "previous", "results"}`: pages of 50 or `?limit=`, at most 500, by falling key.

    Raises Refused `malformed` for a limit that is no positive number and for a foreign cursor.
    """

    ordering: str | tuple[str, ...] = "-pk"
    page_size = 50
    max_page_size = 500
    page_size_query_param = "limit"
    page_size_query_description = "Results per page; at most 500 are given."
    cursor_query_description = "Where to go on: copied from `next` or `previous`."
    offset_cutoff = 500

    def get_page_size(self, request: Request) -> int:
        """What the caller asked for, within the limits."""
        wanted = request.query_params.get(self.page_size_query_param, str(self.page_size))
        if not (wanted.isascii() and wanted.isdecimal() and wanted.strip("0")):
            raise Refused(Code.MALFORMED, "`limit` is a whole number from 1 to 500.")
        return self.max_page_size if len(wanted) > 4 else min(int(wanted), self.max_page_size)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The place the caller wants to go on from."""
        try:
            cursor = super().decode_cursor(request)
        except Exception as error:
            raise Refused(Code.MALFORMED, "`cursor` is not one of ours.") from error
        position = cursor.position if cursor else None
        if position is not None and not self.is_position(str(position)):
            raise Refused(Code.MALFORMED, "`cursor` is not one of ours.")
        return cursor

    def is_position(self, text: str) -> bool:
        """Whether a cursor may point there: at a key."""
        return text.isascii() and text.isdecimal() and len(text) <= DIGITS_MAX

    def pages(self, rows: QuerySet[Any], request: Request) -> Sequence[Any]:
        """The page of `rows` the caller asked for."""
        return self.paginate_queryset(rows, request) or []


class LatestFirst(NewestFirst):
    """The same by falling `time`, where rows are not stored in the order of what they tell."""

    ordering = ("-time", "-pk")

    def is_position(self, text: str) -> bool:
        """Whether a cursor may point there: at a moment with its zone."""
        try:
            return datetime.fromisoformat(text).tzinfo is not None
        except ValueError:
            return False
