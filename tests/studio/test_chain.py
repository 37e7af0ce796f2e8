"""What pages say of a frame that nobody pressed for."""

from decimal import Decimal

import pytest

from playground.accounts.models import Chain
from playground.runs import chain, work
from playground.runs.models import Generation
from tests.factories import ALL, VIP, answer, answered_no, claim, queued, worker_row
from tests.studio.pages import said, source

pytestmark = pytest.mark.django_db


@pytest.fixture
def chained(workspace) -> Generation:
    """The frame that the chain asked for."""
    Chain.objects.create(workspace=workspace, model_ids=[VIP], most=Decimal("0.05"))
    chain.fail(answered_no(queued(workspace, ALL)), "busy")
    return Generation.objects.select_related("run").get(by_chain=True)


WORDS = "Asked by your chain, at most $0.030, because A failed"


def test_the_frame_says_who_asked_and_why(client, chained):
    assert WORDS in said(client.get(f"/frames/{chained.pk}/"))


def test_the_failed_one_says_whom(client, chained):
    frame = client.get(f"/frames/{chained.retry_of_id}/")
    assert "Your chain asked B" in said(frame) and f'href="#frame-{chained.pk}"' in source(frame)


def test_it_stays_said_when_the_picture_is_there(client, chained, tmp_path):
    attempt = claim(chained, worker_row())
    work.keep_answer(chained, attempt, answer(tmp_path))
    assert WORDS in said(client.get("/runs/1/"))
    assert "your chain, because 1A failed" in said(client.get(chained.outputs.get().url))


def test_it_reaches_a_page_that_polls(client, workspace, chained):
    """In the very change in which the failure shows."""
    news = client.get("/studio/live/", {"since": 1, "newest": 1, "oldest": 1, "before": 0})
    assert WORDS in said(news)
