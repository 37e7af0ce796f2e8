"""What an address asks to compare, and how to look at it: read from a query, and written back into one.

/compare/?o=17,12,9            these pictures, in this order; o may be repeated
/compare/?run=214              the pictures of a run
&m=slider&a=17&b=9&s=grey      the view, its pair, and what surrounds the pictures
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from playground.gallery.filters import number

MODES = ("grid", "slider", "flip", "difference", "loupe")
SURROUNDS = ("grey", "white")
MOST_READ = 100  # ids: more are nonsense, and are not looked up


@dataclass(frozen=True)
class Asked:
    """A question to the room. Nothing in it was looked up yet."""

    ids: tuple[int, ...] = ()
    run: int = 0  # its number
    mode: str = MODES[0]
    pair: tuple[int, int] = (0, 0)  # ids; 0 where none was chosen
    surround: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "Asked":
        """From an address or a form; nonsense in it is left out."""
        mode, surround = query.get("m", ""), query.get("s", "")
        return cls(
            ids=ids_in(query.getlist("o")),
            run=number(query.get("run", "")),
            mode=mode if mode in MODES else MODES[0],
            pair=(number(query.get("a", "")), number(query.get("b", ""))),
            surround=surround if surround in SURROUNDS else "",
        )

    @property
    def address(self) -> str:
        """What follows the path."""
        first, second = self.pair
        parts = {"m": self.mode if self.mode != MODES[0] else "", "a": first, "b": second, "s": self.surround}
        kept = {name: value for name, value in parts.items() if value}
        return address_of(self.ids) + (f"&{urlencode(kept)}" if kept else "")


def ids_in(values: Sequence[str]) -> tuple[int, ...]:
    """Ids between commas, each once, in their order."""
    found = (number(each) for value in values[:MOST_READ] for each in value.split(",")[:MOST_READ])
    return tuple(dict.fromkeys(pk for pk in found if pk))[:MOST_READ]


def address_of(ids: Sequence[int]) -> str:
    """What follows the path of a comparison: ?o=17,12,9"""
    return "?o=" + ",".join(map(str, ids))
