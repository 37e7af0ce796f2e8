"""The rows of the table under the frames: figures with the best marked, and settings with equal rows marked as such."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from playground.runs.health import as_asked
from playground.runs.models import Generation, Output
from playground.runs.templatetags import darkroom as said


@dataclass(frozen=True)
class Cell:
    words: str
    is_best: bool = False
    is_off: bool = False  # not what was asked for
    is_code: bool = False


@dataclass(frozen=True)
class Row:
    key: str  # what it is about, in every language; a setting's own name
    words: str
    cells: Sequence[Cell]
    is_equal: bool = False

    def cut(self, columns: slice) -> "Row":
        """The part of it under one row of frames."""
        return replace(self, cells=self.cells[columns])


def metrics_of(outputs: Sequence[Output]) -> list[Row]:
    """What came of each: what nothing is known of for any of them is left out."""
    kept = [_kept(one) for one in outputs]
    seconds, costs = [one.generation.seconds for one in outputs], [one.cost for one in outputs]
    rows = [
        Row("model", _("Model"), [Cell(_model(one.generation)) for one in outputs]),
        Row("asked", _("Asked for"), [Cell(_size_asked(one.generation)) for one in outputs]),
        Row("received", _("Received"), [Cell(said.size(one), is_off=one.missed_size) for one in outputs]),
        _best(
            "obedience", _("Obedience"), [_broken(each) for each in kept], [_obedience(each) for each in kept]
        ),
        _best("seconds", _("Seconds"), seconds, [said.seconds(each) for each in seconds]),
        _best("cost", _("Cost"), costs, [said.money(each) for each in costs]),
        _best("file", _("File"), [one.byte_size for one in outputs], [_file(one) for one in outputs]),
    ]
    spilt = [one.percent_outside for one in outputs]
    if any(each is not None for each in spilt):
        words = ["–" if each is None else f"{each:.1f}%" for each in spilt]
        rows.append(_best("outside", _("Changed outside the mask"), spilt, words))
    calls = [_request_id(one.generation) for one in outputs]
    if any(calls):
        rows.append(
            Row("request", _("Request id"), [Cell(each or "–", is_code=bool(each)) for each in calls])
        )
    return rows


def settings_of(outputs: Sequence[Output]) -> list[Row]:
    """What was sent with each prompt, by the names that the provider knows."""
    frames = [output.generation for output in outputs]
    rows = [_equal("mode", _("How"), [str(frame.run.get_mode_display()) for frame in frames])]
    counts = [len(frame.run.references.all()) for frame in frames]
    if any(counts):
        rows.append(_equal("references", _("References"), [str(count) for count in counts]))
    if any(frame.masked for frame in frames):
        rows.append(_equal("mask", _("Mask"), [_("yes") if frame.masked else _("no") for frame in frames]))
    names = dict.fromkeys(name for frame in frames for name in frame.parameters)
    return rows + [_equal(name, name, [_sent(frame, name) for frame in frames]) for name in names]


def _best(key: str, name: str, values: Sequence[Any], words: Sequence[str]) -> Row:
    best = best_of(values)
    marked = [best is not None and value == best for value in values]
    return Row(key, name, [Cell(each, is_best) for each, is_best in zip(words, marked, strict=True)])


def best_of(values: Iterable[Any]) -> Any:
    """The least of what is known; None where all are as good, or fewer than two are known."""
    known = {value for value in values if value is not None}
    return min(known) if len(known) > 1 else None


def _equal(key: str, name: str, words: Sequence[str]) -> Row:
    return Row(key, name, [Cell(each) for each in words], is_equal=len(set(words)) == 1)


def _model(frame: Generation) -> str:
    if frame.simulated:
        return _("%(model)s, simulated") % {"model": frame.model_label}
    return frame.model_label


def _size_asked(frame: Generation) -> str:
    if frame.asked:
        return said.size(frame.asked)
    shape = frame.parameters.get("shape")
    return _("%(shape)s, in words") % {"shape": shape} if shape else _("the model chose")


def _kept(output: Output) -> dict[str, bool]:
    frame = output.generation
    return as_asked(frame.size_asked, frame.parameters, output.width, output.height, output.format)


def _broken(kept: dict[str, bool]) -> int | None:
    return sum(not each for each in kept.values()) if kept else None


def _obedience(kept: dict[str, bool]) -> str:
    """What was not obeyed, or else what was."""
    names = {"size": _("size"), "shape": _("shape"), "format": _("format")}
    missed = ", ".join(names[name] for name, is_kept in kept.items() if not is_kept)
    if missed:
        return _("%(what)s missed") % {"what": missed}
    what = ", ".join(names[name] for name in kept)
    return _("%(what)s kept") % {"what": what} if what else _("nothing fixed")


def _file(output: Output) -> str:
    return f"{output.format.upper()}, {said.bytes_size(output.byte_size)}"


def _request_id(frame: Generation) -> str:
    """Of the call that brought the picture: the last one."""
    calls = list(frame.attempts.all())
    return calls[-1].request_id if calls else ""


def _sent(frame: Generation, name: str) -> str:
    return str(frame.parameters[name]) if name in frame.parameters else _("not sent")
