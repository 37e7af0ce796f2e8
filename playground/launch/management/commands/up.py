"""manage.py up: get everything ready, then become the process that keeps it running."""

import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import run_checks
from django.core.management.base import BaseCommand
from django.db import connections

from playground import catalog
from playground.launch import processes, start
from playground.launch.checks import TAG


class Command(BaseCommand):
    help = "Start Darkroom: pages, worker and, while there is no key, the simulator. Ctrl-C stops them."
    requires_system_checks = ()  # they are run below, when there is a data folder to look at

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises ImproperlyConfigured with a sentence; otherwise it never returns."""
        start.check_web_address()
        simulator_port = start.simulator_port(os.environ)
        run = start.folders()
        start.check_database()
        start.check_queue()
        start.check_media()
        start.migrate()
        start.check_who_may_use_it()
        start.collect_static(run)
        self._warn()
        connections.close_all()
        configuration = run / "supervisor.conf"
        configuration.write_text(processes.configuration(planned(simulator_port)))
        become_supervisor(configuration, simulator_port)

    def _warn(self) -> None:
        for message in run_checks(tags=[TAG]):
            self.stderr.write(f"{message.msg} {message.hint or ''} ({message.id})")


def planned(simulator_port: int | None) -> list[processes.Process]:
    """What to run, first to start and last to stop first."""
    models = catalog.default().models
    longest = max(max(model.timing.timeout_seconds, model.timing.heavy_timeout_seconds) for model in models)
    started = [processes.worker(longest), processes.web(settings.WEB_WORKERS)]
    if simulator_port:
        simulated = processes.simulator(simulator_port, settings.SIMULATOR_SPEED, settings.SIMULATOR_SEED)
        started.insert(0, simulated)
    return started


def become_supervisor(configuration: Path, simulator_port: int | None) -> None:
    """Replace this process, and the memory that Django took in it, by the one that only watches."""
    environment = os.environ | {
        # The commands say `python`, which must be this one.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
        "GRANIAN_HOST": settings.HOST,
        "GRANIAN_PORT": str(settings.PORT),
        "DARKROOM_REACHED_AT": start.reached_at(settings.HOST),
        "DARKROOM_BANNER": banner(),
    }
    if simulator_port:
        environment["SIMULATOR_PORT"] = str(simulator_port)
    os.chdir(settings.BASE_DIR)
    command = [sys.executable, "-m", "playground.launch.supervise", str(configuration)]
    sys.stdout.flush()
    os.execve(sys.executable, command, environment)  # noqa: S606  # our own interpreter and module


def banner() -> str:
    """Where to go, and whether it costs money."""
    host = start.reached_at(settings.HOST)
    shown = f"[{host}]" if ":" in host else host
    lines = [f"Darkroom is at http://{shown}:{settings.PORT}"]
    if settings.SIMULATED:
        lines.append(
            f"  Practice mode: the pictures are simulated, {settings.SIMULATOR_SPEED:g} times faster than real ones, "
            "and nothing is billed."
        )
        lines.append("  APIYI_API_KEY=... make run asks the real models.")
    lines.append("  Ctrl-C stops it.")
    return "\n" + "\n".join(lines) + "\n"
