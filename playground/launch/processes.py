"""What `manage.py up` keeps running, as a configuration for supervisord.

Started together, in this order; stopped one after the other, in the opposite one: the pages at once, then the worker,
which waits for its calls in flight, and last the simulator, because those calls may be to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# A process that ends sooner than this after its start did not start.
START_SECONDS = 3
START_RETRIES = 3
# Hundreds of threads would each leave holes in an arena of their own: 297 MB with 500 calls in flight, not 241.
TIDY_MEMORY = {"MALLOC_ARENA_MAX": "2", "MALLOC_TRIM_THRESHOLD_": "131072"}


@dataclass(frozen=True)
class Process:
    """One program: its command line, and how long it may take to end after SIGTERM before it is killed."""

    name: str
    command: tuple[str, ...]
    stop_seconds: int
    environment: Mapping[str, str] = field(default_factory=dict)


def simulator(port: int, speed: float, seed: int | None) -> Process:
    """Pictures are repeatable only when the owner asked for it with a seed."""
    options = f"--port {port} --speed {speed:g} --grace-seconds 2" + (
        "" if seed is None else f" --seed {seed}"
    )
    return Process("simulator", ("python", "manage.py", "simulator", *options.split()), stop_seconds=5)


def worker(longest_call_seconds: float) -> Process:
    """`longest_call_seconds`: no call lasts longer; the rest is for keeping its picture."""
    command = ("python", "manage.py", "worker")
    return Process("worker", command, int(longest_call_seconds) + 30, TIDY_MEMORY)


def web(workers: int) -> Process:
    """granian; it reads its address from GRANIAN_HOST and GRANIAN_PORT."""
    options = (
        "--interface wsgi --http 1 --no-ws --log-level error "
        f"--workers {workers} --blocking-threads 8 "
        # Open pages keep their connections, and the backpressure counts connections, not requests.
        "--backlog 4096 --backpressure 4096 "
        "--respawn-failed-workers --respawn-interval 0.5 --workers-kill-timeout 5"
    )
    return Process(
        "web", ("python", "-m", "granian", "playground.wsgi:application", *options.split()), stop_seconds=8
    )


def configuration(processes: Sequence[Process]) -> str:
    """supervisord's configuration, first to start and last to stop first. No value needs quoting: no path is in it."""
    head = (
        "[supervisord]\nnodaemon=true\nsilent=true\nlogfile=%(here)s/supervisor.log\nlogfile_maxbytes=1MB\n"
    )
    head += "logfile_backups=1\npidfile=%(here)s/supervisor.pid\n"
    return head + "".join(_section(process, order) for order, process in enumerate(processes))


def _section(process: Process, order: int) -> str:
    lines = {
        "command": " ".join(process.command),
        "priority": order,
        "autorestart": "true",
        "startsecs": START_SECONDS,
        "startretries": START_RETRIES,
        "stopsignal": "TERM",
        "stopwaitsecs": process.stop_seconds,
        "environment": ",".join(f'{name}="{value}"' for name, value in process.environment.items()),
        "killasgroup": "true",
        # Its output becomes events in our own process, which prints it.
        "redirect_stderr": "true",
        "stdout_logfile": "NONE",
        "stdout_events_enabled": "true",
    }
    return f"\n[program:{process.name}]\n" + "".join(f"{key}={value}\n" for key, value in lines.items())
