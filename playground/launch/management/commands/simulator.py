"""manage.py simulator: a provider to practise on. The options and all they mean are in playground/simulator."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from playground import simulator


class Command(BaseCommand):
    help = "Run the simulator: the image API with latencies, faults and a call log, at no cost."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        simulator.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:

        try:
            simulator.run(simulator.options_from(Namespace(**options)))
        except simulator.OptionError as error:
            raise CommandError(str(error), returncode=2) from error
        except simulator.AddressError as error:
            raise CommandError(str(error), returncode=1) from error
