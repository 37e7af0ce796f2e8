"""manage.py worker: the process that makes the calls."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from playground.runs.worker import run_worker


class Command(BaseCommand):
    help = "Carry out queued generations until a signal says stop; SIGTERM waits for the calls in flight."

    requires_system_checks = ()  # the start has run them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--calls", type=int, default=settings.WORKER_CALLS, help="calls in flight at once"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        run_worker(options["calls"])
