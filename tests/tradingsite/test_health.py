"""Does `/readyz` tell the truth, and who may see `/metrics`?"""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from core.push import life, redis_client
from tests import cast
from tests.web_process import started
from tradingsite import examination


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is remembered; beat and publisher have just been heard of."""
    monkeypatch.setattr(examination, "EXAMINED_FOR_S", -1)
    for part in ("beat", "publisher"):
        life.sign(part)
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
    assert found["checks"][part] == f"The {part} was last heard of: 100 s ago."


@pytest.mark.django_db
def test_a_part_never_heard_of_makes_it_unready(client: Client) -> None:
    redis_client().delete("alive:publisher")
    assert ready(client)[1]["checks"]["publisher"] == "The publisher was last heard of: never."


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
    checks = answers[0].json()["checks"]
    assert [answer.status_code for answer in answers] == [503, 200]
    assert checks["database"].startswith("PostgreSQL cannot be reached")
    assert checks["redis"].startswith("Redis cannot be reached")


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
def test_metrics_are_for_staff_anywhere(client: Client) -> None:
    client.force_login(cast.dana())
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 200
