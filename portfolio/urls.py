"""Which page of the portfolio is at which address?"""

from django.urls import path

from portfolio import views
from portfolio.exchange_keys import views as keys

urlpatterns = [
    path("convert/", views.convert, name="convert"),
    path("convert/quote/", views.quote, name="quote"),
    path("convert/past/", views.pair_past, name="pair_past"),
    path("convert/quotes/<uuid:quote_id>/gone/", views.quote_gone, name="quote_gone"),
    path("convert/quotes/<uuid:quote_id>/accept/", views.accept, name="accept"),
    path("settings/security/freeze/", views.freeze, name="freeze"),
    path("settings/security/unfreeze/", views.unfreeze, name="unfreeze"),
    path("settings/exchange-keys/", keys.exchange_keys, name="exchange_keys"),
    path("settings/exchange-keys/<uuid:key_id>/", keys.exchange_key, name="exchange_key"),
    path(
        "settings/exchange-keys/<uuid:key_id>/test/",
        keys.test_exchange_key,
        name="test_exchange_key",
    ),
    path(
        "settings/exchange-keys/<uuid:key_id>/revoke/",
        keys.revoke_exchange_key,
        name="revoke_exchange_key",
    ),
    path("admin/corrections/", views.correct, name="corrections"),
    path(
        "admin/corrections/<uuid:correction_id>/approve/",
        views.decide,
        {"agreed": True},
        name="approve_correction",
    ),
    path(
        "admin/corrections/<uuid:correction_id>/reject/",
        views.decide,
        {"agreed": False},
        name="reject_correction",
    ),
    path("portfolio/", views.portfolio, name="portfolio"),
    path("portfolio/history.csv", views.export_history, name="export_history"),
    path("portfolio/receipts/<uuid:entry_id>/", views.receipt, name="receipt"),
    path("portfolio/accounts/", views.open_account, name="open_account"),
    path("portfolio/accounts/<uuid:account_id>/show/", views.choose_account, name="choose_account"),
    path("portfolio/accounts/<uuid:account_id>/reset/", views.reset_account, name="reset_account"),
]
