"""A conversation as a drawing: a dot for each turn, columns by how deep it lies, branches below each other."""

from collections.abc import Iterator
from dataclasses import dataclass

from playground.chat.tree import Node, Tree

COLUMN, ROW = 28, 26  # so that each dot is 24 pixels to a finger, and none overlaps another
ABOVE, BELOW, BESIDE, MOST = 5, 4, 4, 40


@dataclass(frozen=True)
class Dot:
    """A turn on the map; `number` 0 is the beginning. Pixels of its middle."""

    number: int
    x: int
    y: int
    is_current: bool
    is_on_path: bool

    @property
    def left(self) -> int:
        return self.x - 12

    @property
    def top(self) -> int:
        return self.y - 12


@dataclass(frozen=True)
class Line:
    """From a turn to one that goes on from it, as an SVG path."""

    d: str
    is_on_path: bool


@dataclass(frozen=True)
class Drawing:
    """What is drawn, and how large that is. `hidden`: how many turns lie beyond its edges."""

    dots: list[Dot]
    lines: list[Line]
    width: int
    height: int
    hidden: int


@dataclass(frozen=True)
class _Window:
    """How much is drawn: so many levels below the first one, and so many beside each other."""

    top: int | None
    levels: int
    beside: int
    most: int


def draw_around(tree: Tree, current: int | None) -> Drawing:
    """The neighbourhood of a turn (None: of the beginning), however large the conversation is."""
    path: list[int | None] = [None, *(node.pk for node in tree.path(current))]
    above = path[-ABOVE - 1 :]
    return _draw(tree, current, _Window(above[0], len(above) + BELOW, BESIDE, MOST))


def draw_whole(tree: Tree, current: int | None) -> Drawing:
    """All of it."""
    everything = len(tree) + 1
    return _draw(tree, current, _Window(None, everything, everything, everything))


def _draw(tree: Tree, current: int | None, window: _Window) -> Drawing:
    on_path: set[int | None] = {None, *(node.pk for node in tree.path(current))}
    shown = _chosen(tree, window, on_path)
    places = _places(tree, window.top, shown)
    dots, lines = [], []
    for pk, (x, y) in places.items():
        node = tree.nodes[pk] if pk is not None else None
        dots.append(Dot(node.number if node else 0, x, y, pk == current, pk in on_path))
        if node is not None and node.parent in places and pk != window.top:
            lines.append(Line(_curve(places[node.parent], (x, y)), pk in on_path))
    width = max(x for x, _y in places.values()) + COLUMN // 2
    height = max(y for _x, y in places.values()) + ROW // 2
    drawn = sum(pk is not None for pk in places)
    return Drawing(dots, lines, width, height, len(tree) - drawn)


def _chosen(tree: Tree, window: _Window, on_path: set[int | None]) -> set[int | None]:
    """Level by level, those nearest to the path first, until there are enough."""
    chosen: set[int | None] = {window.top}
    level: list[int | None] = [window.top]
    for _depth in range(1, window.levels):
        below = [node.pk for pk in level for node in _beside(tree.children(pk), window.beside, on_path)]
        below.sort(key=lambda pk: pk not in on_path)
        level = list(below[: window.most - len(chosen)])
        if not level:
            break
        chosen.update(level)
    return chosen


def _beside(children: list[Node], most: int, on_path: set[int | None]) -> list[Node]:
    """At most so many of them, with the one on the path among them."""
    at = next((place for place, node in enumerate(children) if node.pk in on_path), 0)
    first = max(0, min(at - most // 2, len(children) - most))
    return children[first : first + most]


def _places(tree: Tree, top: int | None, shown: set[int | None]) -> dict[int | None, tuple[int, int]]:
    """Columns by depth; a turn stands level with the first that goes on from it, each branch on rows of its own."""
    places: dict[int | None, tuple[int, int]] = {}
    row = 0
    for pk, depth, is_first in _walk(tree, top, shown):
        row += not is_first
        places[pk] = (COLUMN // 2 + COLUMN * depth, ROW // 2 + ROW * row)
    return places


def _walk(tree: Tree, top: int | None, shown: set[int | None]) -> Iterator[tuple[int | None, int, bool]]:
    """Depth first, without recursion: a conversation may be a thousand turns deep."""
    waiting: list[tuple[int | None, int, bool]] = [(top, 0, True)]
    while waiting:
        pk, depth, is_first = waiting.pop()
        yield pk, depth, is_first
        below = [node.pk for node in tree.children(pk) if node.pk in shown]
        waiting += [(child, depth + 1, child == below[0]) for child in reversed(below)]


def _curve(start: tuple[int, int], end: tuple[int, int]) -> str:
    (x0, y0), (x1, y1) = start, end
    if y0 == y1:
        return f"M{x0} {y0}H{x1}"
    return f"M{x0} {y0}C{x0 + COLUMN // 2} {y0} {x0} {y1} {x0 + COLUMN // 2} {y1}H{x1}"
