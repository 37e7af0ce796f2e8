"""The shape of a conversation, without its words and pictures: small enough to be read whole with every page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from playground.chat.models import Conversation


@dataclass(frozen=True)
class Node:
    """One turn's place: rows by their ids. `parent` None: it begins at the conversation's beginning."""

    pk: int
    number: int
    parent: int | None
    continues: int | None
    run: int
    removed_at: datetime | None = None


@dataclass(frozen=True)
class Tree:
    """The turns that nobody deleted, by id, and the tops of the branches that somebody did."""

    nodes: dict[int, Node]
    removed: list[Node] = field(default_factory=list)
    _children: dict[int | None, list[Node]] = field(default_factory=dict)

    @classmethod
    def of(cls, conversation: Conversation) -> "Tree":
        """One query, of a few numbers for each turn."""
        rows = conversation.turns.order_by("number").values_list(
            "pk", "number", "parent_id", "continues_id", "run_id", "removed_at"
        )
        return cls.grown(Node(*row) for row in rows)

    @classmethod
    def grown(cls, nodes: Iterable[Node]) -> "Tree":
        """From turns in the order of their numbers."""
        tree = cls({})
        for node in nodes:
            if node.removed_at is None:
                tree.nodes[node.pk] = node
                tree._children.setdefault(node.parent, []).append(node)
            else:
                tree.removed.append(node)
        return tree

    def __len__(self) -> int:
        return len(self.nodes)

    def __contains__(self, pk: int) -> bool:
        return pk in self.nodes

    def path(self, pk: int | None) -> list[Node]:
        """From the beginning to this turn."""
        found: list[Node] = []
        while pk is not None:
            found.append(self.nodes[pk])
            pk = found[-1].parent
        return found[::-1]

    def children(self, pk: int | None) -> list[Node]:
        """What goes on from this turn, or for None from the beginning, in the order in which it was said."""
        return self._children.get(pk, [])

    def siblings(self, node: Node) -> list[Node]:
        """The turn itself among those beside it."""
        return self.children(node.parent)

    def branch(self, pk: int) -> Iterator[Node]:
        """This turn and all that goes on from it."""
        waiting = [self.nodes[pk]]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += self.children(node.pk)

    def deleted_from(self, pk: int | None) -> list[Node]:
        """The deleted branches that began here; not what went with them."""
        gone = {node.pk for node in self.removed}
        return [node for node in self.removed if node.parent == pk and node.parent not in gone]

    @property
    def branches(self) -> int:
        """How many turns have nothing after them."""
        return sum(not self.children(pk) for pk in self.nodes)
