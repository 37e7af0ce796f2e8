"""The command line, shared by `manage.py simulator` and `python -m playground.simulator`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from playground.simulator import directives, keys, quirks
from playground.simulator.options import OptionError, Options
from playground.simulator.running import AddressError, run

ABOUT = (
    "A provider to practise on: the image API of the gpt-image family, with latencies, faults and a call log. "
    "It charges nothing and draws nothing of worth."
)
EPILOG = f"""\
Directives in a prompt, such as [[sim: 503 x2]] or [[sim: slow 3s, jpeg]] (also for --fault and POST /_sim/faults):
{directives.table()}
  xN: the first N sends of that prompt to that model only; retry-after S: with 429; rate P%: at random.

Quirks (behaviours newer than the founding documents):
{quirks.table()}

Practice keys, which are always there:
{keys.table()}

The call log is GET /_sim/calls; DELETE /_sim/calls or POST /_sim/reset empties it.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description, parser.epilog = ABOUT, EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    add("--port", type=int, default=8001, help="port; 0 takes a free one and says which (8001)")
    add("--speed", type=float, default=1.0, help="divides every waiting time (1: as slow as the real models)")
    add("--seed", type=int, help="makes pictures and latencies repeatable")
    add(
        "--key",
        action="append",
        default=[],
        metavar="KEY[:TYPE[:DOLLARS]]",
        help="a good key: sk-a, sk-b:per-call, sk-c:token-priority:5.00; repeatable; without one any key is good",
    )
    add("--per-call-key", help="a good key that token-priced models refuse; as --key KEY:per-call")
    add(
        "--quirk", action="append", default=[], metavar="NAME", help="switch on a newer behaviour; repeatable"
    )
    add(
        "--fault",
        action="append",
        default=[],
        metavar="'503 x2'",
        help="arm a directive for every call; repeatable",
    )
    add("--link-hours", type=float, default=24.0, help="life of picture links (24)")
    add("--max-body-megabytes", type=float, default=80.0, help="larger requests get 413 (80)")
    add("--grace-seconds", type=float, default=10.0, help="how long calls may finish after SIGTERM (10)")
    add("--drawing-threads", type=int, default=2, help="pictures drawn at the same time (2)")


def options_from(given: argparse.Namespace) -> Options:
    """Raises OptionError with one sentence when a value makes no sense."""
    return Options(
        host=given.host,
        port=given.port,
        speed=given.speed,
        seed=given.seed,
        keys=tuple(given.key),
        per_call_key=given.per_call_key,
        quirks=frozenset(given.quirk),
        faults=tuple(given.fault),
        link_hours=given.link_hours,
        max_body_megabytes=given.max_body_megabytes,
        grace_seconds=given.grace_seconds,
        drawing_threads=given.drawing_threads,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until stopped; 2 for wrong options, 1 when the port is taken."""
    parser = argparse.ArgumentParser(prog="simulator")
    add_arguments(parser)
    try:
        run(options_from(parser.parse_args(arguments)))
    except OptionError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except AddressError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
