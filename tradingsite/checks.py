"""What about an installation deserves a warning that no other check of Django gives?"""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning

from core.secrets.envelope import is_wrapped


def app_role_is_not_the_owner(**_: Any) -> list[CheckMessage]:
    """Warn where the site signs in as the owner of its tables and only steps down by SET ROLE."""
    given = settings.DATABASES["default"]["USER"]
    if given == settings.APP_ROLE or given != settings.DATABASES["owner"]["USER"]:
        return []
    return [
        CheckWarning(
            "DATABASE_URL signs in as the owner of the database.",
            hint="Give the site a role of its own there and name the owner in DATABASE_OWNER_URL.",
            id="tradingsite.W001",
        )
    ]


def the_sealing_key_is_wrapped(**_: Any) -> list[CheckMessage]:
    """Warn where KMS is to wrap keys, and the one that seals lies open in the environment."""
    if not settings.KMS_KEY_ID or not settings.ENCRYPTION_KEYS:
        return []
    if is_wrapped(settings.ENCRYPTION_KEYS[0]):
        return []
    return [
        CheckWarning(
            "KMS_KEY_ID is set, and the first key of ENCRYPTION_KEYS is not wrapped by it.",
            hint="Put what `manage.py rotate_keys --print-wrapped` says in front there, restart"
            " every process, then run `manage.py rotate_keys` and take the old ones out.",
            id="tradingsite.W002",
        )
    ]


def a_slow_statement_is_waited_for(**_: Any) -> list[CheckMessage]:
    """Warn where a PostgreSQL that is only slow would be taken for one that hangs."""
    longest, waited = settings.STATEMENT_TIMEOUT_MS, settings.DATABASE_ANSWER_TIMEOUT_MS
    if not waited or 0 < longest < waited:
        return []
    return [
        CheckWarning(
            "DATABASE_ANSWER_TIMEOUT_MS is not above DATABASE_STATEMENT_TIMEOUT_MS.",
            hint="Wait longer than the longest statement may take: one that is given up may still"
            " have its effect.",
            id="tradingsite.W003",
        )
    ]
