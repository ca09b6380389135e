"""How do the three native addresses stand in OpenAPI? `market/fast.py` has no views to read."""

from dataclasses import fields
from types import UnionType
from typing import Any, get_args

from market.board import Row
from market.quotes import STATES

Schema = dict[str, Any]

ENUMS = {"kind": ["fiat", "crypto"], "state": list(STATES)}
WORDS = {
    "price": "Units of `code` per 1 base for fiat; price in base for crypto.",
    "change_pct": "Against the last price before 00:00 UTC; of a reference, the previous fixing.",
    "as_of": "ISO 8601, UTC.",
    "since": "Set where high and low do not cover the whole UTC day.",
    "reason": "Why the state is what it is; often empty.",
}
BASE = {
    "name": "base",
    "in": "query",
    "description": "A fiat currency, in any case.",
    "schema": {"type": "string", "default": "USD"},
}
SINCE = {
    "name": "since",
    "in": "query",
    "description": "EPOCH:N of the last event seen; a Last-Event-ID header wins over it.",
    "schema": {"type": "string"},
}
REFUSALS = {
    "400": "The address holds bytes that are no text.",
    "422": "There is no such base: `unknown_currency`.",
    "503": "Nothing has been published yet: `not_ready`.",
}


def add_native(result: Schema, **_given: Any) -> Schema:
    """drf-spectacular's postprocessing hook: the document with the native addresses in it."""
    result["components"]["schemas"] |= {"BoardRow": row(), "Board": board()}
    result["paths"] |= {
        "/api/v1/quotes/": operation(
            "get_quotes",
            "The board of a base, as everybody sees it",
            {"application/json": {"schema": ref("Board")}},
            parameters=[BASE],
        ),
        "/sse/board/": operation(
            "get_sse_board",
            "The board as server-sent events, frame by frame",
            {"text/event-stream": {"schema": {"type": "string"}}},
            parameters=[BASE, SINCE],
        ),
        "/healthz": {"get": health()},
    }
    return result


def operation(id_: str, summary: str, content: Schema, *, parameters: list[Schema]) -> Schema:
    """One open, unthrottled GET."""
    failure = {"application/json": {"schema": ref("Failure")}}
    refusals = {
        status: {"description": words, "content": failure} for status, words in REFUSALS.items()
    }
    found = {"200": {"description": "", "content": content}}
    return {
        "get": {
            "operationId": id_,
            "summary": summary,
            "tags": ["market"],
            "security": [{}],
            "parameters": parameters,
            "responses": found | refusals,
        }
    }


def health() -> Schema:
    """The one address that refuses nothing."""
    status = {"type": "object", "properties": {"status": {"type": "string", "enum": ["ok"]}}}
    return {
        "operationId": "get_healthz",
        "summary": "Whether this process answers",
        "tags": ["market"],
        "security": [{}],
        "responses": {
            "200": {"description": "", "content": {"application/json": {"schema": status}}}
        },
    }


def board() -> Schema:
    """The answer of `GET quotes/`."""
    named = {
        "base": {"type": "string"},
        "as_of": {"type": "string", "format": "date-time"},
        "seq": {"type": "integer", "description": "Counts the changes of this base."},
        "results": {"type": "array", "items": ref("BoardRow")},
    }
    return {
        "type": "object",
        "properties": named,
        "required": list(named),
        "additionalProperties": False,
    }


def row() -> Schema:
    """One line of the board."""
    named = {field.name: of_field(field.name, field.type) for field in fields(Row)}
    return {
        "type": "object",
        "properties": named,
        "required": list(named),
        "additionalProperties": False,
    }


def of_field(name: str, kind: Any) -> Schema:
    """The schema of one field of `market.board.Row`."""
    described: Schema = {"type": "boolean" if kind is bool else "string"}
    if isinstance(kind, UnionType) and type(None) in get_args(kind):
        described["nullable"] = True
    if name in ENUMS:
        described["enum"] = ENUMS[name]
    if name in WORDS:
        described["description"] = WORDS[name]
    return described


def ref(name: str) -> Schema:
    """A reference to a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}
