"""The map: every turn has a place of its own, and a large tree is a small picture."""

from hypothesis import given, settings
from hypothesis import strategies as st

from playground.chat.mapping import MOST, draw_around, draw_whole
from playground.chat.tree import Node, Tree


@st.composite
def trees(draw) -> Tree:
    """Any tree of up to sixty turns."""
    nodes: list[Node] = []
    for number in range(1, draw(st.integers(1, 60)) + 1):
        parent = draw(st.one_of(st.none(), st.integers(1, number - 1))) if number > 1 else None
        nodes.append(Node(number, number, parent, parent, number))
    return Tree.grown(nodes)


@settings(max_examples=40)
@given(trees(), st.data())
def test_no_two_dots_are_in_one_place(tree, data):
    here = data.draw(st.sampled_from([None, *tree.nodes]))
    for drawing in (draw_whole(tree, here), draw_around(tree, here)):
        places = [(dot.x, dot.y) for dot in drawing.dots]
        assert len(set(places)) == len(places)
        assert all(0 < x < drawing.width and 0 < y < drawing.height for x, y in places)
        assert len(drawing.lines) == len(drawing.dots) - 1
        assert [dot.number for dot in drawing.dots if dot.is_current] == [here or 0]
        assert drawing.hidden + sum(dot.number > 0 for dot in drawing.dots) == len(tree)


def test_the_neighbourhood_is_bounded_and_the_whole_is_not():
    deep = Tree.grown(Node(n, n, n - 1 or None, n - 1 or None, n) for n in range(1, 2001))
    wide = Tree.grown(Node(n, n, 1 if n > 1 else None, 1 if n > 1 else None, n) for n in range(1, 501))
    for tree, here in ((deep, 1000), (wide, 250), (wide, 1)):
        assert len(draw_around(tree, here).dots) <= MOST
    assert len(draw_whole(deep, 1000).dots) == 2001


def test_the_path_is_marked_and_so_are_its_lines():
    tree = Tree.grown([Node(1, 1, None, None, 1), Node(2, 2, 1, 1, 2), Node(3, 3, 1, 1, 3)])
    drawing = draw_around(tree, 3)
    assert {dot.number for dot in drawing.dots if dot.is_on_path} == {0, 1, 3}
    assert sum(line.is_on_path for line in drawing.lines) == 2
