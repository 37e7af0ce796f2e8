"""The health page: whether the database answers and a worker beats, and nothing that is a secret."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from playground.runs.models import Worker

pytestmark = pytest.mark.django_db


def worker(*, seconds_ago: float) -> Worker:
    then = timezone.now() - timedelta(seconds=seconds_ago)
    return Worker.objects.create(host="here", pid=1, started_at=then, beat_at=then)


def test_it_is_well_while_a_worker_beats(client):
    worker(seconds_ago=1)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "status": "ok",
            "provider": "simulator",
            "database": "ok",
            "worker": "ok",
            "queued": 0,
            "running": 0,
        },
    )


def test_it_says_when_no_worker_beats(client):
    worker(seconds_ago=3600)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["worker"]) == (503, "missing")


def test_it_asks_for_no_login_and_tells_no_names(client, settings):
    settings.LOCAL_MODE = False
    worker(seconds_ago=1)
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert b"here" not in answer.content


def test_it_is_never_kept_by_a_cache(client):
    assert "no-store" in client.get("/healthz")["Cache-Control"]


def test_it_takes_no_post(client):
    assert client.post("/healthz").status_code == 405


class ThemeTests:
    def test_it_is_kept_and_the_page_comes_back(self, client):
        answer = client.post(reverse("theme"), {"theme": "dark", "next": "/gallery/?page=2"})
        assert (answer.status_code, answer["Location"]) == (302, "/gallery/?page=2")
        assert answer.cookies["theme"].value == "dark"

    def test_nonsense_is_not_kept(self, client):
        assert "theme" not in client.post(reverse("theme"), {"theme": "<script>"}).cookies

    def test_it_leads_to_no_other_site(self, client):
        assert client.post(reverse("theme"), {"theme": "dark", "next": "//evil.example/"})["Location"] == "/"
