"""Turns: what begins a conversation, what goes on from where, and what must never be."""

import uuid

import pytest
from django.db import IntegrityError, transaction

from playground.accounts.models import Workspace
from playground.catalog import Endpoint
from playground.chat import services
from playground.chat.models import Conversation, Turn
from playground.chat.path import history_at
from playground.chat.places import Base
from playground.chat.services import Wish
from playground.runs import states, uploads
from playground.runs.models import Generation, Run, State
from playground.runs.services import Brought, retry
from playground.runs.work import carry_out
from tests.chat.talks import DRAWN, answer_of, answered, base_of, failed, in_words, only, read, said
from tests.factories import ALL, OFFICIAL, VIP, claim, mask, upload, worker_row

pytestmark = pytest.mark.django_db


def words_of(base: Base) -> list[tuple[str, str, int]]:
    return [(one.role, one.text, len(one.pictures)) for one in history_at(base)]


class TestTheBeginning:
    def test_a_conversation_begins_with_words(self, workspace):
        turn = said(workspace, "A cafe\nin the rain")
        assert (turn.number, turn.parent, turn.continues, turn.picture) == (1, None, None, None)
        assert (turn.conversation.number, turn.conversation.title) == (1, "A cafe in the rain")
        assert turn.run.mode == Run.Mode.CHAT and turn.conversation.last_turn == turn

    def test_or_with_the_first_picture_that_is_brought(self, workspace):
        first, second = upload(workspace), upload(workspace, 30, 30)
        turn = said(workspace, "Join them", brought=(first, second))
        assert turn.conversation.start == first
        assert [one.upload for one in turn.run.references.all()] == [first, second]

    def test_each_workspace_counts_its_own(self, workspace, elsewhere):
        numbers = [said(each).conversation.number for each in (workspace, workspace, elsewhere)]
        assert numbers == [1, 2, 1]

    def test_a_long_first_prompt_is_cut_for_the_title(self, workspace):
        title = said(workspace, "word " * 100).conversation.title
        assert len(title) <= Conversation.TITLE_LENGTH and title.endswith("…")

    def test_the_beginning_can_be_left_in_several_directions(self, workspace):
        first = said(workspace)
        other = said(workspace, "A harbour", on=Base(first.conversation))
        assert (other.conversation, other.parent, other.number) == (first.conversation, None, 2)


class TestGoingOn:
    def test_the_picture_that_is_gone_on_from_is_image_1(self, workspace):
        first = answered(said(workspace))
        turn = said(workspace, "Now rainy", on=first, brought=(upload(workspace),))
        output = only(first).outputs.get()
        assert (turn.parent, turn.continues, turn.picture) == (first, only(first), output)
        assert [one.upload.sha256 == output.sha256 for one in turn.run.references.all()] == [True, False]

    def test_from_the_answer_that_was_liked(self, workspace):
        first = answered(said(workspace, "A cafe", ALL, VIP, OFFICIAL))
        turn = said(workspace, "Now rainy", on=base_of(first, "B"))
        assert turn.continues.model_id == VIP
        assert turn.picture == turn.continues.outputs.get()

    def test_an_answer_in_words_can_be_answered_and_keeps_its_picture(self, workspace):
        first = answered(said(workspace))
        asked = in_words(said(workspace, "Make it nicer", on=first))
        turn = said(workspace, "With more light", on=asked)
        assert turn.continues == only(asked) and turn.picture == only(first).outputs.get()

    def test_where_nothing_came_the_next_turn_takes_its_place(self, workspace):
        first = answered(said(workspace))
        lost = failed(said(workspace, "Now rainy", on=first))
        turn = said(workspace, "Now rainy, please", on=lost)
        assert (turn.parent, turn.continues) == (first, only(first))

    def test_what_was_lost_in_mid_turn_is_asked_again_in_its_place(self, workspace):
        """A worker was killed while it drew: nothing is sent by itself, and a press gives the turn another answer."""
        first = answered(said(workspace))
        lost = said(workspace, "Now rainy", on=first)
        generation = lost.run.generations.select_related("run").get()
        claim(generation, worker_row())
        states.lose(generation)
        assert base_of(lost).turn == first and only(lost).billed == "unknown"

        again = retry(Generation.objects.select_related("run").get(pk=generation.pk))
        answer_of(again)
        base = base_of(lost)
        assert (base.turn, base.answer) == (lost, again)
        assert words_of(base)[2:] == [("user", "Now rainy", 0), ("assistant", "", 1)]

    def test_the_same_form_again_is_the_same_turn(self, workspace):
        first, key = answered(said(workspace)), uuid.uuid4()
        once = said(workspace, "Now rainy", on=first, key=key)
        assert said(workspace, "Now rainy", on=first, key=key) == once
        assert Turn.objects.count() == 2 == Run.objects.count()

    def test_the_same_first_form_again_is_one_conversation(self, workspace):
        key = uuid.uuid4()
        assert said(workspace, key=key) == said(workspace, key=key)
        assert Conversation.objects.count() == 1

    def test_a_mask_belongs_to_the_picture_that_is_changed(self, workspace):
        first = answered(said(workspace))
        painted = mask(uploads.take_output(only(first).outputs.get()))
        turn = said(workspace, "A red awning", OFFICIAL, on=first, mask=painted)
        assert only(turn).masked and turn.run.mask == painted


class TestWhatIsTold:
    def test_the_path_and_nothing_beside_it(self, workspace):
        first = answered(said(workspace, "A cafe"))
        answered(said(workspace, "At night", on=first))
        rain = answered(said(workspace, "Now rainy", on=first, brought=(upload(workspace),)))
        assert words_of(base_of(rain)) == [
            ("user", "A cafe", 0), ("assistant", "", 1), ("user", "Now rainy", 1), ("assistant", "", 1),
        ]  # fmt: skip

    def test_the_picture_of_the_beginning_and_words_that_were_answered(self, workspace):
        first = in_words(said(workspace, "Nicer", brought=(upload(workspace),)), "How so?")
        second = answered(said(workspace, "Warmer", on=first))
        assert words_of(base_of(second)) == [
            ("user", "Nicer", 1), ("assistant", "How so?", 0), ("user", "Warmer", 0), ("assistant", "", 1),
        ]  # fmt: skip

    def test_a_turn_of_which_nothing_came_is_not_on_the_path(self, workspace):
        first = answered(said(workspace))
        lost = failed(said(workspace, "Broken", on=first))
        turn = answered(said(workspace, "Mended", on=lost))
        assert [text for role, text, _pictures in words_of(base_of(turn)) if role == "user"] == [
            "A cafe", "Mended",
        ]  # fmt: skip

    def test_the_provider_hears_it(self, workspace, hands, provider):
        first = said(workspace, f"A cafe {DRAWN}")
        carry_out(only(first).pk, hands)
        second = said(workspace, f"Now rainy {DRAWN}", on=first)
        carry_out(only(second).pk, hands)
        assert only(second).state == State.SUCCEEDED
        messages = provider.calls()["calls"][-1]["messages"]
        assert [(one["role"], len(one["pictures"])) for one in messages] == [
            ("user", 0), ("assistant", 0), ("user", 1),
        ]  # fmt: skip
        assert "![image](" in messages[1]["text"]


class TestWhatMustNeverBe:
    def wish(self, *references) -> Wish:
        return Wish("Now rainy", [], uuid.uuid4(), [Brought(one) for one in references])

    def refused(self, workspace, base, *references) -> None:
        count = Turn.objects.count()
        with pytest.raises(ValueError):
            services.say(workspace, base, self.wish(*references), person=None)
        assert Turn.objects.count() == count

    def test_a_turn_of_another_conversation(self, workspace):
        mine, other = answered(said(workspace)), answered(said(workspace))
        base = base_of(other)
        self.refused(workspace, Base(mine.conversation, other, base.answer, base.picture), base.upload)

    def test_an_answer_of_another_turn(self, workspace):
        first = answered(said(workspace))
        second = base_of(answered(said(workspace, on=first)))
        self.refused(workspace, Base(first.conversation, first, second.answer, second.picture), second.upload)

    def test_an_answer_that_is_not_there_yet(self, workspace):
        turn = said(workspace)
        self.refused(workspace, Base(turn.conversation, turn, only(turn)))

    def test_another_image_1(self, workspace):
        self.refused(workspace, base_of(answered(said(workspace))), upload(workspace))

    def test_a_deleted_turn(self, workspace):
        turn = answered(said(workspace))
        base = base_of(turn)
        services.remove(turn)
        self.refused(workspace, Base.on(read(turn), base.answer), base.upload)

    def test_a_strangers_conversation(self, workspace, elsewhere):
        base = base_of(answered(said(elsewhere)))
        self.refused(workspace, base, base.upload)

    @pytest.mark.parametrize("change", [{"parent": None}, {"continues": None}])
    def test_the_database_refuses_half_a_parent(self, workspace, change):
        turn = said(workspace, on=answered(said(workspace)))
        with pytest.raises(IntegrityError), transaction.atomic():
            Turn.objects.filter(pk=turn.pk).update(**change)


class TestTidying:
    def test_a_branch_is_deleted_whole_and_comes_back_whole(self, workspace):
        first = answered(said(workspace))
        second = answered(said(workspace, "Now rainy", on=first))
        third = said(workspace, "At night", on=second)
        assert services.remove(second) == 2
        assert list(Turn.objects.kept()) == [first] and Run.objects.count() == 3
        assert read(first).conversation.last_turn == first

        assert services.restore(read(second)) == 2
        assert list(Turn.objects.kept()) == [first, second, third]

    def test_what_was_deleted_before_stays_deleted(self, workspace):
        first = answered(said(workspace))
        second = answered(said(workspace, "Now rainy", on=first))
        third = said(workspace, "At night", on=second)
        services.remove(third)
        services.remove(second)
        assert services.restore(read(third)) == 0  # what it goes on from is not there
        assert services.restore(read(second)) == 1
        assert services.restore(read(third)) == 1

    def test_twice_is_as_once(self, workspace):
        turn = said(workspace)
        assert [services.remove(read(turn)), services.remove(read(turn))] == [1, 0]
        assert [services.restore(read(turn)), services.restore(read(turn))] == [1, 0]

    def test_a_fork_begins_with_the_picture_and_knows_the_way(self, workspace):
        first = answered(said(workspace))
        second = answered(said(workspace, "Now rainy", on=first))
        forked = services.fork(base_of(second), person=None)
        assert (forked.number, forked.start, forked.forked_from) == (2, base_of(second).upload, second)

        turn = answered(said(workspace, "By sea", on=Base(forked)))
        assert [one.upload for one in turn.run.references.all()] == [forked.start]
        assert [text for _role, text, _pictures in words_of(base_of(turn))] == [
            "A cafe", "", "Now rainy", "", "By sea", "",
        ]  # fmt: skip

    def test_nothing_can_be_forked_from_words_alone(self, workspace):
        with pytest.raises(ValueError):
            services.fork(base_of(in_words(said(workspace))), person=None)

    @pytest.mark.parametrize("title, called", [("  The\ncafe ", "The cafe"), ("   ", "A cafe")])
    def test_it_can_be_renamed_but_not_to_nothing(self, workspace, title, called):
        conversation = said(workspace).conversation
        services.rename(conversation, title)
        conversation.refresh_from_db()
        assert conversation.title == called


def test_a_turn_is_an_ordinary_run(workspace):
    turn = answered(said(workspace, way=Endpoint.CHAT))
    assert turn.run.number == Workspace.objects.get(pk=workspace.pk).last_run_number
    assert workspace.outputs.count() == 1
