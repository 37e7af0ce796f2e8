"""Turns at the database: hundreds of calls in flight, a few connections.

A call waits minutes for its answer and needs the database for milliseconds, twice or three times. Without turns,
five hundred threads would hold five hundred connections, and on SQLite, where one writes at a time and the others
look again every tenth of a second, some of them would wait until they were told that the database is locked.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connections

# SQLite: one commits while the next one reads. Otherwise as many as the pool of connections holds.
AT_ONCE = 2 if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3") else 8
_turns = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def turn() -> Iterator[None]:
    """Wait for a turn, and hold no connection after it. Turns do not nest; nothing slow belongs in one."""
    with _turns:
        try:
            yield
        finally:
            for connection in connections.all(initialized_only=True):
                if not connection.in_atomic_block:  # somebody else's transaction is not ours to end
                    connection.close()
