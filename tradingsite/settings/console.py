"""How does the admin console look, and what stands in its sidebar?"""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy


def _links(**pages: tuple[str, str]) -> list[dict[str, Any]]:
    return [
        {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{name}")}
        for name, (title, icon) in pages.items()
    ]


CONSOLE_TELLS = "accounts.audit.note_console"  # who hears what staff have changed

# The site's accent, lighter and darker.
SHADES = ["97.5", "94.5", "89", "80", "68", "57", "46.5", "41", "35", "29", "22"]
STEPS = ["50", *(str(step) for step in range(100, 1000, 100)), "950"]
PRIMARY = {step: f"oklch({shade}% .190 264)" for step, shade in zip(STEPS, SHADES, strict=True)}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Tradingsite console",
    "SITE_HEADER": "Tradingsite",
    "SITE_SUBHEADER": "Console",
    "SITE_URL": "/",
    "STYLES": [lambda _: static("css/console.css")],
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "/static/img/favicon.svg"}],
    "DASHBOARD_CALLBACK": "tradingsite.dashboard.add",
    "BORDER_RADIUS": "8px",
    "SITE_SYMBOL": "candlestick_chart",
    "COLORS": {"primary": PRIMARY},
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [
            {
                "title": "",
                "items": _links(
                    index=("Dashboard", "monitoring"),
                    operations=("Operations", "engineering"),
                ),
            },
            {
                "title": "People",
                "separator": True,
                "items": _links(
                    accounts_user_changelist=("Users", "group"),
                    accounts_preference_changelist=("Preferences", "tune"),
                    accounts_token_changelist=("Tokens", "key"),
                    usersessions_usersession_changelist=("Sessions", "devices"),
                    accounts_auditrecord_changelist=("Audit trail", "fact_check"),
                ),
            },
            {
                "title": "Money",
                "separator": True,
                "items": _links(
                    portfolio_tradingaccount_changelist=("Trading accounts", "account_balance"),
                    portfolio_ledgeraccount_changelist=("Balances", "balance"),
                    portfolio_journalentry_changelist=("Journal", "menu_book"),
                    portfolio_posting_changelist=("Postings", "receipt_long"),
                    portfolio_conversionquote_changelist=("Conversion quotes", "currency_exchange"),
                    portfolio_correction_changelist=("Corrections", "history"),
                    portfolio_seal_changelist=("Seals", "verified"),
                ),
            },
            {
                "title": "Market",
                "separator": True,
                "items": _links(
                    market_currency_changelist=("Currencies", "payments"),
                    market_instrument_changelist=("Instruments", "candlestick_chart"),
                    market_sourcehealth_changelist=("Sources", "sensors"),
                    market_rejection_changelist=("Rejections", "block"),
                    market_topcoin_changelist=("Coins by value", "toll"),
                    market_newsfeed_changelist=("News feeds", "rss_feed"),
                    market_story_changelist=("Stories", "newspaper"),
                ),
            },
            {
                "title": "Machinery",
                "separator": True,
                "items": [
                    *_links(
                        stop=("Stop all money", "front_hand"),
                        django_celery_beat_periodictask_changelist=("Schedule", "schedule"),
                    ),
                    {
                        **{"title": "Mail", "icon": "mail", "link": reverse_lazy("staff_mail")},
                        "permission": lambda request: request.user.is_superuser,
                    },
                    {"title": "Correct", "icon": "undo", "link": reverse_lazy("corrections")},
                ],
            },
        ],
    },
}
