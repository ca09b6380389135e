"""What about an installation deserves a warning that no other check of Django gives?"""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning
from django.db import connections

DATABASE_OWNER = (
    "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
)


def app_role_is_not_the_owner(
    *, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Warn where the site signs in as the owner of its tables and only steps down by SET ROLE."""
    if not databases:
        return []
    login = connections["default"].settings_dict["USER"]
    with connections[databases[0]].cursor() as cursor:
        cursor.execute(DATABASE_OWNER)
        if cursor.fetchone() != (login,):
            return []
    return [
        CheckWarning(
            "DATABASE_URL signs in as the owner of the database.",
            hint="Give the site a role of its own there and name the owner in DATABASE_OWNER_URL.",
            id="tradingsite.W001",
        )
    ]
