"""What becomes of the reports browsers send when they refuse something?"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from prometheus_client import REGISTRY

from core.push import redis_client
from tests.tradingsite.lines import keep_lines
from tradingsite import violations

REPORT = {
    "document-uri": "http://127.0.0.1/convert/?amount=2423",
    "violated-directive": "script-src-elem",
    "effective-directive": "script-src-elem",
    "blocked-uri": "https://evil.example/x.js?stolen=1",
    "source-file": "http://127.0.0.1/static/js/board.js?v=2",
    "script-sample": "typed by somebody",
}
NEWER = {
    "documentURL": "http://127.0.0.1/",
    "effectiveDirective": "img-src",
    "blockedURL": "https://evil.example/pixel.gif",
}
BAD = [
    (b"", 400),
    (b"{", 400),
    (b"7", 400),
    (b'{"csp-report": "text"}', 400),
    (b'{"csp-report": {"blocked-uri": "http://["}}', 400),
    (b'{"csp-report": {"blocked-uri": "\\u0000"}}', 400),
    (b'{"csp-report": {"x": "' + b"y" * violations.BYTES_MAX + b'"}}', 413),
]


@pytest.fixture(autouse=True)
def no_counters() -> None:
    redis_client().flushdb()


@pytest.fixture
def lines() -> Iterator[list[str]]:
    with keep_lines() as written:
        yield written


def send(body: Any, client: Client | None = None) -> int:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    client = client or Client(enforce_csrf_checks=True)
    return client.post("/csp-reports/", data, content_type="application/csp-report").status_code


def counted(directive: str) -> float:
    return REGISTRY.get_sample_value("tradingsite_csp_reports_total", {"directive": directive}) or 0


def test_a_report_is_counted_and_logged_without_what_people_typed(lines: list[str]) -> None:
    before = counted("script-src")
    assert send({"csp-report": REPORT}) == 204
    assert counted("script-src") == before + 1
    line = json.loads(next(line for line in lines if "csp_violation" in line))
    assert line["page"] == "/convert/"
    assert line["blocked"] == "https://evil.example/x.js"
    assert line["source"] == "http://127.0.0.1/static/js/board.js"
    assert "2423" not in str(line)
    assert "typed" not in str(line)


def test_the_newer_form_brings_several() -> None:
    before = counted("img-src")
    report = {"type": "csp-violation", "body": NEWER}
    assert send([report, {"type": "deprecation", "body": {}}, report, 7, None]) == 204
    assert counted("img-src") == before + 2


def test_an_unknown_directive_makes_no_label_of_its_own() -> None:
    before = counted("other")
    assert send({"csp-report": REPORT | {"effective-directive": "x" * 90}}) == 204
    assert counted("other") == before + 1


def test_a_browsers_extension_is_not_our_concern(lines: list[str]) -> None:
    for blocked in ("chrome-extension://abc/x.js", "moz-extension"):
        assert send({"csp-report": REPORT | {"blocked-uri": blocked}}) == 204
    assert send({"csp-report": REPORT | {"source-file": "chrome-extension"}}) == 204
    assert not any("csp_violation" in line for line in lines)


def test_a_report_forges_no_line_and_shows_no_secret(lines: list[str]) -> None:
    page = "http://x/accounts/confirm-email/Mw:secret/\n{}\x1b[2J"
    assert send({"csp-report": REPORT | {"document-uri": page}}) == 204
    line = next(line for line in lines if "csp_violation" in line)
    assert "\n" not in line
    assert "\x1b" not in line
    assert "secret" not in line


@pytest.mark.parametrize(("body", "status"), BAD)
def test_it_refuses_what_is_no_report(body: bytes, status: int, lines: list[str]) -> None:
    assert send(body) == status
    assert not any("csp_violation" in line for line in lines)


def test_it_refuses_a_network_that_sends_too_many() -> None:
    client = Client()
    statuses = [send({"csp-report": REPORT}, client) for _ in range(violations.PER_MINUTE + 1)]
    assert statuses == [204] * violations.PER_MINUTE + [429]


def test_it_answers_no_other_method(client: Client) -> None:
    assert client.get("/csp-reports/").status_code == 405
