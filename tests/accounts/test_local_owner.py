"""On a loopback address there is one owner, who needs no login. Whoever comes from elsewhere is not that owner."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_owner_needs_no_login(client):
    assert client.get("/").status_code == 200


def test_a_page_of_another_name_is_not_answered(client):
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded"])
def test_what_came_through_a_proxy_is_refused_in_one_sentence(client, header):
    answer = client.get("/", headers={header: "203.0.113.9"})
    assert answer.status_code == 403
    assert b"ALLOWED_HOSTS" in answer.content


def test_a_form_of_another_site_is_refused(db):
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/studio/generate/", {"prompt": "A"}, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
