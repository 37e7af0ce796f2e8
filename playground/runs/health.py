"""How the models have been doing: what became of recent calls, and how often what came was what was asked for.

Each is one query over a bounded sample, the latest frames of each model, simulated and real ones apart; both walk
along one index however many pictures there are. Questions of the doctor's are not counted: they ask for trouble.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models.expressions import RawSQL

from playground.accounts.models import Workspace
from playground.catalog import Model, Size, SizeFormatError
from playground.runs.models import Attempt, Output
from playground.runs.wording import WORDINGS

SAMPLE = 100  # of each model and kind
RATIO_TOLERANCE = 0.03  # a shape in words is not meant to the pixel
Outcome = Attempt.Outcome
Key = tuple[str, bool]  # model id, simulated


@dataclass(frozen=True)
class Health:
    """What became of the latest calls to one model. Seconds are None until one was answered."""

    calls: int
    answered: int
    median_seconds: float | None
    p95_seconds: float | None
    last_error: str  # its code; empty where there was none
    last_error_at: datetime | None

    @property
    def percent(self) -> int:
        """Never rounded up to 100."""
        return self.answered * 100 // self.calls

    @property
    def last_error_heading(self) -> str:
        known = WORDINGS.get(self.last_error)
        return str(known.heading) if known else self.last_error

    @property
    def last_error_name(self) -> str:
        return self.last_error.replace("_", " ")


@dataclass(frozen=True)
class Share:
    """How often something came as it was asked for."""

    kept: int = 0
    asked: int = 0

    @property
    def percent(self) -> int | None:
        return self.kept * 100 // self.asked if self.asked else None


@dataclass(frozen=True)
class Obedience:
    """Size in pixels, shape in words, format and number of pictures: as asked, out of how often it was asked."""

    size: Share
    shape: Share
    format: Share
    count: Share


def health_of(workspace: Workspace, models: Sequence[Model]) -> dict[Key, Health]:
    """By model id and whether it was simulated; without those that were never called. One query."""
    calls: defaultdict[Key, list[tuple[Any, ...]]] = defaultdict(list)
    rows = (
        Attempt.objects.filter(generation_id__in=_recent(workspace, models))
        .exclude(outcome=Outcome.SENT)
        .order_by("-sent_at")
        .values_list("generation__model_id", "simulated", "outcome", "done_seconds", "error", "finished_at")
    )
    for model_id, simulated, *facts in rows:
        calls[model_id, simulated].append(tuple(facts))
    return {key: _health(facts) for key, facts in calls.items()}


def _health(calls: Sequence[tuple[Any, ...]]) -> Health:
    """From the newest to the oldest."""
    seconds = sorted(took for outcome, took, *_ in calls if outcome == Outcome.ANSWERED and took is not None)
    failed = [(error, at) for outcome, _, error, at in calls if outcome != Outcome.ANSWERED]
    error, at = failed[0] if failed else ("", None)
    return Health(
        calls=len(calls),
        answered=len(calls) - len(failed),
        median_seconds=percentile(seconds, 0.5),
        p95_seconds=percentile(seconds, 0.95),
        last_error=error,
        last_error_at=at,
    )


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The value that so many are not above, of values in order; None of none."""
    if not ordered:
        return None
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def obedience_of(workspace: Workspace, models: Sequence[Model]) -> dict[Key, Obedience]:
    """By model id and whether it was simulated; without those that drew nothing. One query."""
    pictures: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    rows = Output.objects.filter(generation_id__in=_recent(workspace, models)).values_list(
        "generation_id", "generation__model_id", "generation__simulated", "generation__size_asked",
        "generation__parameters", "width", "height", "format",
    )  # fmt: skip
    for generation_id, *facts in rows:
        pictures[generation_id].append(tuple(facts))
    frames: defaultdict[Key, list[list[tuple[Any, ...]]]] = defaultdict(list)
    for found in pictures.values():
        frames[found[0][0], found[0][1]].append(found)
    return {key: _obedience(found) for key, found in frames.items()}


def _obedience(frames: Iterable[Sequence[tuple[Any, ...]]]) -> Obedience:
    kept: defaultdict[str, list[bool]] = defaultdict(list)
    for pictures in frames:
        _, _, size_asked, parameters, width, height, kind = pictures[0]
        for name, is_kept in as_asked(size_asked, parameters, width, height, kind).items():
            kept[name].append(is_kept)
        kept["count"].append(len(pictures) == int(parameters.get("n", 1)))
    names = ("size", "shape", "format", "count")
    return Obedience(*(Share(sum(kept[name]), len(kept[name])) for name in names))


def as_asked(
    size_asked: str, parameters: Mapping[str, Any], width: int, height: int, kind: str
) -> dict[str, bool]:
    """Whether the `size` in pixels or the `shape` in words, and the `format`, came; without what was not asked for."""
    kept = {}
    if asked := _size(size_asked):
        kept["size"] = (width, height) == (asked.width, asked.height)
    elif ratio := _ratio(str(parameters.get("shape", ""))):
        kept["shape"] = abs(width / height / ratio - 1) <= RATIO_TOLERANCE
    if wanted := parameters.get("output_format"):
        kept["format"] = kind == wanted
    return kept


def _size(text: str) -> Size | None:
    try:
        return Size.parse(text) if text else None
    except SizeFormatError:
        return None


def _ratio(key: str) -> float | None:
    width, _, height = key.partition(":")
    return int(width) / int(height) if width.isdigit() and height.isdigit() and int(height) else None


_LATEST = """
    SELECT id FROM (
        SELECT generation.id FROM runs_generation generation
        WHERE generation.model_id = %s AND generation.simulated = %s AND generation.question = ''
            AND generation.state IN ('succeeded', 'failed')
            AND (SELECT run.workspace_id FROM runs_run run WHERE run.id = generation.run_id) = %s
        ORDER BY generation.id DESC LIMIT %s
    ) AS latest
"""


def _recent(workspace: Workspace, models: Sequence[Model]) -> RawSQL:
    """The ids of each model's latest frames: a walk along `generation_recent` for each, in one statement."""
    params: list[Any] = []
    for model in models:
        for simulated in (True, False):
            params += [model.id, simulated, workspace.pk, SAMPLE]
    statement = " UNION ALL ".join([_LATEST] * (2 * len(models)))
    return RawSQL(statement, params)  # noqa: S611  # our own words; what varies are its parameters
