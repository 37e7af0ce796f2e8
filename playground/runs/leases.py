"""Who is alive: a worker's heartbeat is the lease of everything that it runs."""

import os
import socket
from datetime import timedelta

from django.utils import timezone

from playground.runs.models import Worker

BEAT_SECONDS = 5
LEASE_SECONDS = 30


def this_host() -> str:
    """This machine, and on Linux the process namespace in it, so that a process number can be trusted."""
    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        namespace = ""
    return f"{socket.gethostname()} {namespace}".strip()[:200]


def is_gone(worker: Worker) -> bool:
    """Whether a worker has ended: it said so, its lease ran out, or its process is not there any more."""
    if worker.stopped_at is not None or worker.beat_at < timezone.now() - timedelta(seconds=LEASE_SECONDS):
        return True
    return worker.host == this_host() and not _process_exists(worker.pid)


def _process_exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_anybody_working() -> bool:
    """Whether any worker's lease holds, so that what is queued will be taken."""
    return Worker.objects.filter(
        stopped_at=None, beat_at__gte=timezone.now() - timedelta(seconds=LEASE_SECONDS)
    ).exists()
