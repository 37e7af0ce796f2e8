"""A generation as a task card shows it: what it says, what it offers, and the shape of its place."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.utils import timezone

from playground import catalog
from playground.costs.ledger import settled_of
from playground.costs.models import Entry
from playground.runs import queries, wording
from playground.runs.models import Billed, Generation, Output, Run, State
from playground.runs.previews import Preview
from playground.runs.progress import Progress, progress_of
from playground.runs.queries import STRIP_FRAMES
from playground.runs.wording import Wording

SQUARE, MIXED = catalog.Size(1, 1), catalog.Size(5, 4)


@dataclass(frozen=True)
class Band:
    """Where things lie on the time scale of a running frame: its end in seconds, the rest in percent of it."""

    end: float
    start: float
    width: float
    now: float


@dataclass
class Frame:
    """One generation, ready to be drawn."""

    generation: Generation
    place: "catalog.Size | None" = None  # the shape that all frames of its strip share
    settled: Entry | None = None  # what somebody found on the bill, where this could not say
    another_key: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def state(self) -> str:
        """The look: the generation's state, or `interrupted` where nobody knows if it was billed."""
        if wording.interrupted(self.generation):
            return "interrupted"
        return "done" if self.generation.state == State.SUCCEEDED else str(self.generation.state)

    @cached_property
    def outputs(self) -> list[Output]:
        """Those that are shown: not in the bin."""
        return [output for output in self.generation.outputs.all() if output.binned_at is None]

    @property
    def output(self) -> Output | None:
        return self.outputs[0] if self.outputs else None

    @property
    def is_binned(self) -> bool:
        return not self.outputs and bool(self.generation.outputs.all())

    @cached_property
    def preview(self) -> Preview | None:
        """The latest picture of a drawing that is not finished, or never was."""
        record = self.generation.preview
        return Preview.read(record) if record and self.generation.state != State.SUCCEEDED else None

    @property
    def words(self) -> Wording:
        return wording.of(self.generation)

    @cached_property
    def usual(self) -> queries.Usual | None:
        model = self.generation.model
        return queries.usual_seconds(model, simulated=self.generation.simulated) if model else None

    @property
    def asked(self) -> "catalog.Size | None":
        """The shape that was asked for, in pixels or in words; None where the model was left to choose."""
        return self.generation.asked or self._shape_asked

    @property
    def _shape_asked(self) -> "catalog.Size | None":
        key = str(self.generation.parameters.get("shape", ""))
        width, _, height = key.partition(":")
        return catalog.Size(int(width), int(height)) if width.isdigit() and height.isdigit() else None

    @property
    def may_have_cost(self) -> bool:
        return bool(self.generation.billed == Billed.UNKNOWN and self.settled is None)

    @property
    def elapsed(self) -> float:
        """Seconds since the call began."""
        started = self.generation.started_at
        return (timezone.now() - started).total_seconds() if started else 0.0

    @property
    def band(self) -> "Band":
        """Elapsed and usual time on one scale, in percent of its length."""
        slow = self.usual.slow if self.usual else 60.0
        quick = self.usual.quick if self.usual else 0.0
        end = max(slow * 1.5, self.elapsed * 1.15, 1.0)
        return Band(
            end, 100 * quick / end, 100 * max(slow - quick, slow * 0.02) / end, 100 * self.elapsed / end
        )


@dataclass
class Strip:
    """A run with its frames, ready to be drawn."""

    run: Run
    frames: Sequence[Frame]
    progress: Progress | None = None  # of the whole run, where these are only its first frames

    def frame(self, generation_id: int) -> Frame:
        return next(frame for frame in self.frames if frame.generation.pk == generation_id)

    @property
    def total(self) -> int:
        return self.progress.total if self.progress else len(self.frames)

    @property
    def more(self) -> int:
        """How many frames stand on the run's own page only."""
        return self.total - len(self.frames)

    @property
    def done(self) -> int:
        if self.progress:
            return self.progress.ended
        return sum(frame.generation.is_final for frame in self.frames)

    @property
    def drawn(self) -> int:
        """How many frames have a picture."""
        return sum(frame.output is not None for frame in self.frames)

    @property
    def has_rivals(self) -> bool:
        """Whether pictures of two models or more are there, so that they can be judged blind."""
        return len({frame.generation.model_id for frame in self.frames if frame.output}) > 1

    @property
    def is_going_on(self) -> bool:
        return self.done < self.total

    @property
    def is_paused(self) -> bool:
        return self.run.paused_at is not None and self.queued > 0

    @property
    def has_pictures(self) -> bool:
        return any(frame.output for frame in self.frames)

    @property
    def queued(self) -> int:
        if self.progress:
            return self.progress.queued
        return sum(frame.generation.state == State.QUEUED for frame in self.frames)

    @property
    def free_failures(self) -> int:
        """How many frames failed without being billed, and have not been sent again."""
        if self.progress:
            return self.progress.free_failures
        failed = [
            frame
            for frame in self.frames
            if frame.generation.state == State.FAILED and frame.generation.can_be_repeated
        ]
        return sum(frame.generation.billed == Billed.NO for frame in failed)


def frames_of(generations: Iterable[Generation]) -> list[Frame]:
    """Their frames, with what somebody found on the bill; their pictures need to be prefetched."""
    frames = [Frame(generation) for generation in generations]
    settled = settled_of([frame.generation.pk for frame in frames if frame.may_have_cost])
    for frame in frames:
        frame.settled = settled.get(frame.generation.pk)
    return frames


def dress(run: Run, progress: Progress | None = None) -> Strip:
    """The run's strip; its frames need to be prefetched, and where those are not all, its progress is needed."""
    frames = frames_of(run.generations.all())
    place = _shared_place([frame.asked for frame in frames if frame.asked])
    for frame in frames:
        frame.place = place
    return Strip(run, frames, progress)


def dress_runs(runs: Iterable[Run]) -> list[Strip]:
    """Strips for these runs; each needs its first frames prefetched."""
    drawn = list(runs)
    # A run of fewer has no more than these; of the others, how far they are is one question for all.
    long = progress_of([run.pk for run in drawn if len(run.generations.all()) >= STRIP_FRAMES])
    return [dress(run, long.get(run.pk)) for run in drawn]


def _shared_place(asked: Sequence["catalog.Size"]) -> "catalog.Size":
    """One shape for a whole strip, so that edges line up: the one that was asked for, or one between them.

    What came plays no part: a frame keeps its place while its neighbours change.
    """
    ratios = sorted(float(size.ratio) for size in asked)
    if not ratios:
        return SQUARE
    return MIXED if ratios[-1] / ratios[0] > 1.05 else asked[0]
