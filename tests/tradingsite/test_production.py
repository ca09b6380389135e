"""Is it safe on the open internet? What `PUBLIC_URL=https://…` makes of the settings."""

import os
import subprocess
import sys

from tests.tidy.tree import PROJECT

PRODUCTION = {"PUBLIC_URL": "https://trading.example", "TRUSTED_PROXIES": "10.0.0.0/8"}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=os.environ | PRODUCTION,
        capture_output=True,
        text=True,
    )


def test_djangos_deployment_check_has_no_warning() -> None:
    checked = run("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert checked.returncode == 0, checked.stderr


def test_cookies_are_bound_to_the_host_and_secure() -> None:
    asked = (
        "from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE,"
        " s.SESSION_COOKIE_HTTPONLY, s.CSRF_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE, s.DEBUG)"
    )
    answer = run("manage.py", "shell", "--no-imports", "-c", asked).stdout.split()
    assert answer[:2] == ["__Host-sessionid", "__Host-csrftoken"]
    assert answer[2:] == ["True", "True", "False", "Lax", "False"]
