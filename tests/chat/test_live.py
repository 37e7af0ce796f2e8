"""What the open page of a conversation hears: nothing while nothing changed, otherwise the parts that did."""

import pytest

from playground.accounts.models import Workspace
from playground.chat import services
from tests.chat.talks import answered, only, said
from tests.factories import queued
from tests.studio.pages import HTMX, source
from tests.studio.pages import said as words_of

pytestmark = pytest.mark.django_db
STOP_POLLING = 286


def revision(workspace) -> int:
    return Workspace.objects.get(pk=workspace.pk).revision


def ask(client, turn, since: int, **query):
    where = {"conversation": turn.conversation.number, "step": turn.number}
    return client.get("/chat/live/", {"since": since} | where | query, headers=HTMX)


def test_nothing_new_is_204_while_something_runs_and_then_the_last_poll(client, workspace):
    turn = said(workspace)
    assert ask(client, turn, revision(workspace)).status_code == 204
    answered(turn)
    assert ask(client, turn, revision(workspace)).status_code == STOP_POLLING


def test_an_idle_poll_costs_two_queries(client, workspace, django_assert_max_num_queries):
    turn = said(workspace)
    known = revision(workspace)
    with django_assert_max_num_queries(2):
        ask(client, turn, known)


def test_a_picture_that_came_is_on_the_stage_and_can_be_gone_on_from(client, workspace):
    turn = said(workspace)
    known = revision(workspace)
    answered(turn)
    answer = ask(client, turn, known)
    page = source(answer)
    assert 'id="stage"' in page and 'id="steps"' in page and "1A: Done." in words_of(answer)
    assert f'id="say-from" value="{only(turn).pk}"' in page
    assert "place-changed" in answer["HX-Trigger-After-Settle"]


def test_what_is_typed_and_the_stage_stay_when_a_turn_elsewhere_changes(client, workspace):
    here = answered(said(workspace))
    known = revision(workspace)
    said(workspace, "From another tab", on=here)
    answer = ask(client, here, known)
    page = source(answer)
    assert 'id="steps"' in page and "Went on as" in words_of(answer)
    assert 'id="stage"' not in page and "<textarea" not in page
    assert "HX-Trigger-After-Settle" not in answer


def test_runs_of_the_studio_change_nothing_here(client, workspace):
    here = answered(said(workspace))
    known = revision(workspace)
    queued(workspace)
    page = source(ask(client, here, known))
    assert 'id="live-since"' in page and 'id="steps"' not in page


def test_a_page_whose_turn_was_deleted_elsewhere_goes_where_there_is_one(client, workspace):
    turn = answered(said(workspace))
    known = revision(workspace)
    gone = said(workspace, on=turn)
    services.remove(gone)
    assert ask(client, gone, known)["HX-Redirect"] == "/chat/1/"


def test_the_answer_that_was_chosen_stays_on_the_stage(client, workspace):
    turn = said(workspace, "A cafe", variants=2)
    first, second = turn.run.generations.order_by("position")
    known = revision(workspace)
    answered(turn)
    assert f'id="say-from" value="{second.pk}"' in source(ask(client, turn, known, answer=second.pk))
    assert f'id="say-from" value="{first.pk}"' in source(ask(client, turn, known))
