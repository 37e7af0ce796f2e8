"""Previews of a drawing: kept as they come, shown while one waits, and still there when the stream breaks."""

import pytest
from django.core.files.storage import default_storage

from playground.runs.models import Attempt, Generation, State
from playground.runs.previews import Preview
from playground.runs.work import carry_out
from tests.factories import OFFICIAL, queued

pytestmark = pytest.mark.django_db
SMALL = {"size": "1024x1024", "quality": "low", "stream": True, "partial_images": 2}


def carried_out(workspace, hands, directive="") -> Generation:
    generation = queued(workspace, OFFICIAL, prompt=f"A tea tin {directive}", **SMALL)
    carry_out(generation.pk, hands)
    generation.refresh_from_db()
    return generation


def kept(attempt: Attempt) -> list[Preview]:
    return [Preview.read(record) for record in attempt.previews]


def test_each_is_kept_and_the_picture_comes_after_them(hands, workspace, provider):
    generation = carried_out(workspace, hands)
    attempt = generation.attempts.get()
    assert generation.state == State.SUCCEEDED
    assert [one.index for one in kept(attempt)] == [0, 1]
    assert all(
        default_storage.exists(one.name) and default_storage.exists(one.thumbnail) for one in kept(attempt)
    )
    assert generation.outputs.get().sha256 not in {one.sha256 for one in kept(attempt)}
    assert provider.calls()["total"] == 1


def test_what_came_costs_what_the_usage_says(hands, workspace, provider):
    with_previews = carried_out(workspace, hands)
    plain = queued(workspace, OFFICIAL, prompt="A tea tin ", size="1024x1024", quality="low")
    carry_out(plain.pk, hands)
    plain.refresh_from_db()
    assert with_previews.cost - plain.cost == with_previews.estimate_high - plain.estimate_high > 0


def test_a_stream_that_breaks_leaves_its_last_preview_to_look_at(hands, workspace, provider, client):
    generation = carried_out(workspace, hands, "[[sim: stream-cut 1]]")
    assert (generation.state, generation.billed) == (State.FAILED, "unknown")
    (preview,) = kept(generation.attempts.get())
    assert Preview.read(generation.preview) == preview

    address = f"/frames/{generation.pk}/preview/{preview.sha256}.webp"
    assert address in client.get(f"/frames/{generation.pk}/").content.decode()
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert b"".join(answer.streaming_content)[8:12] == b"WEBP"
    assert provider.calls()["total"] == 1


def test_a_preview_of_another_frame_is_not_there(
    hands, workspace, provider, client, charlie, browser_of, settings
):
    generation = carried_out(workspace, hands, "[[sim: stream-cut 1]]")
    sha256 = generation.preview["sha256"]
    assert client.get(f"/frames/{generation.pk}/preview/{'0' * 64}.webp").status_code == 404
    settings.LOCAL_MODE = False
    stranger = browser_of(charlie).get(f"/frames/{generation.pk}/preview/{sha256}.webp")
    assert stranger.status_code == 404


def test_a_preview_that_cant_be_kept_costs_nobody_the_picture(hands, workspace, provider, monkeypatch):
    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr("playground.runs.previews.make_thumbnails", full)
    generation = carried_out(workspace, hands)
    assert generation.state == State.SUCCEEDED
    assert generation.attempts.get().previews == []
