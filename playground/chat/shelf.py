"""The list of conversations: each with the picture at which it was left."""

from dataclasses import dataclass

from django.db.models import Count, Q

from playground.accounts.models import Workspace
from playground.chat.models import Conversation, Turn
from playground.chat.places import output_of, place_of
from playground.runs.models import Output

PAGE_SIZE = 24


@dataclass(frozen=True)
class Entry:
    """A conversation, its picture, and how many turns it has."""

    conversation: Conversation
    output: Output | None
    turns: int


@dataclass(frozen=True)
class Page:
    """One page of them, from 1; `after` is the number of the next page, 0 at the end."""

    entries: list[Entry]
    number: int
    after: int

    @property
    def before(self) -> int:
        return self.number - 1


def page_of(workspace: Workspace, number: int = 1) -> Page:
    """The conversations that went on last."""
    number = min(max(number, 1), 100_000)
    first = (number - 1) * PAGE_SIZE
    rows = Conversation.objects.of(workspace).newest().select_related("start")
    rows = rows.annotate(kept=Count("turns", filter=Q(turns__removed_at=None)))
    found = list(rows[first : first + PAGE_SIZE + 1])
    pictures = _pictures(found[:PAGE_SIZE])
    entries = [Entry(one, pictures.get(one.last_turn_id or 0), one.kept) for one in found[:PAGE_SIZE]]  # type: ignore[attr-defined]
    return Page(entries, number, number + 1 if len(found) > PAGE_SIZE else 0)


def _pictures(conversations: list[Conversation]) -> dict[int, Output | None]:
    """What was last seen of each, by the id of its last turn."""
    left = {last: one for one in conversations if (last := one.last_turn_id) is not None}
    turns = list(Turn.objects.with_thumbs().filter(pk__in=left))
    before = Output.objects.in_bulk([turn.picture_id for turn in turns])
    return {
        turn.pk: output_of(answer) or before.get(turn.picture_id)
        for turn in turns
        if (answer := place_of(left[turn.pk], turn).answer) is not None
    }
