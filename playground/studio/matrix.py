"""One wish, many pictures: the prompts that a template and its table say, and the axes along which pictures differ."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playground.runs.services import MOST_PICTURES, Axes, Target
from playground.studio import braces
from playground.studio.braces import Template
from playground.studio.table import Table, TableError, read_table

SHOWN = 4  # prompts that the composer shows by itself
LONGEST_NAME = 40
WORDS, ROW, MODEL, SIZE, QUALITY = "words", "row", "model", "size", "quality"


@dataclass(frozen=True)
class Prompt:
    """One of the prompts, and where it stands along the axes of words."""

    text: str
    at: tuple[int, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The prompts that were meant, as far as they can be made out. `problems` are sentences for a person."""

    template: Template
    table: Table = field(default_factory=Table)
    problems: Sequence[str] = ()
    remarks: Sequence[str] = ()

    @cached_property
    def rows(self) -> list[Mapping[str, str]]:
        """What the table fills in, one prompt each."""
        return self.table.distinct(self.template.variables)

    @cached_property
    def counts(self) -> list[int]:
        """How many along each axis of words."""
        return [*self.template.counts, *([len(self.rows)] if self.template.variables else [])]

    @property
    def count(self) -> int:
        """How many prompts; may be more than can be drawn, or written out."""
        return prod(self.counts)

    @property
    def is_many(self) -> bool:
        return self.count > 1

    @cached_property
    def prompts(self) -> list[Prompt]:
        """All of them, in their order; none where they are too many or one can't be filled."""
        return list(self._prompts()) if not self.problems and self.count <= MOST_PICTURES else []

    def first(self, most: int = SHOWN) -> list[Prompt]:
        """The first few, also of too many."""
        return list(itertools.islice(self._prompts(), most)) if not self.problems else []

    def _prompts(self) -> Iterator[Prompt]:
        rows = self.rows or [{}]
        if not all(self.template.choices):  # one group has more than can be written out
            return
        for chosen in itertools.product(*(range(len(choices)) for choices in self.template.choices)):
            for number, row in enumerate(rows):
                text = self.template.fill(chosen, row).strip()
                yield Prompt(text, (*chosen, number) if self.template.variables else chosen)

    @property
    def axes(self) -> list[dict[str, Any]]:
        """Those of the words: a group is one, the table another."""
        found = [
            {"kind": WORDS, "name": _short(source), "values": [_short(value.strip()) for value in values]}
            for source, values in zip(self.template.sources, self.template.groups, strict=True)
        ]
        if names := self.template.variables:
            values = [_short(", ".join(row.values())) for row in self.rows]
            found.append({"kind": ROW, "name": _short(", ".join(names)), "values": values})
        return found


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1]}…"


def plan_of(prompt: str, pasted: str) -> Plan:
    """What the composer's prompt and table say together."""
    template = braces.read(prompt)
    if not template.variables:
        return _checked(Plan(template))
    try:
        table = read_table(pasted)
    except TableError as error:
        return Plan(template, problems=[str(error)])
    if missing := table.lacks(template.variables):
        names = ", ".join(f"{{{{{name}}}}}" for name in missing)
        words = ngettext(
            "The table has no column for %(names)s.", "The table has no columns for %(names)s.", len(missing)
        )
        return Plan(template, table, [words % {"names": names}])
    if not table.rows:
        return Plan(template, table, [_("The table has names, and no row below them.")])
    unused = [name for name in table.columns if name not in template.variables]
    return _checked(Plan(template, table, remarks=_about_unused(unused)))


def _about_unused(names: Sequence[str]) -> list[str]:
    words = _("The prompt does not use these columns: %(names)s.")
    return [words % {"names": ", ".join(names)}] if names else []


def _checked(plan: Plan) -> Plan:
    """With word of prompts that would be empty."""
    if plan.is_many and any(not prompt.text for prompt in plan.prompts):
        return Plan(plan.template, plan.table, [_("One of the prompts would be empty.")], plan.remarks)
    return plan


@dataclass(frozen=True)
class Many:
    """What the prompts and the models multiply to; `sets`: how many settings, and variants of each, a model has."""

    plan: Plan
    sets: Sequence[tuple[int, int]]

    @property
    def is_matrix(self) -> bool:
        """Whether the pictures differ in more than their model."""
        return self.plan.is_many or any(count > 1 for count, _variants in self.sets)

    @property
    def for_each_prompt(self) -> int:
        """How many pictures each prompt gets."""
        return sum(count * variants for count, variants in self.sets)

    @property
    def pictures(self) -> int:
        """How many are asked for, also where that is too many."""
        return self.plan.count * self.for_each_prompt

    @property
    def factors(self) -> list[int]:
        """What is multiplied: 3 × 4 × 2."""
        return [number for number in (*self.plan.counts, self.for_each_prompt) if number != 1]

    @property
    def too_many(self) -> str:
        """Why it can't be one run; empty where it can."""
        if self.pictures <= MOST_PICTURES:
            return ""
        words = _(
            "%(pictures)s pictures are more than one run can have: %(most)s is the most. Nothing was started."
        )
        return words % {"pictures": f"{self.pictures:,}", "most": MOST_PICTURES}

    @property
    def shows_more(self) -> bool:
        """Whether there are more prompts than the composer shows by itself, and not too many."""
        return self.plan.is_many and len(self.plan.prompts) > SHOWN and not self.too_many


def literal(prompt: str) -> Plan:
    """A prompt whose braces are only characters."""
    return Plan(Template((prompt,) if prompt else ()))


def crossed(plan: Plan, targets: Sequence[Target], form: Mapping[str, Any]) -> tuple[list[Target], Axes]:
    """Every prompt for every target, each at its place, and the axes that have more than one value."""
    values = {kind: _values(kind, targets) for kind in (MODEL, SIZE, QUALITY)}
    kept = [kind for kind in (MODEL, SIZE, QUALITY) if _is_axis(kind, targets)]
    words = plan.axes
    shown = [number for number, axis in enumerate(words) if len(axis["values"]) > 1]
    axes = [words[number] for number in shown]
    axes += [{"kind": kind, "name": "", "values": values[kind]} for kind in kept]
    made = []
    for prompt in plan.prompts:
        at = [prompt.at[number] for number in shown]
        for target in targets:
            place = "-".join(map(str, [*at, *(values[kind].index(value_of(kind, target)) for kind in kept)]))
            own = prompt.text if plan.is_many else ""
            made.append(Target(target.model, target.parameters, target.variants, target.endpoint, own, place))
    return made, Axes(axes, form)


def value_of(kind: str, target: Target) -> str:
    """Where a target stands along an axis that is not one of words."""
    if kind == MODEL:
        return target.model.id
    if kind == SIZE:
        return str(target.parameters.get("size") or target.parameters.get("shape") or "")
    return str(target.parameters.get("quality") or "")


def _values(kind: str, targets: Sequence[Target]) -> list[str]:
    return list(dict.fromkeys(value_of(kind, target) for target in targets))


def _is_axis(kind: str, targets: Sequence[Target]) -> bool:
    """Sizes and qualities are one only where a model has several: otherwise they say the same as the models."""
    if kind == MODEL:
        return len(_values(kind, targets)) > 1
    by_model: dict[str, set[str]] = {}
    for target in targets:
        by_model.setdefault(target.model.id, set()).add(value_of(kind, target))
    return any(len(values) > 1 for values in by_model.values())
