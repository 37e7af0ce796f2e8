"""Writes docs/faults.md: every way a call can fail, what the person sees, whether it was billed, whether it is tried
again by itself, and whether another model may be asked by itself.

`python -m tools.faults`. The table comes from the rules that decide: the gateway's kinds of error, and the words that
a frame shows for them. A test checks that the file is what this writes.
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
django.setup()

from django.utils.translation import override  # noqa: E402

from playground.gateway.errors import ELSEWHERE, RULES, Billed, ErrorKind, Retry  # noqa: E402
from playground.gateway.retries import MORE_TRIES, WAITS_SECONDS  # noqa: E402
from playground.runs import wording  # noqa: E402

TARGET = Path(__file__).resolve().parents[1] / "docs" / "faults.md"
BILLED = {Billed.NO: "no", Billed.YES: "yes", Billed.UNKNOWN: "may have been"}
WAITS = ", ".join(f"{seconds:g}" for seconds in WAITS_SECONDS)
RETRIES = {
    Retry.NEVER: "no",
    Retry.NEXT_BASE_URL: f"at the next address; then after {WAITS} s",
    Retry.WAIT: f"at most {MORE_TRIES[Retry.WAIT]} times: when the provider says, or after {WAITS} s",
    Retry.BACKOFF: f"at most {MORE_TRIES[Retry.BACKOFF]} times, after {WAITS} s",
}
HEAD = """# What can go wrong

Every way a call can fail, what a frame says about it, whether it was billed, and whether Darkroom tries again
by itself. A call that may have been billed is never repeated by the machine: its frame has a button that shows the
price.
Waits grow by up to a quarter by chance, so that many workers do not come back in step, and end after 15 minutes in all.
An answer in words instead of a picture is no fault but a result of its own: it is shown, was billed, and one press asks
for the picture. A disputed setting that the provider refuses is left out, and the call, which was free, sent once more.
Where the channel is to blame and nothing was billed, the chain of models that can be written down in Settings goes on.

Written by `python -m tools.faults` from the rules in `playground/gateway/errors.py` and the words in
`playground/runs/wording.py`.

| kind | what the frame says | billed | tried again | the chain goes on |
|---|---|---|---|---|
"""


def main() -> int:
    TARGET.write_text(document(), encoding="utf-8")
    print(f"Wrote {TARGET.relative_to(Path.cwd()) if TARGET.is_relative_to(Path.cwd()) else TARGET}")
    return 0


def document() -> str:
    """The whole file."""
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows())


def rows() -> Iterator[tuple[str, ...]]:
    """The gateway's kinds in its own order, then what only this installation can meet."""
    for kind in ErrorKind:
        rule = RULES[kind]
        goes_on = "yes" if kind in ELSEWHERE else "no"
        yield f"`{kind.value}`", said(kind.value), BILLED[rule.billed], RETRIES[rule.retry], goes_on
    for code in sorted(set(wording.WORDINGS) - {kind.value for kind in ErrorKind}):
        is_lost = code == "worker_lost"
        yield f"`{code}`", said(code), "may have been" if is_lost else "no", "no", "no"


def said(code: str) -> str:
    """Heading and sentence in English, with an ellipsis for what only the call itself knows."""
    words = wording.WORDINGS[code]
    with override("en"):
        return f"**{words.heading}.** " + re.sub(r"%\(\w+\)s", "…", str(words.sentence)).replace("%%", "%")


if __name__ == "__main__":
    sys.exit(main())
