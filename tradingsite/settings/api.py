"""How does the API answer? Django REST framework and the OpenAPI description."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.Described",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.StrictJSON"],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "accounts.tokens.HasScope",
    ],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.tokens.TokenAuthentication",
        "core.api.CookieSession",
    ],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.api.AlwaysJson",
    "URL_FORMAT_OVERRIDE": None,
    "EXCEPTION_HANDLER": "core.api.exception_handler",
    "DEFAULT_PAGINATION_CLASS": "core.api.NewestFirst",
    "DEFAULT_THROTTLE_CLASSES": ["core.api.UserThrottle", "core.api.AddressThrottle"],
    "COERCE_DECIMAL_TO_STRING": True,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Tradingsite API",
    "VERSION": "1",
    "DESCRIPTION": (
        "Amounts and prices are text, times are ISO 8601 in UTC; no text holds NUL. A field that"
        " is not known is refused. Money is moved with an `Idempotency-Key`;"
        ' every failure reads `{"error": {"code", "message", "details"}}`.'
        " Limits: 600 requests and 300 money requests a minute, 120 without signing in."
    ),
    "ENUM_NAME_OVERRIDES": {
        "CurrencyKind": "market.models.Currency.Kind",
        "ExchangeKeyMode": ["sandbox", "real"],
        "InstrumentKind": "market.models.Instrument.Kind",
    },
    "TAGS": [
        {"name": "market", "description": "Currencies, instruments, prices."},
        {"name": "accounts", "description": "Trading accounts, balances, journal entries."},
        {"name": "conversions", "description": "Quotes that are kept, and their acceptance."},
        {"name": "exchange keys", "description": "Keys to accounts elsewhere; no tokens here."},
        {"name": "me", "description": "Preferences, favourites and tokens of the caller."},
    ],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.schema.close_requests",
        "market.fast_schema.add_native",
    ],
    "COMPONENT_SPLIT_REQUEST": True,  # what is sent may not be empty text, answers may
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
