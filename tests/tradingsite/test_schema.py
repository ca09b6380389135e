"""Is the API's description true, complete and readable?"""

import json
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from tests import cast
from tests.accounts.people import enter_as_staff

METHODS = ("get", "post", "put", "patch", "delete")
SENDING = ("POST", "PUT", "PATCH")
NOBODYS = "623dadf6-b3bb-45a2-8348-36d85bbb1f64"
JSON, STRAY = "application/json", '{"no_such_field": ""}'
UNTHROTTLED = {"get_quotes", "get_sse_board"}  # answered before Django


@pytest.fixture
def schema(client: Client) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(client.get("/api/v1/schema/").content)
    return answer


def operations(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", item[method])
        for path, item in schema["paths"].items()
        for method in METHODS
        if method in item
    ]


def test_it_is_valid_and_without_a_warning() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")


def test_every_operation_has_a_summary_and_a_known_tag(schema: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in schema["tags"]}
    bare = [name for name, one in operations(schema) if not one.get("summary")]
    stray = [name for name, one in operations(schema) if not set(one["tags"]) <= tags]
    assert (bare, stray) == ([], [])


def test_every_operation_names_its_failures_in_the_one_shape(schema: dict[str, Any]) -> None:
    for name, operation in operations(schema):
        if operation["operationId"] == "get_healthz":
            continue  # refuses nothing
        limited = () if operation["operationId"] in UNTHROTTLED else ("429",)
        for status in ("400", "503", *limited):
            body = operation["responses"][status]["content"]["application/json"]
            assert body["schema"]["$ref"].endswith("/Failure"), name


def test_what_is_sent_has_no_other_fields(schema: dict[str, Any]) -> None:
    sent = [
        schema["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]
        for _, one in operations(schema)
        for body in one.get("requestBody", {}).get("content", {}).values()
    ]
    assert len(sent) >= 5
    assert all(shape["additionalProperties"] is False for shape in sent)


@pytest.mark.django_db
def test_a_field_that_is_not_described_is_refused(schema: dict[str, Any], client: Client) -> None:
    enter_as_staff(client, cast.alice())
    for name, one in operations(schema):
        method, _, path = name.partition(" ")
        if method in SENDING:
            answer = client.generic(
                method, re.sub("{.*}", NOBODYS, path), STRAY, JSON, headers={"Idempotency-Key": "k"}
            )
            assert answer.status_code == 400, name
            known = "not one of" if "requestBody" in one else "takes no fields"
            assert known in answer.json()["error"]["message"], name


def test_it_offers_tokens_and_the_session(schema: dict[str, Any]) -> None:
    schemes = schema["components"]["securitySchemes"]
    assert (schemes["token"]["scheme"], schemes["session"]["in"]) == ("bearer", "cookie")


def test_whoever_has_it_already_gets_304(client: Client) -> None:
    first = client.get("/api/v1/schema/")
    again = client.get("/api/v1/schema/", headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)


def test_the_docs_page_allows_no_inline_script(client: Client) -> None:
    policy = client.get("/api/v1/docs/")["Content-Security-Policy"]
    assert "script-src 'self'" in policy.split("; ")
    assert "unsafe-eval" not in policy
