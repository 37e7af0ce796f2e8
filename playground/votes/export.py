"""The scoreboard as CSV: a line for each model, with every figure that the page rounds."""

import csv
import io
from typing import Any

from playground.costs.export import safe
from playground.votes.scoreboard import Scoreboard, Standing

COLUMNS = (
    "group", "model", "strength", "strength low", "strength high", "chance", "chance low", "chance high", "shown",
    "won", "equal", "lost", "none good", "cost", "cost not known", "seconds", "cost a win", "seconds a win",
    "wins a dollar", "wins a minute", "simulated", "visitors",
)  # fmt: skip


def as_csv(page: Scoreboard) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for number, part in enumerate(page.parts, 1):
        for one in part:
            values = [
                number if one.strength else "",
                *_line(one),
                page.question.simulated,
                page.question.by_visitors,
            ]
            writer.writerow([safe(value) for value in values])
    return file.getvalue()


def _line(one: Standing) -> list[Any]:
    tally = one.tally
    return [
        tally.model_id, *_strength(one), tally.shown, tally.won, tally.tied, tally.lost, tally.bad, tally.cost,
        tally.unpriced, _rounded(tally.seconds), _rounded(tally.cost_per_win), _rounded(tally.seconds_per_win),
        _rounded(tally.wins_per_dollar), _rounded(tally.wins_per_minute),
    ]  # fmt: skip


def _strength(one: Standing) -> list[Any]:
    if one.strength is None:
        return [""] * 6
    values = (one.strength.value, one.strength.low, one.strength.high, *one.strength.chances)
    return [_rounded(value) for value in values]


def _rounded(value: Any) -> Any:
    return "" if value is None else round(value, 6)
