"""How does OpenAPI describe what all endpoints share? Failures, keys, pages, ways to sign in."""

from typing import Any, Literal

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS

from core.api.idempotency import HEADER
from core.api.refusal import BROKEN
from core.errors import Code

FAILURES = {
    400: "The request could not be read.",
    401: "Not signed in, or the token is not valid.",
    403: "Not allowed: a scope or the CSRF token is missing.",
    404: "There is no such thing, or it is somebody else's.",
    409: "Understood, but not possible as things are; the code says why.",
    413: "The body is larger than 64 KB.",
    415: "The body is not application/json.",
    422: "A value is not acceptable; the code says why.",
    429: "Too many requests; Retry-After says when to come back.",
    503: "Not ready; Retry-After says when to come back.",
}
OF_EVERY_REQUEST = (400, 429, 503)
OF_A_CALLER = (401, 403)
OF_A_CHANGE = (404, 409, 413, 415, 422)
KEY_PATTERN = r"^[\x21-\x2b\x2d-\x7e]{1,128}$"
KEY_WORDS = (
    "1-128 visible ASCII characters of your choice, no comma. The same key with the same body "
    "gives the first answer again and moves nothing twice."
)


class ErrorSerializer(serializers.Serializer[Any]):
    """What was refused, and why."""

    code = serializers.ChoiceField(choices=[*(code.value for code in Code), BROKEN])
    message = serializers.CharField(help_text="Plain English for a person.")
    details = serializers.DictField(help_text="Depends on the code; often empty.")


class FailureSerializer(serializers.Serializer[Any]):
    """Every failure has this shape."""

    error = ErrorSerializer()


class Described(AutoSchema):
    """Adds to each operation its summary and the failures it may answer with."""

    def get_summary(self) -> str | None:
        """The first sentence of the docstring."""
        first = str(self.get_description() or "").strip().split("\n")[0]
        return first.rstrip(".").replace("`", "") or None  # shown as plain text

    def get_operation_id(self) -> str:
        """The method and the path as one word, for example `get_instruments_by_symbol`."""
        named = self.path.removeprefix("/api/v1/").replace("-", "_")
        words = (part.replace("{", "by_").replace("}", "") for part in named.split("/"))
        return "_".join(filter(None, (self.method.lower(), *words)))

    def _get_response_bodies(
        self, direction: Literal["request", "response"] = "response"
    ) -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status in self._failures():
            failure = OpenApiResponse(FailureSerializer, FAILURES[status])
            body = self._get_response_for_code(failure, str(status))  # type: ignore[no-untyped-call]
            bodies.setdefault(str(status), body)
        return dict(sorted(bodies.items()))

    def _failures(self) -> list[int]:
        statuses = [*OF_EVERY_REQUEST]
        if self.view.get_authenticators():
            statuses += OF_A_CALLER
        if self.method not in SAFE_METHODS:
            statuses += OF_A_CHANGE
        asked = [
            one.name
            for one in self.get_override_parameters()
            if isinstance(one, OpenApiParameter) and one.location == OpenApiParameter.QUERY
        ]
        if self.method in SAFE_METHODS and ("{" in self.path or "instrument" in asked):
            statuses.append(404)
        if asked:
            statuses.append(422)
        return statuses


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Personal tokens."""

    target_class = "accounts.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """What the docs page offers."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A personal token with the scope `read` or `trade-virtual`.",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The browser's session."""

    target_class = "core.api.rest.CookieSession"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """What the docs page offers."""
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The session of a signed-in browser, with an X-CSRFToken header.",
        }


def key_parameter(*, required: bool) -> OpenApiParameter:
    """The Idempotency-Key header of an operation."""
    kind = {"type": "string", "pattern": KEY_PATTERN, "minLength": 1, "maxLength": 128}
    return OpenApiParameter(
        HEADER, kind, OpenApiParameter.HEADER, required=required, description=KEY_WORDS
    )


def close_requests(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """What is sent has no other fields; a hook of drf-spectacular."""
    for name, shape in result["components"]["schemas"].items():
        if name.endswith("Request"):
            shape["additionalProperties"] = False
    return result


def page_of(row: type[serializers.BaseSerializer[Any]]) -> serializers.Serializer[Any]:
    """The description of a page of `row`s."""
    name = row.__name__.removesuffix("Serializer")
    return inline_serializer(
        f"{name}Page",
        {
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": row(many=True),
        },
    )


PAGE_PARAMETERS = [
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": 500, "default": 50},
        description="Results per page.",
    ),
    OpenApiParameter("cursor", str, description="Copied from `next` or `previous`."),
]
