"""What was said on the way to an answer, as the next turn tells it."""

from collections.abc import Iterator, Mapping

from playground.chat.models import Turn
from playground.chat.places import Base, output_of
from playground.chat.tree import Tree
from playground.runs.history import Said, Shown
from playground.runs.models import Generation, Reference, State, Upload


def history_at(base: Base) -> list[Said]:
    """Every message from the beginning to the base's answer, each with its pictures."""
    if base.conversation is None:
        return []
    before = [Said.read(record) for record in base.conversation.history]
    if base.turn is None:
        return before
    return before + list(_told(base))


def _told(base: Base) -> Iterator[Said]:
    assert base.conversation is not None and base.turn is not None and base.answer is not None  # noqa: S101
    nodes = Tree.of(base.conversation).path(base.turn.pk)
    turns = Turn.objects.select_related("run").in_bulk([node.pk for node in nodes])
    # The answer of each turn that the next one continued; of the last one, the base's.
    chosen = [*(node.continues for node in nodes[1:]), base.answer.pk]
    answers = Generation.objects.prefetch_related("outputs").in_bulk([pk for pk in chosen if pk])
    brought = _brought([node.run for node in nodes])
    copies = _copies(answers, base)
    for node, answer in zip(nodes, chosen, strict=True):
        turn = turns[node.pk]
        # The first picture of a turn that goes on is one that was shown before.
        is_shown = node.parent and (turn.picture_id or base.conversation.start_id)
        pictures = brought.get(node.run, [])[1 if is_shown else 0 :]
        yield Said("user", turn.run.prompt, tuple(Shown(upload) for upload in pictures))
        if answer:
            yield _answered(answers[answer], copies)


def _brought(runs: list[int]) -> dict[int, list[int]]:
    """The uploads that went along with each run, in their order."""
    found: dict[int, list[int]] = {}
    rows = Reference.objects.filter(run__in=runs).order_by("position")
    for run, upload in rows.values_list("run", "upload"):
        found.setdefault(run, []).append(upload)
    return found


def _copies(answers: Mapping[int, Generation], base: Base) -> dict[str, int]:
    """Our copies of what was drawn, by the hash of its bytes: each was made when it was first gone on from."""
    known = {base.picture.sha256: base.upload.pk} if base.picture and base.upload else {}
    hashes = [output.sha256 for answer in answers.values() for output in answer.outputs.all()]
    assert base.conversation is not None  # noqa: S101  # asked before
    rows = Upload.objects.filter(workspace=base.conversation.workspace_id, sha256__in=hashes)
    return known | dict(rows.values_list("sha256", "pk"))


def _answered(answer: Generation, copies: Mapping[str, int]) -> Said:
    if answer.state == State.WORDS:
        return Said("assistant", answer.words)
    output = output_of(answer)
    is_known = output is not None and output.sha256 in copies
    return Said("assistant", "", (Shown(copies[output.sha256], output.pk),) if output and is_known else ())
