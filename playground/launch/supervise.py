"""Keeps the processes of `manage.py up` running: supervisord, with our words.

`python -m playground.launch.supervise CONFIGURATION`. Imports no Django, so that what only watches stays small.
supervisord restarts what crashes, stops in order and waits as long as each process may take. Ours are the printed
lines, the second signal, which ends everything at once, and giving up on a process that does not start.
"""

import ctypes
import http.client
import os
import signal
import sys
import threading
import time

from supervisor import events, poller, supervisord
from supervisor.medusa import asyncore_25 as asyncore
from supervisor.options import ServerOptions
from supervisor.process import Subprocess
from supervisor.states import ProcessStates, SupervisorStates

TICK_SECONDS = 0.2
# One wish to stop may arrive twice: from the terminal or the process group, and again from make.
SAME_WISH_SECONDS = 1.0
LAST_WORDS_SECONDS = 3
PATIENCE_SECONDS = 20
STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP}


def say(line: str) -> None:
    """Print a line at once; a terminal that went away is no reason to stop."""
    try:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except OSError:
        pass


class QuickPoller(poller.Poller):  # type: ignore[misc]
    """Looks at signals and ended processes several times a second; supervisord itself does once a second."""

    def poll(self, timeout: float) -> tuple[list[int], list[int]]:
        ready: tuple[list[int], list[int]] = super().poll(min(timeout, TICK_SECONDS))
        return ready


PR_SET_PDEATHSIG = 1
# Looked up before anything is forked; other systems do without.
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Options(ServerOptions):  # type: ignore[misc]
    def setpgrp(self) -> None:
        """In each new process: end gracefully too when what watches is killed, so that no port stays taken."""
        super().setpgrp()
        if LIBC is not None:
            LIBC.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)

    def setsignals(self) -> None:
        """Let `nohup` keep its meaning."""
        outlives_terminal = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        super().setsignals()
        if outlives_terminal:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)


class Supervisor(supervisord.Supervisor):  # type: ignore[misc]
    """supervisord that prints what its processes say and ends at once when it is told to stop twice."""

    gave_up = False
    _told_at: float | None = None
    _is_hurried = False

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._unfinished: dict[str, bytes] = {}

    def runforever(self) -> None:
        events.subscribe(events.ProcessLogStdoutEvent, self._print)
        events.subscribe(events.ProcessStateExitedEvent, self._report_crash)
        events.subscribe(events.ProcessStateBackoffEvent, self._report_crash)
        events.subscribe(events.ProcessStateFatalEvent, self._give_up)
        super().runforever()

    def _print(self, event: events.ProcessLogStdoutEvent) -> None:
        """Print whole lines only: what comes may end in the middle of one."""
        name = event.process.config.name
        *lines, self._unfinished[name] = (self._unfinished.get(name, b"") + event.data).split(b"\n")
        for line in lines:
            say(f"{name:<9} | {line.decode(errors='replace')}")

    def _report_crash(self, event: events.ProcessStateEvent) -> None:
        if self.options.mood == SupervisorStates.RUNNING:
            say(f"The {event.process.config.name} process ended unexpectedly; starting it again.")

    def _give_up(self, event: events.ProcessStateEvent) -> None:
        name, tries = event.process.config.name, event.process.config.startretries + 1
        say(
            f"The {name} process did not start in {tries} tries (why is in its lines above); stopping everything."
        )
        self.gave_up = True
        self.options.mood = SupervisorStates.SHUTDOWN

    def handle_signal(self) -> None:
        if self.options.get_signal() not in STOP_SIGNALS:
            return
        if self._told_at is None:
            self._told_at = time.monotonic()
            self.options.mood = SupervisorStates.SHUTDOWN
            say(
                "Stopping: the pages at once, the worker when its calls are answered. Ctrl-C again stops at once."
            )
        elif time.monotonic() - self._told_at > SAME_WISH_SECONDS and not self._is_hurried:
            self._is_hurried = True
            say("Stopping at once: a call in flight may be billed without its picture.")

    def tick(self, now: float | None = None) -> None:
        super().tick(now)
        if self._is_hurried:
            for process in self._processes():
                self._hurry(process)

    def _processes(self) -> list[Subprocess]:
        return [process for group in self.process_groups.values() for process in group.processes.values()]

    def _hurry(self, process: Subprocess) -> None:
        """Send SIGTERM once more, and let supervisord kill what is left in a moment."""
        latest = time.time() + LAST_WORDS_SECONDS
        if process.get_state() == ProcessStates.STOPPING and process.delay > latest:
            process.delay = latest
            os.kill(process.pid, signal.SIGTERM)


def announce(host: str, port: int, banner: str) -> None:
    """Print the banner once everything runs; after a while, once the pages at least answer."""
    started = time.monotonic()
    while True:
        status = _health(host, port)
        if status == 200 or (status and time.monotonic() - started > PATIENCE_SECONDS):
            return say(banner)
        time.sleep(TICK_SECONDS)


def _health(host: str, port: int) -> int | None:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def main(configuration: str) -> int:
    """Run until a signal; 1 when a process could not be kept running."""
    options = Options()
    options.poller = QuickPoller(options)
    options.realize(["-n", "-c", configuration])
    options.first = options.test = False
    if banner := os.environ.get("DARKROOM_BANNER"):
        address = os.environ["DARKROOM_REACHED_AT"], int(os.environ["GRANIAN_PORT"])
        threading.Thread(target=announce, args=(*address, banner), daemon=True).start()
    supervisor = Supervisor(options)
    try:
        supervisor.main()
    except asyncore.ExitNow:
        say("Darkroom has stopped.")
    return int(supervisor.gave_up)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
