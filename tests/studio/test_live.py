"""What an open page hears: nothing while nothing changed, otherwise only what did, in its place."""

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from playground.accounts.models import Workspace
from playground.costs import ledger
from playground.runs import services, states
from playground.runs.models import Billed, Generation
from tests.costs import bills
from tests.factories import ALL, OFFICIAL, VIP, claim, picture, queued, run, running, worker_row
from tests.studio.pages import frames, said, source

pytestmark = pytest.mark.django_db
STOP_POLLING = 286


def revision(workspace: Workspace) -> int:
    return Workspace.objects.values_list("revision", flat=True).get(pk=workspace.pk)


def ask(client, since: int, newest: int = 0, **query):
    return client.get(
        "/studio/live/", {"since": since, "newest": newest} | query, headers={"HX-Request": "true"}
    )


def queries_of(act) -> int:
    with CaptureQueriesContext(connection) as seen:
        act()
    return len(seen)


def end(generation: Generation) -> None:
    """Its call failed, for free."""
    claim(generation, worker_row())
    states.fail(generation, "moderation")


# -- Nothing new ---------------------------------------------------------------------------------------------------


def test_nothing_new_while_something_runs_is_204_without_a_body(client, workspace):
    queued(workspace)
    answer = ask(client, revision(workspace), 1)
    assert (answer.status_code, answer.content) == (204, b"")


def test_nothing_new_and_nothing_running_stops_the_poll(client, workspace):
    picture(workspace)
    assert ask(client, revision(workspace), 1).status_code == STOP_POLLING


def test_an_empty_installation_stops_the_poll(client, workspace):
    assert ask(client, 0).status_code == STOP_POLLING


@pytest.mark.parametrize("many", [1, 40])
def test_an_idle_poll_costs_two_queries_however_much_there_is(client, workspace, many):
    for _ in range(many):
        queued(workspace)
    now = revision(workspace)
    ask(client, now, many)
    # One finds the workspace of the request, one takes its pulse.
    assert queries_of(lambda: ask(client, now, many)) <= 2


# -- What changed, and only that -----------------------------------------------------------------------------------


def test_only_the_frame_that_changed_comes(client, workspace):
    first = run(workspace, ALL, VIP, OFFICIAL)
    run(workspace, ALL)
    now = revision(workspace)
    changed = first.generations.select_related("run").get(letter="B")
    end(changed)

    answer = ask(client, now, 2)
    assert answer.status_code == 200
    assert frames(answer) == {changed.pk: "failed"}
    assert 'id="run-1-head"' in source(answer) and 'id="run-2' not in source(answer)
    assert f'id="live-since" value="{revision(workspace)}"' in source(answer)


def test_every_piece_says_where_it_goes(client, workspace):
    generation = queued(workspace)
    now = revision(workspace)
    end(generation)
    page = source(ask(client, now, 1))
    for piece in (f'id="frame-{generation.pk}"', 'id="run-1-head"', 'id="live-since"', 'id="announcer"'):
        tag = re.search(rf"<[^>]*{re.escape(piece)}[^>]*>", page)
        assert tag and "hx-swap-oob" in tag[0], piece


def test_a_run_from_another_tab_comes_whole_and_on_top(client, workspace):
    run(workspace, ALL)
    now = revision(workspace)
    run(workspace, ALL, VIP, prompt="From the other tab")

    answer = ask(client, now, 1)
    page = source(answer)
    assert 'hx-swap-oob="afterbegin:#run-list"' in page
    assert 'id="live-newest" value="2"' in page
    assert "From the other tab" in said(answer) and len(frames(answer)) == 2


def test_a_page_that_knows_the_run_is_not_given_it_twice(client, workspace):
    now = revision(workspace)
    run(workspace, ALL)
    page = source(ask(client, now, newest=1))
    assert "afterbegin" not in page and page.count('id="run-1"') == 1


def test_another_one_brings_its_strip_anew(client, workspace):
    generation = queued(workspace)
    now = revision(workspace)
    services.retry(_cancelled(generation))

    answer = ask(client, now, 1)
    assert re.search(r'<section class="run" id="run-1"[^>]*hx-swap-oob="true"', source(answer))
    assert sorted(frames(answer).values()) == ["cancelled", "queued"]


def _cancelled(generation: Generation) -> Generation:
    states.cancel(generation)
    return generation


def test_a_runs_own_page_hears_of_that_run_alone(client, workspace):
    first, second = queued(workspace), queued(workspace)
    now = revision(workspace)
    end(first)
    end(second)
    assert frames(ask(client, now, 2, run=1)) == {first.pk: "failed"}


def test_what_changed_is_said_aloud(client, workspace):
    generation = queued(workspace)
    now = revision(workspace)
    end(generation)
    assert "1A: Failed." in said(ask(client, now, 1))


def test_a_strangers_runs_are_never_heard_of(client, workspace, elsewhere):
    queued(elsewhere, prompt="Secret")
    answer = ask(client, 0)
    assert (answer.status_code, answer.content) == (STOP_POLLING, b"")


@pytest.mark.parametrize("since", ["", "-1", "x", "1e3", "٣", "9" * 30])
def test_nonsense_instead_of_a_revision_is_answered_with_everything(client, workspace, since):
    queued(workspace)
    answer = client.get("/studio/live/", {"since": since, "newest": since, "run": since})
    assert answer.status_code == 200 and len(frames(answer)) == 1


def test_news_of_many_frames_cost_as_many_queries_as_of_few(client, workspace):
    few, many = [], []
    for wanted, count in ((few, 3), (many, 6)):
        began = revision(workspace)
        strips = [run(workspace, ALL, VIP) for _ in range(count)]
        for strip in strips:
            end(strip.generations.select_related("run").get(letter="A"))
        wanted.append(queries_of(lambda since=began: ask(client, since, 0)))
    assert many == few


def test_live_is_read_only(client):
    assert client.post("/studio/live/").status_code == 405


# -- What a frame says in each state -------------------------------------------------------------------------------


def test_a_queued_frame_can_be_cancelled_and_says_nothing_was_sent(client, workspace):
    generation = queued(workspace)
    page = client.get(f"/frames/{generation.pk}/")
    assert frames(page) == {generation.pk: "queued"}
    assert "Nothing has been sent yet." in said(page) and "Cancel" in said(page)
    assert "est. $0.030" in said(page)


def test_a_running_frame_shows_its_time_against_the_usual_one(client, workspace):
    generation, _attempt = running(workspace, worker_row(), OFFICIAL)
    page = client.get(f"/frames/{generation.pk}/")
    assert frames(page) == {generation.pk: "running"}
    assert "usually" in said(page) and "<elapsed-time" in source(page)
    assert "up to $" in said(page)


def test_a_finished_frame_has_its_picture_size_seconds_and_price(client, workspace):
    output = picture(workspace, 640, 480)
    page = client.get(f"/frames/{output.generation_id}/")
    assert frames(page) == {output.generation_id: "done"}
    assert "1A all 640 × 480 2.2 s $0.030" in said(page)
    assert f'src="/gallery/{output.pk}/w' in source(page)
    assert 'alt="Generated picture: A tea tin on a windowsill' in source(page)


def test_a_size_that_was_not_asked_for_is_marked(client, workspace):
    output = picture(workspace, 640, 480, model=VIP, size="2048x1152")
    page = client.get(f"/frames/{output.generation_id}/")
    assert "asked 2048 × 1152, got 640 × 480" in said(page)
    assert re.search(r'class="opt off"', source(page))


def test_a_refused_frame_says_what_happened_that_it_is_free_and_what_to_do(client, workspace):
    generation = queued(workspace)
    end(generation)
    page = client.get(f"/frames/{generation.pk}/")
    assert frames(page) == {generation.pk: "failed"}
    assert "safety filter refused this prompt" in said(page)
    assert "Not billed" in said(page)
    assert f'href="/?from={generation.pk}"' in source(page) and "Edit the set-up" in said(page)
    assert "$0.000" in said(page)


def test_an_interrupted_frame_says_that_it_may_have_cost_and_shows_the_price_on_the_button(client, workspace):
    generation, _attempt = running(workspace, worker_row())
    states.fail(generation, "connection_broken", billed=Billed.UNKNOWN)
    page = client.get(f"/frames/{generation.pk}/")
    assert frames(page) == {generation.pk: "interrupted"}
    assert "May have been billed" in said(page)
    assert "? $0.030" in said(page)
    assert re.search(r"<button[^>]*>.*?Send again, \$0\.030\s*</button>", source(page), re.DOTALL)


@pytest.mark.parametrize(
    "billed, words",
    [(True, "Billed $0.012, says the bill"), (False, "Not on the bill")],
    ids=["on it", "not on it"],
)
def test_what_somebody_found_on_the_bill_is_said_where_it_happened(client, workspace, billed, words):
    generation, _attempt = running(workspace, worker_row())
    states.fail(generation, "connection_broken", billed=Billed.UNKNOWN)
    entry = ledger.record(bills.lost(workspace, picture=generation.pk))
    ledger.settle_unknown(entry, billed=billed, amount=Decimal("0.012") if billed else None)
    page = client.get(f"/frames/{generation.pk}/")
    assert words in said(page)
    assert "May have been billed" not in said(page) and "? $" not in said(page)


def test_a_failure_of_a_kind_without_words_still_says_what_is_known(client, workspace):
    generation, _attempt = running(workspace, worker_row())
    states.fail(generation, "something_new")
    assert "something_new" in said(client.get(f"/frames/{generation.pk}/"))


def test_a_simulated_failure_says_that_it_is_simulated(client, workspace):
    generation = queued(workspace)
    end(generation)
    assert "Simulated · Not billed" in said(client.get(f"/frames/{generation.pk}/"))


def test_the_models_own_words_are_text_not_markup(client, workspace):
    generation, _attempt = running(workspace, worker_row())
    states.succeed_in_words(generation, "<img src=x onerror=alert(1)>", cost=None, seconds=1)
    page = source(client.get(f"/frames/{generation.pk}/"))
    assert "<img src=x" not in page and "&lt;img src=x onerror=alert(1)&gt;" in page


# -- The studio page -----------------------------------------------------------------------------------------------


def test_the_studio_costs_as_many_queries_for_ten_runs_as_for_five(client, workspace):
    counts = []
    for _ in range(2):
        for _ in range(5):
            picture(workspace)
            end(queued(workspace, VIP))
        counts.append(queries_of(lambda: client.get("/")))
    assert counts[0] == counts[1] <= 12


def test_a_runs_page_costs_as_many_queries_for_many_frames_as_for_few(client, workspace):
    for variants in (2, 8):
        run(workspace, ALL, VIP, variants=variants)
    first, second = (queries_of(lambda n=number: client.get(f"/runs/{n}/")) for number in (1, 2))
    assert first == second


def test_older_runs_are_one_link_away(client, workspace):
    for number in range(15):
        run(workspace, prompt=f"Wish number {number + 1:02}")
    newest = client.get("/")
    assert "Wish number 15" in said(newest) and "Wish number 03" not in said(newest)
    link = re.search(r'href="(/\?before=\d+#runs)"', source(newest))
    assert link, "no way to the older runs"
    older = client.get(link[1])
    assert "Wish number 03" in said(older) and "Wish number 15" not in said(older)
    assert "Older runs" not in said(older)


def test_the_page_polls_only_while_something_can_change(client, workspace):
    assert 'data-live="no"' in source(client.get("/"))
    queued(workspace)
    assert 'data-live="yes"' in source(client.get("/"))


def test_before_the_first_run_the_page_says_what_is_true_now(client, workspace):
    page = said(client.get("/"))
    assert "Nothing exposed yet" in page and "cost nothing" in page


def test_a_page_of_older_runs_hears_of_those_alone(client, workspace):
    strips = [run(workspace) for _ in range(4)]
    now = revision(workspace)
    frames_of = [strip.generations.select_related("run").get() for strip in strips]
    for generation in frames_of:
        end(generation)
    answer = ask(client, now, 3, oldest=2, before=4)
    assert sorted(frames(answer)) == [frames_of[1].pk, frames_of[2].pk]
    assert "afterbegin" not in source(answer)


def test_a_new_run_is_not_put_on_a_page_of_older_ones(client, workspace):
    run(workspace)
    now = revision(workspace)
    run(workspace)
    assert frames(ask(client, now, 1, before=2)) == {}


def test_the_run_says_how_long_ago_it_was(client, workspace):
    picture(workspace)
    assert "just now" in said(client.get("/"))
