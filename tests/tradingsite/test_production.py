"""Is it safe on the open internet? What `PUBLIC_URL=https://…` makes of the settings."""

import os
import subprocess
import sys

import pytest

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
        "from tradingsite.notices import NoticeCookie as n;"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, n.cookie_name, s.SESSION_COOKIE_SECURE,"
        " s.SESSION_COOKIE_HTTPONLY, s.CSRF_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE, s.DEBUG)"
    )
    answer = run("manage.py", "shell", "--no-imports", "-c", asked).stdout.split()
    assert answer[:3] == ["__Host-sessionid", "__Host-csrftoken", "__Host-messages"]
    assert answer[3:] == ["True", "True", "False", "Lax", "False"]


@pytest.mark.parametrize(("peer", "status"), [("10.1.2.3", "200"), ("203.0.113.9", "301")])
def test_only_a_proxy_the_operator_names_is_believed(peer: str, status: str) -> None:
    asked = (
        "from django.test import RequestFactory as F; from tradingsite.wsgi import application;"
        f"environ = F().get('/robots.txt', REMOTE_ADDR='{peer}', HTTP_HOST='trading.example',"
        " HTTP_X_FORWARDED_FOR='198.51.100.7', HTTP_X_FORWARDED_PROTO='https').environ;"
        "application(environ, lambda status, headers: print(status, environ['REMOTE_ADDR']))"
    )
    answer = run("-c", asked).stdout.split()
    assert answer[0] == status
    assert answer[-1] == ("198.51.100.7" if status == "200" else peer)
