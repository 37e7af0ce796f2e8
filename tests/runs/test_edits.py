"""References and masks on their way: what the provider receives is what the run holds, in its order, bit by bit."""

import hashlib
import uuid

import pytest

from playground import catalog
from playground.runs import services, work
from playground.runs.models import Run, State
from tests import files
from tests.factories import ALL, OFFICIAL, VIP, mask, queued, run, upload

CHAT = catalog.Endpoint.CHAT


def carried_out(generation, hands):
    work.carry_out(generation.pk, hands)
    generation.refresh_from_db()
    return generation


def sha_of(name: str) -> str:
    return hashlib.sha256(files.kept(name)).hexdigest()


def received(provider) -> dict:
    [call] = provider.calls()["calls"]
    return call


@pytest.fixture
def three(workspace):
    """Three pictures of three formats."""
    contents = [files.flat(96, 64, format="JPEG"), files.flat(64, 64), files.flat(64, 96, format="WEBP")]
    return [upload(workspace, content=content, name=f"{n}.png") for n, content in enumerate(contents)]


@pytest.mark.parametrize("model", [ALL, VIP, OFFICIAL])
def test_references_arrive_in_their_order(hands, workspace, provider, three, model):
    order = [three[2], three[0], three[1]]
    generation = carried_out(queued(workspace, model, references=order), hands)

    call = received(provider)
    assert generation.state == State.SUCCEEDED
    assert (call["endpoint"], call["references"], call["mask_file"]) == ("edits", 3, None)
    assert [each["sha256"] for each in call["reference_files"]] == [each.sent_sha256 for each in order]
    assert [each["format"].lower() for each in call["reference_files"]] == ["webp", "jpeg", "png"]


@pytest.mark.parametrize("model", [ALL, VIP])
def test_by_chat_the_pictures_stand_in_the_last_message(hands, workspace, provider, three, model):
    generation = carried_out(queued(workspace, model, references=three, endpoint=CHAT), hands)

    call = received(provider)
    assert generation.state == State.SUCCEEDED
    pictures = call["messages"][-1]["pictures"]
    assert call["endpoint"] == "chat"
    assert [each["sha256"] for each in pictures] == [each.sent_sha256 for each in three]


def test_a_mask_arrives_as_it_was_painted(hands, workspace, provider, three):
    painted = mask(three[0], (10, 10, 50, 40))
    generation = carried_out(queued(workspace, OFFICIAL, references=three, mask=painted), hands)

    call = received(provider)
    assert (generation.state, generation.masked, generation.run.mode) == (
        State.SUCCEEDED,
        True,
        Run.Mode.MASK,
    )
    assert call["mask_file"]["sha256"] == sha_of(painted.file)
    alpha = files.kept_picture(painted.file).getchannel("A")
    changing = {(x, y) for x in range(96) for y in range(64) if alpha.getpixel((x, y)) == 0}
    assert changing == {(x, y) for x in range(10, 50) for y in range(10, 40)}


def test_beside_a_mask_the_first_picture_has_its_format_and_its_pixels(hands, workspace, provider, three):
    carried_out(queued(workspace, OFFICIAL, references=three, mask=mask(three[0])), hands)

    first, second, _third = received(provider)["reference_files"]
    three[0].refresh_from_db()
    assert (first["format"].lower(), first["sha256"]) == ("png", sha_of(three[0].png_file))
    assert second["sha256"] == three[1].sent_sha256


def test_a_model_without_masks_gets_the_pictures_alone(hands, workspace, provider, three):
    generation = carried_out(queued(workspace, ALL, references=three, mask=mask(three[0])), hands)

    call = received(provider)
    assert (generation.state, generation.masked) == (State.SUCCEEDED, False)
    assert (call["mask_file"], call["references"]) == (None, 3)


@pytest.mark.parametrize("again", ["retry", "another"])
def test_what_is_asked_again_goes_with_the_same_pictures(hands, workspace, provider, three, again):
    generation = queued(workspace, OFFICIAL, references=three, mask=mask(three[0]))
    provider.arm("moderation" if again == "retry" else "fast", count=1)
    carried_out(generation, hands)
    before = [each["sha256"] for each in received(provider)["reference_files"]]
    provider.reset()

    copy = services.retry(generation) if again == "retry" else services.another(generation, uuid.uuid4())
    carried_out(copy, hands)
    call = received(provider)
    assert (copy.state, copy.endpoint, copy.masked) == (State.SUCCEEDED, "edits", True)
    assert [each["sha256"] for each in call["reference_files"]] == before
    assert call["mask_file"] is not None


def test_a_busy_provider_gets_them_at_the_next_try(hands, workspace, provider, three):
    provider.arm("503", count=1)
    generation = carried_out(queued(workspace, VIP, references=three), hands)
    calls = provider.calls()["calls"]
    assert (generation.state, len(calls)) == (State.SUCCEEDED, 2)
    assert [call["references"] for call in calls] == [3, 3]


def test_a_picture_that_is_gone_ends_it_before_it_costs(hands, workspace, provider, three, settings):
    generation = queued(workspace, ALL, references=three)
    (settings.MEDIA_ROOT / three[1].sent_file).unlink()
    carried_out(generation, hands)
    assert (generation.state, generation.billed, provider.calls()["total"]) == (State.FAILED, "no", 0)


@pytest.mark.django_db
class TestTheEstimate:
    def test_counts_each_reference_from_its_least_to_its_most_tokens(self, workspace, three):
        parameters = {"size": "1024x1024", "quality": "low"}
        plain = queued(workspace, OFFICIAL, **parameters)
        edit = queued(workspace, OFFICIAL, references=three, **parameters)

        image_price = catalog.default().get(OFFICIAL).prices[-1].image_in / 1_000_000
        assert edit.estimate_low - plain.estimate_low == pytest.approx(3 * 1024 * image_price)
        assert edit.estimate_high - plain.estimate_high == pytest.approx(3 * 1536 * image_price)

    def test_is_one_price_where_the_price_is_flat(self, workspace, three):
        edit = queued(workspace, ALL, references=three)
        assert str(edit.estimate_high) == "0.030000"


@pytest.mark.django_db
class TestARun:
    def test_holds_its_references_in_their_order_with_their_notes(self, workspace, three):
        brought = [services.Brought(three[1], "the bottle"), services.Brought(three[0])]
        target = services.Target(catalog.default().get(ALL), {}, endpoint=catalog.Endpoint.EDITS)
        made, _ = services.start_run(
            workspace, person=None, prompt="A tin", targets=[target], submission_key=uuid.uuid4(), references=brought
        )  # fmt: skip
        assert [(each.number, each.upload, each.note) for each in made.references.all()] == [
            (1, three[1], "the bottle"), (2, three[0], ""),
        ]  # fmt: skip
        assert made.mode == Run.Mode.EDIT

    def test_takes_no_mask_of_another_picture(self, workspace, three):
        with pytest.raises(ValueError, match="first reference"):
            run(workspace, OFFICIAL, references=three, mask=mask(three[1]))
        assert not Run.objects.exists()
