"""The revision that pages poll: it grows with every change of a workspace, and never goes back."""

import uuid

import pytest
from django.db import connection

from playground.runs import queries, services, states
from playground.runs.models import Generation, Run
from tests.factories import claim, picture, queued, run, running, worker_row
from tests.runs.threads import at_once


def revision(workspace):
    return queries.pulse(workspace)[0]


@pytest.mark.django_db
class TestEveryChangeIsNews:
    def test_from_the_question_to_the_picture(self, workspace):
        worker, seen = worker_row(), [revision(workspace)]
        generation = queued(workspace)
        steps = [
            lambda: claim(generation, worker),
            lambda: states.wait(generation, worker, generation.created_at),
            lambda: states.watch(generation, False),
            lambda: states.fail(generation, "busy"),
            lambda: services.retry(generation),
            lambda: states.cancel(Generation.objects.last()),
            lambda: services.another(generation, uuid.uuid4()),
        ]
        for step in [lambda: None, *steps]:
            step()
            seen.append(revision(workspace))
        assert all(before < after for before, after in zip(seen, seen[1:], strict=False))

    def test_a_picture_is_news(self, workspace):
        before = revision(workspace)
        output = picture(workspace)
        output.generation.refresh_from_db()
        assert output.generation.revision == revision(workspace) > before

    def test_a_change_that_lost_its_race_is_none(self, workspace):
        generation, _ = running(workspace, worker_row())
        before = revision(workspace)
        assert not states.cancel(generation)
        assert revision(workspace) == before

    def test_of_one_workspace_is_none_for_another(self, workspace, charlie):
        elsewhere = charlie.workspaces.get()
        before = revision(elsewhere)
        run(workspace)
        assert revision(elsewhere) == before

    def test_the_frames_that_a_page_lacks_are_those_born_after_it(self, workspace):
        generation = queued(workspace)
        known = revision(workspace)
        newer = services.another(generation, uuid.uuid4())
        newer.refresh_from_db()
        assert generation.born_revision <= known < newer.born_revision

    def test_marks_its_run(self, workspace):
        first, second = queued(workspace), queued(workspace)
        states.cancel(first)
        marks = dict(Run.objects.values_list("pk", "revision"))
        assert marks[first.run_id] == revision(workspace) > marks[second.run_id] > 0

    def test_is_found_along_an_index_however_many_runs_there_are(self, workspace):
        queued(workspace)
        newest = queued(workspace).run
        assert queries.changed_runs(workspace, revision(workspace) - 1) == [newest]
        if connection.vendor == "sqlite":  # on PostgreSQL the planner reads small tables whole
            assert "run_changes" in Run.objects.of(workspace).filter(revision__gt=0).newest().explain()


@pytest.mark.django_db(transaction=True)
def test_changes_at_the_same_moment_each_count(workspace):
    """No page that polled between two of them can have missed one."""
    generations = [queued(workspace) for _ in range(6)]
    before = revision(workspace)
    at_once([lambda g=generation: states.cancel(g) for generation in generations])

    after = sorted(Generation.objects.values_list("revision", flat=True))
    assert revision(workspace) == before + 6
    assert after == list(range(before + 1, before + 7))
