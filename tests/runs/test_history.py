"""The turns before a prompt: what a chat is told of them, and which pictures go along."""

from datetime import timedelta

import pytest
from django.utils import timezone

from playground import catalog
from playground.catalog import Endpoint
from playground.runs import services, states, sweep, uploads, work
from playground.runs.history import LINK_MARGIN, Said, Shown
from playground.runs.instead import alternatives
from playground.runs.models import Billed, Generation, PictureLink, Run, State
from tests import files
from tests.factories import ALL, OFFICIAL, VIP, connection, mask, queued, upload

CHAT = Endpoint.CHAT
DRAWN = "A cafe [[sim: plain, size 96x64]]"


def carried_out(generation, hands):
    work.carry_out(generation.pk, hands)
    generation.refresh_from_db()
    return generation


def drawn(workspace, hands):
    """A picture that came by chat, and so with a link."""
    generation = carried_out(queued(workspace, prompt=DRAWN, endpoint=CHAT), hands)
    assert generation.state == State.SUCCEEDED
    return generation.outputs.get()


def told_of(output) -> list[Said]:
    """The conversation that this picture came in."""
    shown = Shown(uploads.take_output(output).pk, output.pk)
    return [Said("user", "A cafe"), Said("assistant", "", (shown,))]


def rainy(workspace, history, *, model=ALL, references=(), **options) -> Generation:
    prompt = "Now rainy, same building [[sim: plain, size 96x64]]"
    options = {"endpoint": CHAT} | options
    return queued(workspace, model, prompt=prompt, history=history, references=references, **options)


def messages(provider) -> list[dict]:
    return provider.calls()["calls"][-1]["messages"]


def test_a_turn_tells_what_was_said_before_it_and_shows_its_pictures_by_their_links(
    hands, workspace, provider
):
    output = drawn(workspace, hands)
    reference = uploads.take_output(output)
    turn = carried_out(rainy(workspace, told_of(output), references=[reference]), hands)

    assert (turn.state, turn.run.mode) == (State.SUCCEEDED, Run.Mode.CHAT)
    first, second, last = messages(provider)
    assert first == {"role": "user", "text": "A cafe", "pictures": []}
    assert second["role"] == "assistant" and output.provider_link.url in second["text"]
    assert last["text"].startswith("Now rainy")
    assert [each["sha256"] for each in last["pictures"]] == [reference.sent_sha256]


class TestALink:
    def copies_sent(self, provider, output) -> bool:
        told = messages(provider)[1]["text"]
        assert "http" not in told
        return "data:image" in told

    def test_lives_as_long_as_the_catalog_says(self, workspace, hands):
        output = drawn(workspace, hands)
        hours = catalog.default().get(ALL).answer.url_lifetime_hours
        left = output.provider_link.until - timezone.now()
        assert timedelta(hours=hours - 1) < left <= timedelta(hours=hours)

    def test_that_dies_soon_is_replaced_by_our_copy(self, workspace, hands, provider):
        output = drawn(workspace, hands)
        PictureLink.objects.update(until=timezone.now() + LINK_MARGIN / 2)
        carried_out(rainy(workspace, told_of(output)), hands)
        assert self.copies_sent(provider, output)

    def test_of_another_connection_stays_here(self, workspace, hands, provider):
        output = drawn(workspace, hands)
        connection(workspace, "Another", provider.base_url, key=provider.key)
        turn = carried_out(rainy(workspace, told_of(output)), hands)
        assert (turn.simulated, turn.state) == (False, State.SUCCEEDED)
        assert self.copies_sent(provider, output)

    def test_is_forgotten_when_it_is_dead(self, workspace, hands):
        drawn(workspace, hands)
        sweep.forget_dead_links()
        assert PictureLink.objects.count() == 1
        PictureLink.objects.update(until=timezone.now())
        sweep.forget_dead_links()
        assert not PictureLink.objects.exists()

    def test_is_remembered_once_however_often_its_answer_is_kept(self, workspace, hands):
        output = drawn(workspace, hands)
        states.note_picture_link(output, "https://elsewhere.example/a.png", timezone.now())
        assert PictureLink.objects.get().url != "https://elsewhere.example/a.png"


class TestARequestThatWouldBeTooLarge:
    @pytest.fixture
    def narrow(self, tmp_path) -> None:
        """The shipped models, but a request may have one megabyte."""
        extra = tmp_path / "narrow.toml"
        extra.write_text(f"[models.{ALL}]\nlike = '{ALL}'\n[models.{ALL}.limits]\nrequest_megabytes = 1\n")
        catalog.use(catalog.load(catalog.SHIPPED, extra))

    @pytest.fixture
    def heavy(self, workspace):
        """Pictures of some 250 kB each, which no compression makes lighter."""
        noisy = [files.saved(files.noise(290, 290, seed=number)) for number in range(5)]
        return [upload(workspace, content=content) for content in noisy]

    def sent(self, provider) -> list[list[str]]:
        return [[one["sha256"] for one in message["pictures"]] for message in messages(provider)]

    def test_leaves_out_the_oldest_pictures_and_no_words(self, hands, workspace, provider, narrow, heavy):
        history = [Said("user", f"Turn {number}", (Shown(one.pk),)) for number, one in enumerate(heavy[:4])]
        carried_out(rainy(workspace, history, references=[heavy[4]]), hands)

        assert [one["text"] for one in messages(provider)][:4] == ["Turn 0", "Turn 1", "Turn 2", "Turn 3"]
        kept = [one.sent_sha256 for one in heavy]
        assert self.sent(provider) == [[], [], [], [kept[3]], [kept[4]]]
        assert provider.calls()["calls"][-1]["bytes_in"] < 1_000_000

    def test_keeps_links_however_old(self, hands, workspace, provider, narrow, heavy):
        output = drawn(workspace, hands)
        link = output.provider_link.url
        history = [*told_of(output), *[Said("user", "More", (Shown(one.pk),)) for one in heavy]]
        carried_out(rainy(workspace, history), hands)
        assert link in messages(provider)[1]["text"]


def test_a_retry_is_told_the_same(hands, workspace, provider):
    output = drawn(workspace, hands)
    provider.arm("503", model=ALL)
    turn = carried_out(rainy(workspace, told_of(output)), hands)
    assert (turn.state, turn.billed) == (State.FAILED, Billed.NO)
    first = messages(provider)

    provider.reset()
    again = services.retry(Generation.objects.select_related("run").get(pk=turn.pk))
    PictureLink.objects.update(until=timezone.now() + timedelta(hours=1))
    assert carried_out(again, hands).state == State.SUCCEEDED
    assert messages(provider) == first


def test_a_picture_that_is_gone_leaves_its_words(hands, workspace, provider):
    history = [Said("user", "A cafe", (Shown(999_999, 999_999),))]
    assert carried_out(rainy(workspace, history), hands).state == State.SUCCEEDED
    assert messages(provider)[0] == {"role": "user", "text": "A cafe", "pictures": []}


@pytest.mark.parametrize("model", [VIP, OFFICIAL])
def test_an_edit_is_told_by_its_picture_alone(hands, workspace, provider, model):
    output = drawn(workspace, hands)
    reference = uploads.take_output(output)
    options = {"mask": mask(reference)} if model == OFFICIAL else {}
    turn = rainy(
        workspace, told_of(output), model=model, references=[reference], endpoint=Endpoint.EDITS, **options
    )
    assert carried_out(turn, hands).state == State.SUCCEEDED
    call = provider.calls()["calls"][-1]
    assert (call["endpoint"], call["messages"], turn.run.mode) == ("edits", [], Run.Mode.CHAT)
    assert call["references"] == 1 and bool(call["mask_file"]) == (model == OFFICIAL)


def test_another_model_takes_over_only_what_it_can_see(workspace):
    """Without the picture, an edit would know nothing of the conversation."""
    brought = upload(workspace)
    history = [Said("user", "A cafe", (Shown(brought.pk),))]
    failed = []
    for references in ([], [brought]):
        turn = rainy(workspace, history, references=references)
        states.refuse(turn, "busy")
        failed.append(Generation.objects.select_related("run").get(pk=turn.pk))
    blind, seeing = ([one.model.id for one in alternatives(each)] for each in failed)
    assert OFFICIAL not in blind and OFFICIAL in seeing


def test_the_first_turn_has_nothing_before_it(hands, workspace, provider):
    turn = carried_out(rainy(workspace, []), hands)
    assert turn.run.mode == Run.Mode.CHAT and len(messages(provider)) == 1
