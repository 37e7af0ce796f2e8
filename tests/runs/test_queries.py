"""What every page asks of runs is asked of the few that are open, however many there ever were."""

import pytest
from django.db import connection

from playground.runs import queries

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL knows how many there are of each"),
]


def test_a_poll_looks_at_what_is_unfinished(workspace):
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + queries._PULSE, [workspace.pk])
        plan = [row[3] for row in cursor.fetchall()]
    assert any("generation USING" in step and "generation_unfinished" in step for step in plan), plan
    assert any(step.startswith("SEARCH run USING INTEGER PRIMARY KEY") for step in plan), plan


@pytest.mark.parametrize("statement, days", [(queries._GLANCE, 1), (queries._SPENT, 3)])
def test_what_may_still_cost_is_looked_for_among_calls_on_their_way(workspace, statement, days):
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + statement, ["2026-11-22"] * days + [workspace.pk])
        plan = [row[3] for row in cursor.fetchall()]
    assert any("attempt_on_its_way" in step for step in plan), plan
    assert any("costs_total" in step and "grain=? AND day=?" in step for step in plan), plan
    assert not [step for step in plan if step.startswith("SCAN") and "attempt_on_its_way" not in step], plan
