"""Which bodies does the API read? One JSON object in UTF-8 that means the same to every reader."""

import codecs
import json
import math
import re
from collections.abc import Collection, Mapping
from typing import IO, Any, NoReturn, cast

from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from core.errors import Code, Refused

BODY_BYTES_MAX = 64 * 1024
DEPTH_MAX = 32
DIGITS_MAX = 19  # a JSON number that needs more is no number of ours; amounts are text
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class StrictJSON(BaseParser):
    """Refuses what JSON readers disagree about, and what PostgreSQL cannot store.

    Raises Refused `too_large` beyond 64 KB and `malformed` for text that is not UTF-8, duplicate
    keys, NaN and Infinity, numbers beyond 64 bits, NUL, unpaired surrogates and deep nesting.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The object in `stream`."""
        body = stream.read(BODY_BYTES_MAX + 1)
        if len(body) > BODY_BYTES_MAX:
            raise too_large()
        return loads(body)


def loads(body: bytes) -> dict[str, Any]:
    """The JSON object `body` holds; raises Refused `malformed` for anything else."""
    try:
        value = json.loads(
            codecs.decode(body, "utf-8", "strict"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_short,
        )
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(Code.MALFORMED, "The body is not valid JSON.") from error
    except ValueError as error:
        raise Refused(Code.MALFORMED, f"The body is not JSON we can read: {error}.") from error
    if not isinstance(value, dict):
        raise Refused(Code.MALFORMED, "The body must be a JSON object.")
    _look_through(value)
    return value


def only(request: Request, fields: Collection[str] = ()) -> dict[str, Any]:
    """The body, which has none but `fields`: a misspelled one would be passed over unseen.

    Raises Refused `malformed`. The refusal does not repeat what was sent, which may be secret.
    """
    body = cast(dict[str, Any], request.data)
    if not body.keys() <= set(fields):
        known = ", ".join(f"`{name}`" for name in fields)
        none = "This request takes no fields, and its body has one."
        words = f"The body has a field that is not one of {known}." if known else none
        raise Refused(Code.MALFORMED, words)
    return body


def is_storable(text: str) -> bool:
    """Whether `text` is free of NUL and unpaired surrogates."""
    return UNSTORABLE.search(text) is None


def too_large() -> Refused:
    """The refusal of a body beyond the limit."""
    return Refused(Code.TOO_LARGE, f"A body may have {BODY_BYTES_MAX // 1024} KB at most.")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is given twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large; amounts are text")
    return number


def _short(text: str) -> int:
    if len(text.lstrip("-")) > DIGITS_MAX:
        raise ValueError("a number is too large; amounts are text")
    return int(text)


def _look_through(root: dict[str, Any]) -> None:
    """Refuse unstorable text and deep nesting, without recursion."""
    waiting: list[tuple[Any, int]] = [(root, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEPTH_MAX:
            raise Refused(Code.MALFORMED, f"The body is nested deeper than {DEPTH_MAX} levels.")
        if isinstance(value, str) and not is_storable(value):
            raise Refused(Code.MALFORMED, "Text may not hold NUL or unpaired surrogates.")
        if isinstance(value, dict):
            waiting += [(part, depth + 1) for pair in value.items() for part in pair]
        elif isinstance(value, list):
            waiting += [(part, depth + 1) for part in value]
