"""What a person can copy for a provider's support: the facts of a call, and nothing that is a secret."""

import pytest

from playground.runs.models import State
from playground.runs.support import calls_of
from playground.runs.work import carry_out
from tests.factories import ALL, VIP, queued

pytestmark = pytest.mark.django_db


def carried_out(workspace, hands, prompt, model=ALL, **parameters):
    generation = queued(workspace, model, prompt=prompt, **parameters)
    carry_out(generation.pk, hands)
    generation.refresh_from_db()
    return generation


def test_it_holds_what_support_asks_for(hands, workspace, paid_provider):
    generation = carried_out(workspace, hands, "A secret tea tin [[sim: moderation]]", VIP, size="2048x1152")
    (call,) = calls_of(generation)
    for words in (
        call.attempt.request_id, VIP, "POST http://", "/v1/images/generations", "Answer: HTTP 4", "Billed: no",
        "Error: moderation", "Settings: size=2048x1152", f"Prompt: {len(generation.prompt_sent)} characters",
        "content-type: application/json", "date:",
    ):  # fmt: skip
        assert words in call.report


def test_it_holds_neither_key_nor_prompt(hands, workspace, paid_provider):
    generation = carried_out(workspace, hands, "A secret tea tin [[sim: 401]]")
    (call,) = calls_of(generation)
    assert paid_provider.key not in call.report and "secret tea tin" not in call.report


def test_a_switch_that_is_refused_is_left_out_and_the_free_call_sent_once_more(hands, workspace, provider):
    generation = carried_out(workspace, hands, "A tea tin", ALL, size="1024x1024")
    first, second = calls_of(generation)
    assert generation.state == State.SUCCEEDED
    assert (first.attempt.billed, first.attempt.outcome) == ("no", "refused")
    assert (second.attempt.left_out, second.attempt.billed) == (["size"], "yes")
    assert "Left out after a refusal: size" in second.report and "size=" not in second.report
    assert [call["billed"] for call in provider.calls()["calls"]] == [False, True]


def test_its_page_says_it_and_names_who_else_could_draw(client, hands, workspace, provider):
    generation = carried_out(workspace, hands, "A tea tin [[sim: moderation]]")
    page = client.get(f"/frames/{generation.pk}/details/").content.decode()
    assert "Copy for support" in page and generation.attempts.get().request_id in page
    assert f'value="{VIP}"' in page
    answer = client.post(f"/frames/{generation.pk}/instead/", {"model": VIP})
    assert answer.status_code == 302
    assert generation.run.generations.filter(model_id=VIP, retry_of=generation, state=State.QUEUED).exists()
