"""Where a person is in a conversation, and what the next turn would go on from there."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from playground.chat.models import Conversation, Turn
from playground.runs import uploads
from playground.runs.models import Generation, Output, State, Upload
from playground.runs.preparing import RefusedFileError

ANSWERED = (State.SUCCEEDED, State.WORDS)


def output_of(generation: Generation) -> Output | None:
    """The picture that an answer brought, if it brought one: as it came, not as it was restored here since."""
    return min(generation.outputs.all(), key=lambda output: output.index, default=None)


@dataclass(frozen=True)
class Base:
    """What a turn goes on from: an answer of a turn, or (both None) the beginning. `picture` is what it changes.

    No conversation: one that begins now.
    """

    conversation: Conversation | None = None
    turn: Turn | None = None
    answer: Generation | None = None
    picture: Output | None = None

    @cached_property
    def upload(self) -> Upload | None:
        """The picture as it is sent, image 1 of the next turn; None where there is none, or none that can be read.

        Makes the copy that is sent where there is none yet.
        """
        if self.picture is None:
            return self.conversation.start if self.conversation else None
        try:
            return uploads.take_output(self.picture)
        except (RefusedFileError, FileNotFoundError):
            return None

    @property
    def is_unreadable(self) -> bool:
        return self.picture is not None and self.upload is None

    @classmethod
    def on(cls, turn: Turn, answer: Generation) -> "Base":
        """On an answer of this turn: its picture, or where it is in words, the picture that they were about."""
        return cls(turn.conversation, turn, answer, output_of(answer) or turn.picture)

    @classmethod
    def beside(cls, turn: Turn) -> "Base":
        """Where this turn began, for another try in its place."""
        return cls(turn.conversation, turn.parent, turn.continues, turn.picture)


@dataclass(frozen=True)
class Place:
    """A turn, and the one of its answers that is looked at. No turn: the beginning."""

    conversation: Conversation
    turn: Turn | None = None
    answer: Generation | None = None

    @cached_property
    def answers(self) -> Sequence[Generation]:
        return list(self.turn.run.generations.all()) if self.turn else []

    @property
    def is_going_on(self) -> bool:
        return any(not one.is_final for one in self.answers)

    @cached_property
    def base(self) -> Base | None:
        """What the next turn would go on from; None while the answer is on its way."""
        if self.turn is None:
            return Base(self.conversation)
        answered = [one for one in (self.answer, *self.answers) if one and one.state in ANSWERED]
        if answered:
            return Base.on(self.turn, answered[0])
        return None if self.is_going_on else Base.beside(self.turn)

    @property
    def is_barren(self) -> bool:
        """Whether the turn ended with nothing that could be gone on from."""
        is_over = self.turn is not None and not self.is_going_on
        return is_over and not any(one.state in ANSWERED for one in self.answers)


def place_of(conversation: Conversation, turn: Turn | None, answer: int = 0) -> Place:
    """The place, at the answer of that id; without one at the first picture, else the first that is not over."""
    if turn is None:
        return Place(conversation)
    answers = list(turn.run.generations.all())
    ranked = sorted(answers, key=lambda one: (one.pk != answer, _rank(one)))
    return Place(conversation, turn, ranked[0] if ranked else None)


def _rank(generation: Generation) -> int:
    if generation.state == State.SUCCEEDED:
        return 0
    if generation.state == State.WORDS:
        return 1
    return 3 if generation.is_final else 2
