"""Does `/readyz` tell the truth, and who may see `/metrics`?"""

import json
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from core import clock
from core.push import heartbeats, redis_client
from market.models import SourceHealth
from tests import cast
from tests.accounts.people import enter_as_staff
from tests.tradingsite.lines import keep_lines
from tests.tradingsite.prices import put_price
from tests.web_process import started
from tradingsite import examination


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is remembered; beat and publisher have just been heard of."""
    monkeypatch.setattr(examination, "EXAMINED_FOR_S", -1)
    for part in ("beat", "publisher"):
        heartbeats.sign(part)
    yield
    redis_client().delete("alive:beat", "alive:publisher")


def ready(client: Client) -> tuple[int, dict[str, Any]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


@pytest.mark.django_db
def test_without_prices_it_is_degraded(client: Client) -> None:
    status, found = ready(client)
    assert (status, found["status"]) == (200, "degraded")
    assert set(found["checks"].values()) == {"ok"}


@pytest.mark.django_db
@pytest.mark.parametrize("part", ["beat", "publisher"])
def test_a_silent_part_makes_it_unready(client: Client, part: str) -> None:
    redis_client().set(f"alive:{part}", time.time() - 100)
    status, found = ready(client)
    assert (status, found["status"]) == (503, "not_ready")
    assert found["checks"][part] == f"The {part} has been silent for 100 s."
    assert 100 <= found["lag_s"][part] < 101


@pytest.mark.django_db
def test_being_unready_is_no_error_in_the_log(client: Client) -> None:
    redis_client().delete("alive:beat")
    with keep_lines() as written:
        assert ready(client)[0] == 503
    levels = [json.loads(line)["level"] for line in written]
    assert levels == ["warning"]


@pytest.mark.django_db
def test_a_part_never_heard_of_makes_it_unready(client: Client) -> None:
    redis_client().delete("alive:publisher")
    found = ready(client)[1]
    assert found["checks"]["publisher"] == "The publisher was never heard of."
    assert found["lag_s"]["publisher"] is None


@pytest.mark.django_db
def test_it_says_how_old_the_data_are_and_how_late_the_clock_is(
    client: Client, settings: Any
) -> None:
    settings.FEEDS = ["kraken"]
    heard = clock.now() - timedelta(seconds=40)
    SourceHealth.objects.create(name="kraken", state="silent", last_success_at=heard)
    SourceHealth.objects.create(name="replay", state="ok", last_success_at=heard)  # switched off
    put_price("EUR-USD", "1.08")
    found = ready(client)[1]
    put_price("EUR-USD", None)
    assert found["feeds"] == {"kraken": "silent"}
    assert found["age_s"] == {"prices": pytest.approx(0, abs=1), "kraken": pytest.approx(40, abs=1)}
    assert found["lag_s"] == {"beat": pytest.approx(0, abs=1), "publisher": pytest.approx(0, abs=1)}


@pytest.mark.django_db
def test_a_full_disk_makes_it_unready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "DISK_FULL_BYTES", 2**70)
    status, found = ready(client)
    assert status == 503
    assert found["checks"]["disk"].startswith("The disk is full: ")


@pytest.mark.django_db
def test_a_process_given_up_makes_it_unready(client: Client, tmp_path: Path, settings: Any) -> None:
    settings.DATA = type(settings.DATA)(tmp_path)
    children = {"web": {"state": "running"}, "stream": {"state": "given up"}}
    told = {"pid": os.getpid(), "children": children}
    settings.DATA.supervisor_state.write_text(json.dumps(told))
    status, found = ready(client)
    assert status == 503
    assert "stream" in found["checks"]["processes"]


@pytest.mark.django_db
def test_only_reading_is_allowed(client: Client) -> None:
    assert {client.post(path).status_code for path in ("/readyz", "/metrics", "/healthz")} == {405}


def test_without_stores_it_says_which_and_goes_on(django_db_setup: None) -> None:
    away = {"DATABASE_URL": "postgresql://a@/b?host=/nowhere", "REDIS_URL": "unix:///nowhere"}
    with started(**away) as web:
        answers = [web.get(path) for path in ("/readyz", "/healthz")]
        afar = web.get("/readyz", headers={"X-Forwarded-For": "203.0.113.7"})
    checks = answers[0].json()["checks"]
    assert [answer.status_code for answer in answers] == [503, 200]
    assert checks["database"].startswith("PostgreSQL cannot be reached: ")
    assert checks["redis"].startswith("Redis cannot be reached: ")
    assert (afar.status_code, afar.json()["checks"]["redis"]) == (503, "Redis cannot be reached.")
    assert "/nowhere" in answers[0].text
    assert "/nowhere" not in afar.text


@pytest.mark.django_db
def test_metrics_are_for_this_machine(client: Client) -> None:
    assert b"tradingsite_listeners" in client.get("/metrics").content


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-Ip"])
def test_metrics_do_not_exist_through_a_proxy(client: Client, header: str) -> None:
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


@pytest.mark.django_db
def test_metrics_do_not_exist_for_people_elsewhere(client: Client) -> None:
    client.force_login(cast.person("alice"))
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 404


@pytest.mark.django_db
def test_metrics_are_for_staff_anywhere_once_they_have_proved_twice(client: Client) -> None:
    dana = cast.dana()
    client.force_login(dana)
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 404
    enter_as_staff(client, dana)
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 200
