"""What people do with frames: cancel, send again, one more, look away. Never twice, never a stranger's."""

import uuid

import pytest
from django.urls import reverse

from playground.runs import states
from playground.runs.models import Billed, Generation, State
from tests.factories import ALL, VIP, claim, picture, queued, run, running, worker_row
from tests.studio.pages import HTMX, frames, said, source

pytestmark = pytest.mark.django_db


def failed(workspace, billed: str = Billed.NO, failure: str = "busy") -> Generation:
    generation, _attempt = running(workspace, worker_row())
    states.fail(generation, failure, billed=billed)
    return generation


def address(act: str, generation: Generation) -> str:
    return reverse(f"studio:{act}", args=[generation.pk])


def again(generation: Generation) -> Generation:
    generation.refresh_from_db()
    return generation


# -- Cancel --------------------------------------------------------------------------------------------------------


def test_a_queued_frame_is_cancelled(client, workspace):
    generation = queued(workspace)
    answer = client.post(address("cancel", generation), headers=HTMX)
    assert again(generation).state == State.CANCELLED
    assert frames(answer) == {generation.pk: "cancelled"} and "<html" not in source(answer)
    assert "runs-changed" in answer["HX-Trigger-After-Settle"]


def test_what_was_sent_can_not_be_cancelled_and_says_so(client, workspace):
    generation, _attempt = running(workspace, worker_row())
    page = client.post(address("cancel", generation), follow=True)
    assert again(generation).state == State.RUNNING
    assert "1A was already sent, so it can't be cancelled." in said(page)


def test_for_htmx_the_same_sentence_comes_as_a_toast(client, workspace):
    generation, _attempt = running(workspace, worker_row())
    answer = client.post(address("cancel", generation), headers=HTMX)
    assert "already sent" in answer["HX-Trigger"]


def test_all_that_is_queued_of_a_run_is_cancelled_at_once(client, workspace):
    strip = run(workspace, ALL, VIP, variants=2)
    first = strip.generations.select_related("run").first()
    claim(first, worker_row())
    answer = client.post(f"/runs/{strip.number}/cancel/", headers=HTMX)
    assert sorted(frames(answer).values()) == ["cancelled", "cancelled", "cancelled", "running"]


# -- Send again ----------------------------------------------------------------------------------------------------


def test_a_failed_frame_is_sent_again_as_a_new_one_with_the_same_snapshot(client, workspace):
    generation, _attempt = running(workspace, worker_row(), VIP, size="2048x1152")
    states.fail(generation, "busy")
    answer = client.post(address("retry", generation), headers=HTMX)

    copy = again(generation).retried_by
    assert (copy.state, copy.parameters, copy.label) == (State.QUEUED, {"size": "2048x1152"}, "1A2")
    assert frames(answer) == {generation.pk: "failed", copy.pk: "queued"}
    assert "Sent again as A2" in said(answer)
    assert f'href="#frame-{copy.pk}"' in source(answer)


def test_pressing_again_five_times_sends_once(client, workspace):
    generation = failed(workspace)
    for _ in range(5):
        client.post(address("retry", generation))
    assert Generation.objects.count() == 2


def test_what_may_have_been_billed_is_sent_again_only_by_its_own_button(client, workspace):
    generation = failed(workspace, Billed.UNKNOWN, "connection_broken")
    client.post(f"/runs/{generation.run.number}/retry/")
    assert Generation.objects.count() == 1
    client.post(address("retry", generation))
    assert Generation.objects.count() == 2


def test_every_free_failure_of_a_run_is_sent_again_once(client, workspace):
    strip = run(workspace, ALL, VIP)
    for generation in strip.generations.select_related("run"):
        claim(generation, worker_row())
        states.fail(generation, "busy")
    page = client.get(f"/runs/{strip.number}/")
    assert "Send 2 again" in said(page)
    client.post(f"/runs/{strip.number}/retry/")
    client.post(f"/runs/{strip.number}/retry/")
    assert strip.generations.count() == 4


@pytest.mark.parametrize("act", ["retry", "another"])
def test_a_frame_whose_model_left_the_catalog_says_so(client, workspace, act):
    generation = failed(workspace)
    Generation.objects.filter(pk=generation.pk).update(model_id="gpt-image-0")
    answer = client.post(address(act, generation), {"submission_key": uuid.uuid4()}, headers=HTMX)
    assert answer.status_code == 200 and "not in the catalog" in answer["HX-Trigger"]
    assert generation.run.generations.count() == 1


def test_a_finished_frame_is_not_sent_again(client, workspace):
    generation = picture(workspace).generation
    page = client.post(address("retry", generation), follow=True)
    assert Generation.objects.count() == 1
    assert "1A has not failed, so it was not sent again." in said(page)


# -- Another one ---------------------------------------------------------------------------------------------------


def test_another_one_is_a_new_frame_of_the_same_run(client, workspace):
    output = picture(workspace)
    answer = client.post(
        address("another", output.generation), {"submission_key": uuid.uuid4()}, headers=HTMX
    )
    assert sorted(frames(answer).values()) == ["done", "queued"]
    assert output.generation.run.generations.count() == 2


def test_another_one_pressed_twice_is_one(client, workspace):
    generation, key = picture(workspace).generation, uuid.uuid4()
    for _ in range(2):
        answer = client.post(address("another", generation), {"submission_key": key})
        assert answer.status_code == 302
    assert Generation.objects.count() == 2


@pytest.mark.parametrize("key", ["", "x", "' OR 1=1"])
def test_another_one_without_a_key_is_refused(client, workspace, key):
    generation = picture(workspace).generation
    answer = client.post(address("another", generation), {"submission_key": key})
    assert (answer.status_code, Generation.objects.count()) == (422, 1)
    assert "incomplete" in said(answer)


def test_the_buttons_of_two_frames_have_keys_of_their_own(client, workspace):
    picture(workspace)
    picture(workspace)
    import re

    keys = re.findall(r'name="submission_key" value="([^"]+)"', source(client.get("/")))
    assert len(keys) == 2 and len(set(keys)) == 2


# -- Looking away --------------------------------------------------------------------------------------------------


def test_a_running_frame_folds_away_and_comes_back(client, workspace):
    generation, _attempt = running(workspace, worker_row())
    folded = client.post(address("watch", generation), {"watched": "no"}, headers=HTMX)
    assert "Not watching" in said(folded) and "The call goes on and is billed" in said(folded)
    assert again(generation).state == State.RUNNING
    shown = client.post(address("watch", generation), {"watched": "yes"}, headers=HTMX)
    assert "Running" in said(shown)


# -- Pages and doors -----------------------------------------------------------------------------------------------


def test_a_run_has_a_page_of_its_own_with_the_whole_prompt(client, workspace):
    prompt = "First line\n" + "word " * 400 + "END"
    strip = run(workspace, ALL, VIP, prompt=prompt)
    page = client.get(strip.get_absolute_url())
    assert "END" in said(page) and "<h1" in source(page) and "Run 1" in said(page)
    assert len(frames(page)) == 2


def test_without_htmx_every_act_leads_back_to_the_frame_on_its_runs_page(client, workspace):
    generation = queued(workspace)
    answer = client.post(address("cancel", generation))
    assert (answer.status_code, answer["Location"]) == (302, f"/runs/1/#frame-{generation.pk}")


@pytest.mark.parametrize("act", ["cancel", "retry", "another", "watch"])
def test_an_act_is_a_post(client, workspace, act):
    generation = queued(workspace)
    assert client.get(address(act, generation)).status_code == 405
    assert again(generation).state == State.QUEUED


@pytest.mark.parametrize("act", ["cancel-run", "retry-run"])
def test_an_act_on_a_run_is_a_post(client, workspace, act):
    run(workspace)
    assert client.get(reverse(f"studio:{act}", args=[1])).status_code == 405


@pytest.mark.parametrize("act", ["cancel", "retry", "another", "watch", "frame"])
def test_a_strangers_frame_is_as_good_as_none(client, workspace, elsewhere, act):
    theirs = queued(elsewhere)
    ask = client.get if act == "frame" else client.post
    assert ask(address(act, theirs), {"submission_key": uuid.uuid4(), "watched": "no"}).status_code == 404
    assert ask(reverse(f"studio:{act}", args=[10**9])).status_code == 404
    assert (again(theirs).state, again(theirs).watched) == (State.QUEUED, True)


@pytest.mark.parametrize("path", ["", "cancel/", "retry/"])
def test_a_strangers_run_is_as_good_as_none(client, workspace, elsewhere, path):
    theirs = run(elsewhere)
    ask = client.post if path else client.get
    assert ask(f"/runs/{theirs.number}/{path}").status_code == 404
    assert theirs.generations.get().state == State.QUEUED


@pytest.mark.parametrize("act", ["cancel", "retry", "another", "watch"])
def test_an_act_needs_the_token(csrf_client, workspace, act):
    generation = queued(workspace)
    assert csrf_client.post(address(act, generation)).status_code == 403


def test_in_a_team_nobody_gets_in_without_a_login(client, workspace, team_mode):
    generation = queued(workspace)
    for path in ("/", "/studio/live/", "/runs/1/", f"/frames/{generation.pk}/", "/gallery/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/login/")


def test_in_a_team_a_stranger_sees_nothing_of_it(browser_of, charlie, workspace, team_mode):
    generation = queued(workspace)
    theirs = browser_of(charlie)
    assert "Run 1" not in said(theirs.get("/"))
    assert theirs.get("/runs/1/").status_code == 404
    assert theirs.get(f"/frames/{generation.pk}/").status_code == 404
