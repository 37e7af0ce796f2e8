"""The one way from an address to a row: through the workspace of the one who asks. A stranger's is not there."""

from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404

from playground.accounts.requests import Request, whole_number
from playground.chat.models import Conversation, Turn
from playground.chat.places import ANSWERED, Base, Place, place_of
from playground.chat.services import answer_in
from playground.chat.shown import STEPS, Shown
from playground.chat.tree import Tree

MOST_STEPS = 2_000


def conversation_of(request: Request, number: int) -> Conversation:
    rows = Conversation.objects.of(request.workspace).select_related("start", "forked_from__conversation")
    return get_object_or_404(rows, number=number)


def turn_of(request: Request, number: int, step: int) -> Turn:
    """The turn, deleted or not, with its answers."""
    conversation = conversation_of(request, number)
    rows = conversation.turns.with_answers().select_related("picture", "parent", "continues__run")
    turn = get_object_or_404(rows, number=step)
    turn.conversation = conversation
    return turn


def kept_turn_of(request: Request, number: int, step: int) -> Turn:
    turn = turn_of(request, number, step)
    if turn.removed_at is not None:
        raise Http404
    return turn


def shown_at(request: Request, conversation: Conversation, turn: Turn | None) -> Shown:
    """The page of this turn (None: of the beginning) at the answer, and with the steps, that the query names."""
    tree = Tree.of(conversation)
    if turn is not None and turn.pk not in tree:
        raise Http404
    place = place_of(conversation, turn, whole_number(request, "answer"))
    steps = min(whole_number(request, "steps") or STEPS, MOST_STEPS)
    return Shown(place, tree, steps=steps)


def base_of(request: Request, data: QueryDict) -> Base | None:
    """What the form goes on from, by its fields `conversation` and `from`; None while that is on its way."""
    number, answer = (posted_number(data, name) for name in ("conversation", "from"))
    if not number:
        return Base()
    conversation = conversation_of(request, number)
    if not answer:
        return Base(conversation)
    generation = answer_in(conversation, answer)
    if generation is None:
        raise Http404
    turn = generation.run.turn
    turn.conversation = conversation
    return Base.on(turn, generation) if generation.state in ANSWERED else None


def place_at(base: Base | None, request: Request, data: QueryDict) -> Place | None:
    """Where the form was filled in, to draw its page again; None where nothing has begun."""
    number = posted_number(data, "conversation")
    if not number:
        return None
    conversation = base.conversation if base and base.conversation else conversation_of(request, number)
    step = posted_number(data, "step")
    turn = conversation.turns.kept().with_answers().filter(number=step).first() if step else None
    if turn is not None:
        turn.conversation = conversation
    return place_of(conversation, turn, posted_number(data, "answer"))


def posted_number(data: QueryDict, name: str) -> int:
    """A whole number of the form, as large as a row's id can be; 0 for anything else."""
    raw = data.get(name) or ""
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 19 else 0
