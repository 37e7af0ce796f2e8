"""When a channel fails: who could take over, for how much, and never without a press."""

import pytest

from playground.runs import states
from playground.runs.instead import NotAnAlternativeError, alternatives, send_instead
from playground.runs.models import Generation, State
from playground.runs.work import carry_out
from tests.factories import ALL, OFFICIAL, VIP, connection, queued, running, worker_row

pytestmark = pytest.mark.django_db


def failed(workspace, model=ALL, **parameters) -> Generation:
    generation, _attempt = running(workspace, worker_row(), model, **parameters)
    states.fail(generation, "busy")
    return Generation.objects.select_related("run").get(pk=generation.pk)


def named(generation: Generation) -> list[str]:
    return [one.model.id for one in alternatives(generation)]


def test_the_other_channels_are_named_cheapest_first(workspace):
    found = alternatives(failed(workspace, shape="16:9"))
    assert {VIP, OFFICIAL} <= {one.model.id for one in found}
    prices = [one.price.high for one in found]
    assert prices == sorted(prices)


def test_nobody_is_named_for_what_did_not_fail(workspace):
    assert alternatives(queued(workspace)) == []


def test_a_model_that_no_connection_serves_is_not_named(workspace, settings):
    settings.SIMULATED = False
    connection(workspace, served_models=[ALL, VIP])
    assert named(failed(workspace)) == [VIP]


def test_it_becomes_a_new_frame_of_the_run_and_is_drawn(hands, workspace, provider):
    old = failed(workspace, shape="16:9")
    new = send_instead(old, VIP)
    assert (new.run, new.label, new.retry_of, new.state) == (old.run, "1B", old, State.QUEUED)
    assert old.attempts.count() == 1 and provider.calls()["total"] == 0

    carry_out(new.pk, hands)
    new.refresh_from_db()
    assert (new.state, new.outputs.count()) == (State.SUCCEEDED, 1)
    assert provider.calls()["calls"][-1]["model"] == VIP


def test_two_presses_are_one_frame(workspace):
    old = failed(workspace)
    first = send_instead(old, VIP)
    assert send_instead(Generation.objects.get(pk=old.pk), OFFICIAL) == first
    assert old.run.generations.count() == 2


@pytest.mark.parametrize("model", ["no-such-model", ALL, ""])
def test_what_is_no_alternative_starts_nothing(workspace, model):
    old = failed(workspace)
    with pytest.raises(NotAnAlternativeError):
        send_instead(old, model)
    assert old.run.generations.count() == 1
