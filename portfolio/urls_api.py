"""The portfolio's addresses below `/api/v1/`."""

from django.urls import path

from portfolio import api
from portfolio.exchange_keys import api as keys

urlpatterns = [
    path("trading-accounts/", api.Accounts.as_view()),
    path("trading-accounts/<uuid:account_id>/", api.OneAccount.as_view()),
    path("trading-accounts/<uuid:account_id>/balances/", api.Balances.as_view()),
    path("trading-accounts/<uuid:account_id>/entries/", api.Entries.as_view()),
    path("trading-accounts/<uuid:account_id>/statement/", api.Statement.as_view()),
    path("trading-accounts/<uuid:account_id>/reset/", api.Reset.as_view()),
    path("exchange-credentials/", keys.ExchangeKeys.as_view()),
    path("exchange-credentials/<uuid:key_id>/", keys.OneExchangeKey.as_view()),
    path("conversion-quotes/", api.Quotes.as_view()),
    path("conversion-quotes/<uuid:quote_id>/", api.OneQuote.as_view()),
    path("conversion-quotes/<uuid:quote_id>/accept/", api.Accept.as_view()),
]
