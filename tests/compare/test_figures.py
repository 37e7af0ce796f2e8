"""The table: what came of each picture with the best marked, and the settings with equal rows marked as such."""

import pytest

from playground.compare.comparison import Comparison
from playground.compare.figures import best_of
from playground.runs.models import Attempt, Generation, Output
from tests.factories import OFFICIAL, VIP, picture
from tests.studio.pages import said

pytestmark = pytest.mark.django_db


def table(*outputs: Output):
    [only] = Comparison.of(outputs[0].workspace, [each.pk for each in outputs]).tables
    return {row.words: row for row in [*only.metrics, *only.settings]}


def words(row) -> list[str]:
    return [cell.words for cell in row.cells]


def best(row) -> list[bool]:
    return [cell.is_best for cell in row.cells]


@pytest.mark.parametrize(
    ("values", "found"), [([3, 1, 2], 1), ([1, 1], None), ([None, 1], None), ([None, 2, 1], 1), ([], None)]
)
def test_the_best_is_the_least_that_is_known_unless_all_are_as_good(values, found):
    assert best_of(values) == found


def test_each_figure_is_written_as_everywhere(client, workspace):
    one, other = picture(workspace, 640, 480), picture(workspace, 320, 240, model=VIP, size="2048x1152")
    Generation.objects.filter(pk=other.generation_id).update(seconds=31.24, cost="0.052", simulated=False)
    rows = table(one, other)
    assert words(rows["Model"]) == ["gpt-image-2-all, simulated", "gpt-image-2-vip"]
    assert words(rows["Asked for"]) == ["the model chose", "2048 × 1152"]
    assert words(rows["Received"]) == ["640 × 480", "320 × 240"]
    assert words(rows["Seconds"]) == ["2.2 s", "31.2 s"]
    assert words(rows["Cost"]) == ["$0.030", "$0.052"]
    assert words(rows["Request id"]) == ["req-1", "req-1"]
    page = said(client.get(f"/compare/?o={one.pk},{other.pk}"))
    for cell in ("2048 × 1152", "31.2 s", "$0.052", "req-1"):
        assert cell in page


def test_the_best_of_each_row_is_marked_and_a_tie_is_shared(workspace):
    outputs = [picture(workspace) for _ in range(3)]
    for output, cost, size in zip(outputs, ("0.03", "0.03", "0.052"), (900, 800, 700), strict=True):
        Generation.objects.filter(pk=output.generation_id).update(cost=cost)
        Output.objects.filter(pk=output.pk).update(byte_size=size)
    rows = table(*outputs)
    assert best(rows["Cost"]) == [True, True, False]
    assert best(rows["File"]) == [False, False, True]
    assert best(rows["Seconds"]) == [False] * 3  # all took as long


def test_a_cost_that_nobody_knows_is_never_the_best(workspace):
    one, other, third = (picture(workspace) for _ in range(3))
    Generation.objects.filter(pk=one.generation_id).update(cost=None)
    Generation.objects.filter(pk=other.generation_id).update(cost="0.05")
    row = table(one, other, third)["Cost"]
    assert words(row) == ["?", "$0.050", "$0.030"] and best(row) == [False, False, True]


def test_obedience_says_what_was_missed_or_kept(workspace):
    kept = picture(workspace, 1024, 1024, model=OFFICIAL, size="1024x1024", output_format="png")
    missed = picture(workspace, 64, 48, model=VIP, size="2048x1152")
    shaped = picture(workspace, 64, 48, shape="16:9")
    free = picture(workspace)
    row = table(kept, missed, shaped, free)["Obedience"]
    assert words(row) == ["size, format kept", "size missed", "shape missed", "nothing fixed"]
    assert best(row) == [True, False, False, False]
    assert [cell.is_off for cell in table(kept, missed)["Received"].cells] == [False, True]


def test_what_nothing_is_known_of_is_no_row(workspace):
    one, other = picture(workspace), picture(workspace)
    Attempt.objects.update(request_id="")
    assert not {"Request id", "Changed outside the mask", "References", "Mask"} & set(table(one, other))


def test_equal_settings_are_marked_and_missing_ones_said(workspace):
    one = picture(workspace, model=OFFICIAL, quality="high", size="1024x1024")
    other = picture(workspace, model=VIP, size="1024x1024")
    rows = table(one, other)
    assert words(rows["quality"]) == ["high", "not sent"] and not rows["quality"].is_equal
    assert rows["size"].is_equal and rows["How"].is_equal


def test_the_tables_columns_are_those_of_their_row_of_frames(workspace):
    outputs = [picture(workspace) for _ in range(7)]
    first, second = Comparison.of(workspace, [each.pk for each in outputs]).tables
    assert [len(row.cells) for row in first.metrics] == [4] * len(first.metrics)
    assert [len(row.cells) for row in second.settings] == [3] * len(second.settings)
