"""After a crash the rows tell the truth: what arrived is kept, what may have been billed says so, nothing is sent."""

import os
import uuid
from datetime import timedelta

import httpx
import pytest
from django.conf import settings
from django.utils import timezone

from playground.gateway import Gateway
from playground.runs import received, states, storage, sweep, work
from playground.runs.leases import LEASE_SECONDS, is_gone
from playground.runs.models import Attempt, Generation, State, Worker
from tests.factories import answer, arrivals, image_bytes, picture, running, worker_row

pytestmark = pytest.mark.django_db
DEAD = {"pid": 2**22 + 1}  # no process can have this number


def swept(generation):
    """What the row says once another worker has swept."""
    sweep.settle_lost(worker_row(), in_flight=())
    generation.refresh_from_db()
    return generation


def arrived(attempt, *images):
    """An answer that arrived whole, with its note."""
    folder = storage.incoming(attempt.pk)
    kept = answer(folder, *images)
    received.write(folder, kept)
    return kept


class TestWhoIsGone:
    def test_a_process_that_is_not_there_any_more(self, db):
        assert is_gone(worker_row(**DEAD))

    def test_one_that_said_that_it_ended(self, db):
        worker = worker_row()
        worker.stopped_at = timezone.now()
        assert is_gone(worker)

    def test_one_of_another_machine_whose_lease_ran_out(self, db):
        worker = worker_row(host="elsewhere", **DEAD)
        assert not is_gone(worker)
        worker.beat_at -= timedelta(seconds=LEASE_SECONDS + 1)
        assert is_gone(worker)

    def test_not_one_that_beats(self, db):
        assert not is_gone(worker_row())


class TestARowOfADeadWorker:
    def test_that_was_sent_may_have_been_billed(self, workspace):
        generation, attempt = running(workspace, worker_row(**DEAD))
        swept(generation)

        attempt.refresh_from_db()
        assert (generation.state, generation.failure) == (State.FAILED, "worker_lost")
        assert (generation.billed, generation.cost) == ("unknown", None)
        assert (attempt.outcome, attempt.billed, attempt.error) == ("unknown", "unknown", "worker_lost")
        assert attempt.finished_at is not None

    @pytest.mark.parametrize(
        ("outcome", "billed", "error"),
        [
            ("unknown", "unknown", "timed_out"),
            ("useless", "yes", "picture_link_failed"),
            ("useless", "unknown", "no_image"),
            ("refused", "no", "busy"),
            ("not_sent", "no", "cannot_connect"),
        ],
    )
    def test_whose_call_had_failed_already_says_what_the_call_said(self, workspace, outcome, billed, error):
        """It died between the two rows, or between two tries: the attempt knows better than "lost", above all whether
        it was billed.
        """
        generation, attempt = running(workspace, worker_row(**DEAD))
        Attempt.objects.filter(pk=attempt.pk).update(
            outcome=outcome, billed=billed, error=error, finished_at=timezone.now()
        )
        swept(generation)

        assert (generation.state, generation.failure, generation.billed) == (State.FAILED, error, billed)

    def test_whose_answer_arrived_keeps_the_picture(self, workspace):
        generation, attempt = running(workspace, worker_row(**DEAD))
        content = image_bytes(640, 480)
        arrived(attempt, content)
        swept(generation)

        output = generation.outputs.get()
        attempt.refresh_from_db()
        assert (generation.state, generation.billed) == (State.SUCCEEDED, "yes")
        assert (attempt.outcome, attempt.status, attempt.request_id) == ("answered", 200, "req-1")
        assert (settings.MEDIA_ROOT / output.file).read_bytes() == content
        assert output.thumbnails
        assert arrivals() == []

    def test_whose_picture_came_whole_in_the_moment_before_its_note_keeps_it(self, workspace):
        """It was killed between the picture's last byte and the note: what was paid for lies there all the same."""
        generation, attempt = running(workspace, worker_row(**DEAD))
        content = image_bytes(640, 480)
        (storage.incoming(attempt.pk) / "picture-x1.part").write_bytes(content)
        swept(generation)

        assert (generation.state, generation.billed, generation.cost) == (
            State.SUCCEEDED,
            "yes",
            generation.estimate_high,
        )
        assert (settings.MEDIA_ROOT / generation.outputs.get().file).read_bytes() == content
        assert arrivals() == []

    @pytest.mark.parametrize("name", ["picture-x1.part", "event-x1.part"])
    def test_whose_picture_is_not_whole_or_a_preview_brought_none(self, workspace, name):
        generation, attempt = running(workspace, worker_row(**DEAD))
        content = image_bytes(640, 480)
        (storage.incoming(attempt.pk) / name).write_bytes(content if "event" in name else content[:-1])
        assert swept(generation).failure == "worker_lost"

    def test_whose_second_picture_lies_behind_a_link_waits_for_it(self, workspace):
        generation, attempt = running(workspace, worker_row(**DEAD))
        states.note_links(attempt, ["https://r2cdn.example/a.png", "https://r2cdn.example/b.png"])
        (storage.incoming(attempt.pk) / "picture-x1.part").write_bytes(image_bytes(640, 480))
        assert swept(generation).failure == "worker_lost"

    def test_whose_picture_was_moved_already_but_not_written_down_keeps_it(self, workspace):
        """It died after the rename and before the row."""
        generation, attempt = running(workspace, worker_row(**DEAD))
        [moved] = arrived(attempt).pictures
        storage.keep(moved.path, storage.original_name(moved.sha256, moved.format))
        swept(generation)

        assert generation.state == State.SUCCEEDED
        assert generation.outputs.get().sha256 == moved.sha256

    def test_whose_picture_was_kept_but_not_finished_is_finished(self, workspace):
        generation, attempt = running(workspace, worker_row(**DEAD))
        kept = arrived(attempt)
        states.answer_attempt(attempt, kept, generation.estimate_high)
        [one] = kept.pictures
        name = storage.original_name(one.sha256, one.format)
        storage.keep(one.path, name)
        states.add_output(
            generation, 0, sha256=one.sha256, file=name, byte_size=one.byte_size, format=one.format,
            width=one.width, height=one.height,
        )  # fmt: skip
        swept(generation)

        assert (generation.state, generation.cost) == (State.SUCCEEDED, generation.estimate_high)
        assert generation.outputs.get().thumbnails

    def test_never_goes_back_to_the_queue(self, workspace):
        """Whatever is on the disk and in the rows."""
        worker = worker_row(**DEAD)
        for _ in range(3):
            running(workspace, worker)
        arrived(Attempt.objects.first())
        sweep.settle_lost(worker_row(), in_flight=())
        assert not Generation.objects.unfinished().exists()


class TestARowThatIsAlive:
    def test_of_another_worker_is_left_alone(self, workspace):
        generation, _ = running(workspace, worker_row())
        assert swept(generation).state == State.RUNNING

    def test_of_our_own_that_a_thread_works_on_is_left_alone(self, workspace):
        worker = worker_row()
        generation, _ = running(workspace, worker)
        Generation.objects.update(started_at=timezone.now() - timedelta(hours=1))
        sweep.settle_lost(worker, in_flight={generation.pk})
        generation.refresh_from_db()
        assert generation.state == State.RUNNING

    def test_of_our_own_that_no_thread_works_on_is_settled(self, workspace):
        """The thread was interrupted by a full disk, or by a database that went away."""
        worker = worker_row()
        generation, attempt = running(workspace, worker)
        arrived(attempt)
        Generation.objects.update(started_at=timezone.now() - timedelta(hours=1))
        sweep.settle_lost(worker, in_flight=())
        generation.refresh_from_db()
        assert generation.state == State.SUCCEEDED

    def test_of_our_own_that_was_claimed_a_moment_ago_is_left_alone(self, workspace):
        worker = worker_row()
        generation, _ = running(workspace, worker)
        sweep.settle_lost(worker, in_flight=())
        generation.refresh_from_db()
        assert generation.state == State.RUNNING


class TestALateAnswer:
    """The worker was only slow: its lease ran out, its row was called lost, and then its answer came."""

    def test_is_kept_after_all(self, workspace):
        generation, attempt = running(workspace, worker_row(**DEAD))
        swept(generation)
        work.keep_answer(generation, attempt, answer(storage.incoming(attempt.pk)))

        generation.refresh_from_db()
        attempt.refresh_from_db()
        assert (generation.state, generation.billed, generation.failure) == (State.SUCCEEDED, "yes", "")
        assert (attempt.outcome, attempt.billed, attempt.error) == ("answered", "yes", "")
        assert generation.outputs.count() == 1

    def test_that_only_left_its_note_is_found_by_the_next_sweep(self, workspace):
        generation, attempt = running(workspace, worker_row(**DEAD))
        swept(generation)
        arrived(attempt)
        sweep.keep_arrived()

        generation.refresh_from_db()
        assert (generation.state, generation.outputs.count()) == (State.SUCCEEDED, 1)

    def test_twice_is_one_picture(self, workspace):
        generation, attempt = running(workspace, worker_row(**DEAD))
        for _ in range(2):
            work.keep_answer(generation, attempt, answer(storage.incoming(attempt.pk)))
        assert generation.outputs.count() == 1

    def test_that_is_a_refusal_says_that_it_was_free_after_all(self, workspace):
        generation, _attempt = running(workspace, worker_row(**DEAD))
        assert swept(generation).billed == "unknown"
        states.fail(generation, "moderation", billed="no")

        generation.refresh_from_db()
        assert (generation.state, generation.failure, generation.billed) == (State.FAILED, "moderation", "no")

    def test_that_is_a_refusal_changes_nothing_where_the_picture_is_kept(self, workspace):
        generation, attempt = running(workspace, worker_row(**DEAD))
        swept(generation)
        work.keep_answer(generation, attempt, answer(storage.incoming(attempt.pk)))
        assert not states.fail(generation, "moderation", billed="no")

    def test_does_not_disturb_what_the_person_did_meanwhile(self, workspace):
        from playground.runs import services

        generation, attempt = running(workspace, worker_row(**DEAD))
        again = services.retry(swept(generation))
        work.keep_answer(generation, attempt, answer(storage.incoming(attempt.pk)))

        again.refresh_from_db()
        assert (again.state, again.retry_of_id) == (State.QUEUED, generation.pk)


class TestAPictureBehindALink:
    """The provider's link lives for a day: a picture behind it is not lost while somebody remembers the link."""

    def gateway(self, status: int) -> Gateway:
        content = image_bytes(64, 48)
        headers = {"Content-Type": "image/png"}
        link = httpx.MockTransport(
            lambda asked: httpx.Response(status, stream=httpx.ByteStream(content), headers=headers)
        )
        return Gateway(
            link_transport=link, resolver=lambda host, port: ["93.184.215.14"], sleep=lambda _: None
        )

    def lost_while_fetching(self, workspace):
        generation, attempt = running(workspace, worker_row(**DEAD))
        states.note_links(attempt, ["https://r2cdn.example/a.png"])
        return swept(generation), attempt

    def test_is_fetched_although_its_worker_died_before_it_could(self, workspace):
        generation, attempt = self.lost_while_fetching(workspace)
        assert generation.failure == "worker_lost"

        sweep.fetch_late(self.gateway(200))

        generation.refresh_from_db()
        attempt.refresh_from_db()
        assert (generation.state, generation.billed) == (State.SUCCEEDED, "yes")
        assert str(generation.outputs.get().size) == "64x48"
        assert (attempt.outcome, attempt.links) == ("answered", [])

    def test_that_fails_is_tried_again_by_a_later_sweep(self, workspace):
        generation, attempt = self.lost_while_fetching(workspace)
        sweep.fetch_late(self.gateway(503))
        generation.refresh_from_db()
        assert (generation.state, generation.billed) == (State.FAILED, "unknown")

        sweep.fetch_late(self.gateway(200))
        generation.refresh_from_db()
        assert generation.state == State.SUCCEEDED

    def test_is_given_up_after_a_day(self, workspace):
        generation, attempt = self.lost_while_fetching(workspace)
        Attempt.objects.filter(pk=attempt.pk).update(sent_at=timezone.now() - timedelta(hours=25))
        sweep.fetch_late(self.gateway(200))
        generation.refresh_from_db()
        assert generation.state == State.FAILED


class TestOneThatCantBeSettled:
    def test_does_not_keep_the_others_from_being_settled(self, workspace, caplog):
        worker = worker_row(**DEAD)
        broken, attempt = running(workspace, worker)
        lost, _ = running(workspace, worker)
        (storage.incoming(attempt.pk) / received.NOTE).write_text("{not a note")
        sweep.settle_lost(worker_row(), in_flight=())

        lost.refresh_from_db()
        assert lost.state == State.FAILED
        assert f"Generation {broken.pk} could not be settled" in caplog.text


class TestOldArrivals:
    def test_go_after_a_week(self, workspace):
        import os

        old, fresh = storage.incoming(1), storage.incoming(2)
        week_ago = (timezone.now() - timedelta(days=8)).timestamp()
        os.utime(old, (week_ago, week_ago))
        sweep.clear_old_arrivals()
        assert (old.exists(), fresh.exists()) == (False, True)

    def test_that_vanish_while_it_looks_do_not_end_the_sweep(self, workspace):
        fresh = storage.incoming(2)
        (fresh.parent / "3").symlink_to("nowhere")
        sweep.clear_old_arrivals()
        assert fresh.exists()

    def test_of_an_upload_that_was_cut_off_is_removed_after_hours(self, db):
        settings.UPLOADS_ROOT.mkdir(parents=True, exist_ok=True)
        old, fresh = settings.UPLOADS_ROOT / "old.upload", settings.UPLOADS_ROOT / "fresh.upload"
        hours_ago = (timezone.now() - timedelta(hours=7)).timestamp()
        for file in (old, fresh):
            file.write_bytes(b"half a picture")
        os.utime(old, (hours_ago, hours_ago))
        sweep.clear_old_arrivals()
        assert (old.exists(), fresh.exists()) == (False, True)
        fresh.unlink()

    def test_an_empty_installation_has_none(self, db):
        sweep.clear_old_arrivals()
        sweep.keep_arrived()


def test_a_worker_row_that_pictures_point_to_stays(workspace):
    from django.db.models import ProtectedError

    output = picture(workspace)
    with pytest.raises(ProtectedError):
        Worker.objects.get(pk=output.generation.worker_id).delete()


def test_the_note_of_a_call_is_not_mistaken_for_anothers(workspace):
    generation, attempt = running(workspace, worker_row(**DEAD))
    (settings.INCOMING_ROOT / str(uuid.uuid4())).mkdir(parents=True)
    arrived(Attempt(pk=attempt.pk + 1000))
    assert swept(generation).failure == "worker_lost"
