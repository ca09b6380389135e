"""Pages for when something is wrong: in our own look, and the worst of them without a database."""

import pytest
from django.test import Client, RequestFactory
from django.views.defaults import bad_request, server_error


def test_a_fault_of_ours_is_told_without_database_or_context():
    answer = server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    page = answer.content.decode()
    assert "This page failed on our side" in page
    assert "/static/css/app.css" in page


def test_a_request_that_is_not_understood_is_told_without_a_database():
    answer = bad_request(RequestFactory().get("/"), ValueError())
    assert answer.status_code == 400
    assert "could not be understood" in answer.content.decode()


@pytest.mark.django_db
def test_a_form_without_its_code_is_refused_in_plain_words():
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "mara"})
    assert answer.status_code == 403
    assert "This form could not be checked" in answer.content.decode()
