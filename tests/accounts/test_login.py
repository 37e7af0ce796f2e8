"""Where other machines can reach Darkroom, a login stands before every page."""

import pytest
from django.urls import reverse

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("team_mode")]


def test_a_page_leads_to_the_login_and_back(client, alice):
    answer = client.get("/gallery/")
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/gallery/")

    page = client.get(answer["Location"])
    assert page.status_code == 200
    assert b'value="/gallery/"' in page.content

    answer = client.post(
        "/login/", {"username": "alice", "password": "alice likes pictures", "next": "/gallery/"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/gallery/")
    assert client.get("/gallery/").status_code == 200


def test_a_wrong_password_is_said_and_the_name_kept(client, alice):
    page = client.post("/login/", {"username": "alice", "password": "wrong"})
    assert page.status_code == 200
    assert b'id="login-error"' in page.content
    assert b'value="alice"' in page.content


def test_the_way_back_leads_to_no_other_site(client, alice):
    fields = {"username": "alice", "password": "alice likes pictures", "next": "//evil.example/"}
    assert client.post("/login/", fields)["Location"] == reverse("studio:index")


def test_logging_out_ends_it(client, alice):
    client.force_login(alice)
    client.post(reverse("logout"))
    assert client.get("/").status_code == 302


def test_every_page_offers_to_log_out(client, alice):
    client.force_login(alice)
    page = client.get("/").content.decode()
    assert f'action="{reverse("logout")}"' in page
    assert "Log out alice" in page
