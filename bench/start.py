"""How long from the command to a page, the first time and the second; how long until all of it has ended.

Beside it what a bare Django project takes: `manage.py check` starts the interpreter, Django and nothing else.
"""

import os
import signal
import subprocess
import sys
import time
from statistics import median

import httpx

from bench.darkroom import ROOT, Darkroom, darkroom, wait_until
from bench.tables import note, show, verdict

AIM_SECONDS = 5


def main(quick: bool = False) -> None:
    starts = 1 if quick else 3
    with darkroom(prepared=False) as room:
        first, first_end = _start(room)
        seconds = [_start(room) for _ in range(starts)]
        began = time.monotonic()
        subprocess.run(
            [sys.executable, "manage.py", "check"],
            cwd=ROOT,
            env=room.environment,
            check=True,
            capture_output=True,
        )
        bare = time.monotonic() - began
    again, end = (median(one[which] for one in seconds) for which in (0, 1))
    head = ("", "to the first page", "to the end", f"< {AIM_SECONDS} s")
    rows = [
        ["first start (migrates, builds static files)", f"{first:.1f} s", f"{first_end:.1f} s", ""],
        [
            f"second start (median of {starts})",
            f"{again:.1f} s",
            f"{end:.1f} s",
            verdict(again < AIM_SECONDS),
        ],
        ["manage.py check", f"{bare:.1f} s", "", ""],
    ]
    show("Starting, with pages, worker and simulator all answering", head, rows)
    note("Installed already. The end: from SIGTERM until the last process is gone.")


def _start(room: Darkroom) -> tuple[float, float]:
    """Seconds until the health page is well (so a worker beats), and seconds to stop."""
    began = time.monotonic()
    process = room.start("manage.py", "up")
    wait_until(lambda: _is_well(room), within_seconds=60, what="the start")
    started = time.monotonic()
    os.kill(process.pid, signal.SIGTERM)
    process.wait(60)
    ended = time.monotonic()
    room.end(process)
    return started - began, ended - started


def _is_well(room: Darkroom) -> bool:
    try:
        return httpx.get(f"{room.address}/healthz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


if __name__ == "__main__":
    main()
