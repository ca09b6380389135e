"""What about an installation deserves a warning that no other check of Django gives?"""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning


def app_role_is_not_the_owner(**_: Any) -> list[CheckMessage]:
    """Warn where the site signs in as the owner of its tables and only steps down by SET ROLE."""
    if settings.DATABASES["default"]["USER"] != settings.DATABASES["owner"]["USER"]:
        return []
    return [
        CheckWarning(
            "DATABASE_URL signs in as the owner of the database.",
            hint="Give the site a role of its own there and name the owner in DATABASE_OWNER_URL.",
            id="tradingsite.W001",
        )
    ]
