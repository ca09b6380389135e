"""How are long lists handed out? Newest first, page by page, by an opaque cursor."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from core.errors import Code, Refused

DIGITS_MAX = 19  # of a bigint key


def limit(given: str, *, up_to: int) -> int:
    """How many are wanted, from 1 to `up_to`; raises Refused `malformed` for anything else."""
    count = int(given) if given.isascii() and given.isdecimal() and len(given) <= 9 else 0
    if not 1 <= count <= up_to:
        raise Refused(Code.MALFORMED, f"`limit` is a whole number from 1 to {up_to}.")
    return count


class NewestFirst(CursorPagination):
    """`{"next", "previous", "results"}`: pages of 50 or `?limit=`, up to 500, by falling key.

    Raises Refused `malformed` for a limit that is no number from 1 to 500 and a foreign cursor.
    """

    ordering: str | tuple[str, ...] = "-pk"
    page_size = 50
    max_page_size = 500
    page_size_query_param = "limit"
    page_size_query_description = "Results per page."
    cursor_query_description = "Where to go on: copied from `next` or `previous`."
    offset_cutoff = 500

    def get_page_size(self, request: Request) -> int:
        """What the caller asked for, within the limits."""
        wanted = request.query_params.get(self.page_size_query_param, str(self.page_size))
        return limit(wanted, up_to=self.max_page_size)

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
