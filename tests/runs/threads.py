"""Many threads that begin at the same moment, each with its own connection to the database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from django.db import connections


def at_once(acts: Iterable[Callable[[], object]]) -> list[object]:
    """What the acts return, in their order; an exception in one is raised here."""
    wanted = list(acts)
    start = threading.Barrier(len(wanted))

    def run(act: Callable[[], object]) -> object:
        try:
            start.wait(timeout=30)
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(wanted)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, act) for act in wanted]]
