"""The tables of docs/simulator.md, made from the code. Each stands between `<!-- NAME -->` and `<!-- end -->`.

`python -m playground.simulator.manual docs/simulator.md` renews them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from playground.simulator import directives, keys, quirks
from playground.simulator.changes import CHANGES

_BILLED = {True: "yes", False: "no", None: "as without it"}


def tables() -> dict[str, str]:
    """Every table as Markdown, by name."""
    return {
        "directives": _table(
            ("Directive", "What happens", "Billed"),
            (
                (f"`{directives.usage(kind)}`", kind.effect, _BILLED[kind.billed])
                for kind in directives.DIRECTIVES
            ),
        ),
        "quirks": _table(
            ("Quirk", "What it does", "Since", "Says"),
            ((f"`{quirk.name}`", quirk.effect, str(quirk.since), quirk.source) for quirk in quirks.QUIRKS),
        ),
        "keys": _table(
            ("Key", "What it is for"), ((f"`{name}`", effect) for name, effect in keys.practice_rows())
        ),
        "changes": ", ".join(CHANGES) + ".",
    }


def renewed(text: str) -> str:
    """The document with every table as it is now."""
    now = tables()
    return re.sub(
        r"<!-- ([a-z]+) -->\n.*?<!-- end -->",
        lambda found: f"<!-- {found[1]} -->\n\n{now[found[1]]}\n\n<!-- end -->",
        text,
        flags=re.DOTALL,
    )


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        Path(name).write_text(renewed(Path(name).read_text("utf-8")), "utf-8")
