from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from playground.catalog import quote


class Command(BaseCommand):
    help = "What one call will cost, or did cost: prints the figure, or exits 2 with the rule that is broken."
    # A price needs neither database nor provider: it is answered even where those are set up wrongly.
    requires_system_checks = ()

    def run_from_argv(self, argv: list[str]) -> None:
        super().run_from_argv([*argv[:2], *quote.joined(argv[2:])])

    def add_arguments(self, parser: CommandParser) -> None:
        quote.add_arguments(parser)

    def handle(self, *args: str, **options: Any) -> None:
        if code := quote.run(options, self.stdout, self.stderr):
            sys.exit(code)
