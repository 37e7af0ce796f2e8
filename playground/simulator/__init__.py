"""A provider to practise on: a real HTTP server that honours the published contract, with latency and faults.

It shares nothing with the gateway but the catalog's facts, so that the two check each other. Where sources differ it
does what the vendor's founding documents say; quirks.py holds what came later, directives.py what can go wrong on
demand, calls.py what was received and billed.
"""

from __future__ import annotations

from playground.simulator.command import add_arguments, main, options_from
from playground.simulator.options import OptionError, Options
from playground.simulator.quirks import NAMES as QUIRK_NAMES
from playground.simulator.running import AddressError, run, start

__all__ = [
    "QUIRK_NAMES",
    "AddressError",
    "OptionError",
    "Options",
    "add_arguments",
    "main",
    "options_from",
    "run",
    "start",
]
