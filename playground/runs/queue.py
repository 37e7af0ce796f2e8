"""The queue: Huey on a file of our own, or on Redis. It only wakes a worker; the rows are the jobs.

It delivers at most once and retries nothing. Losing a wake-up is harmless (the sweep finds the row), and so is a
second one (the claim is a conditional update).
"""

import logging
import sqlite3
from collections.abc import Callable

import redis
from django.conf import settings
from huey import Huey, RedisHuey, SqliteHuey

logger = logging.getLogger(__name__)


def open_queue() -> Huey:
    """The queue that the settings name."""
    if settings.REDIS_URL:
        return RedisHuey("playground", url=settings.REDIS_URL, results=False, read_timeout=1)
    settings.QUEUE_FILE.parent.mkdir(parents=True, exist_ok=True)
    return SqliteHuey("playground", filename=str(settings.QUEUE_FILE), results=False, fsync=False, timeout=20)


huey: Huey = open_queue()


_takers: list[Callable[[int], None]] = []


def serve(take: Callable[[int], None]) -> None:
    """Let this process answer wake-ups: `take` gets the id of a generation that is queued, or was."""
    _takers[:] = [take]


@huey.task(retries=0)  # type: ignore[untyped-decorator]  # huey has no types
def wake(generation_id: int) -> None:
    """Start the life of a queued generation in this process."""
    for take in _takers:
        take(generation_id)


def wake_worker(generation_ids: list[int]) -> None:
    """Tell a worker that there is work. A queue that can't be reached delays it until the next sweep, no more."""
    try:
        for generation_id in generation_ids:
            wake(generation_id)
    except (redis.RedisError, sqlite3.Error, OSError):
        logger.warning(
            "The queue could not be reached; the next sweep wakes %s.", generation_ids, exc_info=True
        )
