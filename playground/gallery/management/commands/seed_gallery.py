"""`manage.py seed_gallery --count 1000000`: fill the gallery with invented pictures, to try and to measure it."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from playground.accounts.models import Workspace
from playground.gallery.seeding import seed


class Command(BaseCommand):
    help = (
        "Fill the gallery of the installation's workspace with invented pictures, all of them marked as simulated. "
        "They can't be told from others afterwards but by their words: use a data folder of their own."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--count", type=int, default=1000, help="how many pictures (1000)")
        parser.add_argument("--chance", type=int, default=1, help="another number invents other pictures (1)")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        seed(Workspace.objects.local(), options["count"], chance=options["chance"], said=self._said)
        if connection.vendor == "postgresql":  # it does so by itself, later; SQLite never does
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        self.stdout.write(f"{options['count']} pictures in {time.monotonic() - began:.0f} s.")

    def _said(self, done: int) -> None:
        if done % 50_000 < 2_000:
            self.stdout.write(f"{done} ...")
