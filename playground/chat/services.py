"""What people do with conversations: begin, say something, go another way, tidy up. Views call these."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from playground.accounts.models import User, Workspace
from playground.chat.models import Conversation, Turn
from playground.chat.path import history_at
from playground.chat.places import ANSWERED, Base
from playground.chat.tree import Tree
from playground.runs import services
from playground.runs.models import Generation, Mask, Upload
from playground.runs.services import Brought, Target


@dataclass(frozen=True)
class Wish:
    """What is said in a turn: the words, whom they go to, and the pictures that go along, image 1 first."""

    prompt: str
    targets: Sequence[Target]
    submission_key: uuid.UUID
    references: Sequence[Brought] = ()
    mask: Mask | None = None


def say(workspace: Workspace, base: Base, wish: Wish, *, person: User | None) -> Turn:
    """Take a turn that goes on from the base; without a conversation, begin one with it.

    The same submission key again gives the turn that is there. Raises what `runs.services.start_run` raises, and
    ValueError for an answer that can't be gone on from, or a first picture that is not the base's.
    """
    _check(workspace, base, wish)
    with transaction.atomic():
        run, is_new = services.start_run(
            workspace, person=person, prompt=wish.prompt, targets=wish.targets,
            submission_key=wish.submission_key, references=wish.references, mask=wish.mask, history=history_at(base),
        )  # fmt: skip
        if not is_new:
            return Turn.objects.select_related("conversation").get(run=run)
        start = wish.references[0].upload if wish.references else None
        conversation = base.conversation or _begin(workspace, person, wish.prompt, start)
        turn = Turn.objects.create(
            conversation=conversation,
            number=_next_number(conversation),
            parent=base.turn,
            run=run,
            continues=base.answer,
            picture=base.picture,
        )
        _go_to(conversation, turn)
    return turn


def _check(workspace: Workspace, base: Base, wish: Wish) -> None:
    """What the database can't: everything is of one conversation, and image 1 is what is changed."""
    if base.conversation is None:
        return
    if base.conversation.workspace_id != workspace.pk:
        raise ValueError("The conversation is of another workspace.")
    if base.turn is not None:
        answer = base.answer
        if base.turn.conversation_id != base.conversation.pk or base.turn.removed_at is not None:
            raise ValueError("The turn is not of this conversation.")
        if answer is None or answer.run_id != base.turn.run_id or answer.state not in ANSWERED:
            raise ValueError("There is no answer to go on from.")
    first = wish.references[0].upload if wish.references else None
    if base.upload != first:
        raise ValueError("Image 1 is the picture that is changed.")


def _begin(
    workspace: Workspace,
    person: User | None,
    title: str,
    start: Upload | None,
    **more: object,
) -> Conversation:
    # The workspace's row is written first, so that two who begin at once get two numbers.
    Workspace.objects.filter(pk=workspace.pk).update(revision=F("revision"))
    last = Conversation.objects.of(workspace).aggregate(Max("number"))["number__max"]
    return Conversation.objects.create(
        workspace=workspace, number=(last or 0) + 1, title=_title(title), created_by=person,
        touched_at=timezone.now(), start=start, **more,
    )  # fmt: skip


def _title(words: str) -> str:
    """One line that fits."""
    line = " ".join(words.split())
    most = Conversation.TITLE_LENGTH
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _next_number(conversation: Conversation) -> int:
    """Taken inside the transaction that started the run, and so holds the workspace's row."""
    return (conversation.turns.aggregate(Max("number"))["number__max"] or 0) + 1


def _go_to(conversation: Conversation, turn: Turn | None) -> None:
    conversation.last_turn, conversation.touched_at = turn, timezone.now()
    conversation.save(update_fields=["last_turn", "touched_at"])


def rename(conversation: Conversation, title: str) -> bool:
    """Call it something else; an empty name changes nothing, and is False."""
    title = _title(title)
    if not title:
        return False
    conversation.title = title
    conversation.save(update_fields=["title"])
    return True


def fork(base: Base, *, person: User | None) -> Conversation:
    """A new conversation that begins with the base's picture, and knows what was said on the way to it."""
    if base.conversation is None or base.upload is None:
        raise ValueError("There is no picture to begin with.")
    said = [one.record() for one in history_at(base)]
    with transaction.atomic():
        return _begin(
            base.conversation.workspace, person, base.conversation.title, base.upload,
            history=said, forked_from=base.turn,
        )  # fmt: skip


def remove(turn: Turn) -> int:
    """Delete a turn with all that goes on from it; returns how many turns that were. Rows and pictures stay."""
    with transaction.atomic():
        tree = Tree.of(turn.conversation)
        if turn.pk not in tree:
            return 0
        gone = [node.pk for node in tree.branch(turn.pk)]
        count = Turn.objects.kept().filter(pk__in=gone).update(removed_at=timezone.now())
        _go_to(turn.conversation, turn.parent)
    return count


def restore(turn: Turn) -> int:
    """Undo `remove`: whatever went with this turn comes back; returns how many turns that were.

    None where the turn before it is deleted, too: that one has to come back first.
    """
    if turn.removed_at is None or (turn.parent and turn.parent.removed_at):
        return 0
    with transaction.atomic():
        together = turn.conversation.turns.filter(removed_at=turn.removed_at)
        count = together.update(removed_at=None)
        _go_to(turn.conversation, turn)
    return count


def answer_in(conversation: Conversation, generation_id: int) -> Generation | None:
    """A generation of a kept turn of this conversation."""
    rows = Generation.objects.filter(
        run__turn__conversation=conversation, run__turn__removed_at=None, pk=generation_id
    )
    return rows.select_related("run__turn__picture", "run__turn__parent").prefetch_related("outputs").first()
