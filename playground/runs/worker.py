"""A process that makes calls: it takes wake-ups from the queue, runs many lives at once, and beats.

Stopping (SIGTERM) claims nothing more and waits for the calls in flight; a second signal ends the process, and the
rows tell the truth at the next start. The heartbeat of the one Worker row is the lease of all that it runs.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import close_old_connections, connections
from django.utils import timezone
from huey.consumer import Consumer

from playground.gateway import Gateway
from playground.runs import afterwards, sweep
from playground.runs.leases import BEAT_SECONDS, this_host
from playground.runs.models import Worker
from playground.runs.order import Pace, choose
from playground.runs.queue import huey, serve, wake_worker
from playground.runs.turns import turn
from playground.runs.work import Hands, carry_out

logger = logging.getLogger(__name__)
SWEEP_SECONDS = 60


class CallWorker:
    """Runs up to `calls` generations at once, each in a thread of its own that mostly waits."""

    def __init__(self, calls: int) -> None:
        now = timezone.now()
        row = Worker.objects.create(host=this_host(), pid=os.getpid(), started_at=now, beat_at=now)
        self.stopping = threading.Event()
        self.hands = Hands(row, Gateway(), self.stopping)
        self._slots = threading.BoundedSemaphore(calls)
        self._pool = ThreadPoolExecutor(calls, thread_name_prefix="call")
        self._pace = Pace(settings.CALLS_PER_MINUTE)
        self._in_flight: set[int] = set()
        self._stumbled: set[int] = (
            set()
        )  # those that an accident interrupted: left alone until the next sweep
        self._lock = threading.Lock()
        self._waiting = threading.Lock()  # held by the one thread that waits for the pace

    @property
    def in_flight(self) -> frozenset[int]:
        """The generations (ids) that a thread of this worker is working on."""
        with self._lock:
            return frozenset(self._in_flight)

    def take(self, generation_id: int) -> None:
        """There is work: use a slot as soon as one is free. While stopping, the wake-up goes back to the queue.

        Which picture the slot is used for is decided when it is free: see `order`.
        """
        while not self.stopping.is_set():
            if self._slots.acquire(timeout=0.5) and self._use_slot():
                return
        wake_worker([generation_id])

    def take_if_free(self) -> bool:
        """The same if a slot is free now; tells whether one was."""
        return not self.stopping.is_set() and self._slots.acquire(blocking=False) and self._use_slot()

    def _use_slot(self) -> bool:
        """Put a thread into the slot that was acquired; False where the worker has ended meanwhile."""
        try:
            self._pool.submit(self._run)
        except RuntimeError:
            self._slots.release()
            return False
        return True

    def _run(self) -> None:
        """One slot: live one life after another, as long as anything waits."""
        try:
            while not self.stopping.is_set():
                generation_id, seconds = self._choose()
                if generation_id is not None:
                    self.take_if_free()  # where one waits there may be more
                    self._live(generation_id)
                elif not seconds or not self._wait(seconds):
                    break
        except Exception:
            logger.exception("What to do next could not be found out; the next sweep tries again.")
        finally:
            connections.close_all()
            self._slots.release()

    def _choose(self) -> tuple[int | None, float]:
        """What to send now, held by this thread from here on; or None, and the seconds until something may be."""
        with turn(), self._lock:
            generation_id, seconds = choose(self._pace, self._in_flight | self._stumbled)
            if generation_id is not None:
                self._in_flight.add(generation_id)
            return generation_id, seconds

    def _wait(self, seconds: float) -> bool:
        """Wait until the pace allows one more; False where another thread does so already."""
        if not self._waiting.acquire(blocking=False):
            return False
        try:
            self.stopping.wait(seconds)
        finally:
            self._waiting.release()
        return True

    def _live(self, generation_id: int) -> None:
        try:
            carry_out(generation_id, self.hands)
        except Exception:
            # A row that says running, and no thread any more: the next sweep finds out what is true.
            logger.exception("Generation %s was interrupted.", generation_id)
            with self._lock:
                self._stumbled.add(generation_id)
        finally:
            connections.close_all()
            with self._lock:
                self._in_flight.discard(generation_id)

    def beat(self) -> None:
        """Renew the lease."""
        Worker.objects.filter(pk=self.hands.worker.pk).update(beat_at=timezone.now())

    def sweep(self) -> None:
        """Find out what became of lost rows, and wake what waits without a wake-up."""
        sweep.settle_lost(self.hands.worker, self._in_flight)  # itself, not a copy of this moment
        sweep.keep_arrived()
        sweep.fetch_late(self.hands.gateway)
        sweep.clear_old_arrivals()
        sweep.forget_dead_links()
        afterwards.swept()
        with self._lock:
            self._stumbled.clear()
        self.take_if_free()  # for what waits without a wake-up, if anything does

    def stop(self) -> None:
        """Claim nothing more, wait for the calls in flight, and say that this worker ended."""
        self.stopping.set()
        if waiting := len(self.in_flight):
            logger.warning("Waiting for %s calls in flight; a second signal stops at once.", waiting)
        self._pool.shutdown(wait=True)
        self.hands.gateway.close()
        Worker.objects.filter(pk=self.hands.worker.pk).update(stopped_at=timezone.now())


class QueueConsumer(Consumer):  # type: ignore[misc]  # huey has no types
    """Huey's consumer, with the heartbeat and the sweep beside it."""

    def __init__(self, worker: CallWorker) -> None:
        # Two threads hand wake-ups over; the calls run in the worker's own threads.
        super().__init__(
            huey, workers=2, periodic=False, initial_delay=0.05, backoff=1.3, max_delay=0.5,
            check_worker_health=True, graceful_signal="TERM",
        )  # fmt: skip
        self._worker = worker
        self._was_told_to_stop = False
        # Ctrl-C is as patient as SIGTERM: what is in flight has been paid for.
        self._signal_actions: dict[int, tuple[bool, bool]] = dict.fromkeys(
            self._signal_actions, (False, True)
        )

    def start(self) -> None:
        super().start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, self._signal_actions)

    def stop(self, graceful: bool = False) -> None:
        self._worker.stopping.set()
        super().stop(graceful)

    def _handle_signal(self, signum: int, frame: object) -> None:
        if self._was_told_to_stop:
            os._exit(1)  # leave the calls; their rows tell the truth at the next start
        self._was_told_to_stop, self._signum = True, signum


def run_worker(calls: int) -> None:
    """Work until a signal says stop."""
    # A signal that comes before the consumer can act on it waits until it can.
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGINT, signal.SIGHUP))
    worker = CallWorker(calls)
    serve(worker.take)
    consumer = QueueConsumer(worker)
    for name, loop in (("pulse", _pulse), ("sweep", _sweeps)):
        threading.Thread(target=loop, args=(worker,), name=name, daemon=True).start()
    consumer.run()
    worker.stop()


def _pulse(worker: CallWorker) -> None:
    """Beat until the process ends: also while it waits for its last calls."""
    while True:
        _keep_going(worker.beat)
        threading.Event().wait(BEAT_SECONDS)


def _sweeps(worker: CallWorker) -> None:
    # The second sweep comes soon: it finds what was asked for just before a worker died with the wake-up in its hand.
    seconds = sweep.WAKE_UP_AFTER_SECONDS + 1
    while not worker.stopping.is_set():
        _keep_going(worker.sweep)
        worker.stopping.wait(seconds)
        seconds = SWEEP_SECONDS


def _keep_going(action: Callable[[], None]) -> None:
    """Pulse and sweep outlive whatever goes wrong: a database that is away, a storage that refuses."""
    close_old_connections()
    try:
        action()
    except Exception:
        logger.exception("%s was interrupted; it is tried again.", action.__name__)
        connections.close_all()
