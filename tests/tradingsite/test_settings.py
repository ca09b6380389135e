"""Do the settings hold together?"""

import pytest
from django.db import connections


@pytest.mark.django_db
def test_tests_run_as_the_app_role_not_the_owner() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("site_app",)
