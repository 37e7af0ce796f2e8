"""`python -m bench [--quick] [NAME ...]`: run the benches (all of them without a name) and print their tables."""

import argparse
import os
import platform
import sys
import time
from importlib import import_module

# In the order in which they are run: each is a module with `main(quick)`.
BENCHES = (
    "page",
    "start",
    "ready",
    "chat",
    "polling",
    "flight",
    "matrix",
    "cuts",
    "gallery",
    "export",
    "sheet",
    "costs",
    "votes",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(BENCHES)} (all of them)")
    parser.add_argument("--quick", action="store_true", help="a smoke run: small numbers, no conclusions")
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHES):
        parser.error(f"no such bench: {', '.join(sorted(unknown))} (there are {', '.join(BENCHES)})")
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load average {load}.")
    print(
        "Other work on the machine shows in these figures: compare a row with its baseline, measured beside it."
    )
    began = time.monotonic()
    for name in options.names or BENCHES:
        import_module(f"bench.{name}").main(quick=options.quick)
    print(f"\n{time.monotonic() - began:.0f} s in all.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
