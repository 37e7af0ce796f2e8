"""A conversation to take home: a ZIP of its originals, untouched, and a transcript that says which is which.

The ZIP is made while it is sent: no picture is ever whole in memory, and nothing is written to disk.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import IO

from django.core.files.storage import default_storage
from django.utils import timezone

from playground.chat.models import Conversation, Turn
from playground.runs.archives import Archive
from playground.runs.models import Billed, Generation, Output, State
from playground.runs.templatetags.darkroom import money, size

TRANSCRIPT = "conversation.md"
CHUNK_BYTES = 256 * 1024
AT_ONCE = 100


def export_of(conversation: Conversation) -> Iterator[bytes]:
    """The ZIP, piece by piece. A picture whose file is gone is named in the transcript, and missing."""
    archive, lines = Archive(), [_head(conversation)]
    for turn in _turns(conversation):
        files = []
        for output in _outputs(turn):
            name = f"{turn.number:03d}-{output.download_name}"
            yield from _added(archive, name, output)
            files.append((output, name))
        lines.append(_told(turn, dict(files)))
    yield from archive.add(TRANSCRIPT, timezone.now(), ["\n".join(lines).encode()])
    yield archive.end()


def _turns(conversation: Conversation) -> Iterator[Turn]:
    """In the order in which they were said; a hundred at a time."""
    rows = conversation.turns.kept().with_answers().select_related("parent", "continues__run")
    last = 0
    while found := list(rows.filter(number__gt=last).order_by("number")[:AT_ONCE]):
        yield from found
        last = found[-1].number


def _outputs(turn: Turn) -> Iterator[Output]:
    for generation in turn.run.generations.all():
        for output in generation.outputs.all():
            output.generation = generation
            yield output


def _added(archive: Archive, name: str, output: Output) -> Iterator[bytes]:
    try:
        source: IO[bytes] = default_storage.open(output.file)
    except FileNotFoundError:
        return
    with source:
        yield from archive.add(name, output.created_at, iter(lambda: source.read(CHUNK_BYTES), b""))


def _head(conversation: Conversation) -> str:
    began = timezone.localtime(conversation.created_at)
    return f"# {conversation.title}\n\nConversation {conversation.number}, begun {began:%Y-%m-%d %H:%M}.\n"


def _told(turn: Turn, names: dict[Output, str]) -> str:
    """One turn in Markdown. Written in English whatever the page's language, as files that travel are."""
    lines = [f"## Step {turn.number}{_origin(turn)}", "", *_quoted(turn.run.prompt), ""]
    for generation in turn.run.generations.all():
        lines += [f"- **{generation.label}**, {', '.join(_facts(generation))}"]
        pictures = [output for output in names if output.generation_id == generation.pk]
        lines += [f"  ![{names[output]}]({names[output]}) {size(output)}" for output in pictures]
        if generation.words:
            lines += ["", *(f"  {line}" for line in _quoted(generation.words)), ""]
    return "\n".join([*lines, ""])


def _origin(turn: Turn) -> str:
    if turn.parent is None or turn.continues is None:
        return ""
    return f", from {turn.continues.label} of step {turn.parent.number}"


def _quoted(words: str) -> list[str]:
    return [f"> {line}" for line in words.splitlines()]


def _facts(generation: Generation) -> Iterator[str]:
    yield generation.model_label
    if generation.simulated:
        yield "simulated"
    yield str(State(generation.state).name).lower()
    if generation.seconds is not None:
        yield f"{generation.seconds:.1f} s"
    if generation.is_final:
        yield money(Decimal(0) if generation.billed == Billed.NO else generation.cost)
