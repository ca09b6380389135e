"""Everything below `/api/v1/`."""

from django.urls import include, path

from tradingsite import api

urlpatterns = [
    path("schema/", api.schema, name="api_schema"),
    path("docs/", api.docs, name="api_docs"),
    path("", include("market.urls_api")),
    path("", include("portfolio.urls_api")),
    path("", include("accounts.urls_api")),
    path("", include("tradingsite.person.urls_api")),
]
