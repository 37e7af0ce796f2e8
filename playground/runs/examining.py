"""Carrying out a doctor's question: the call as it is meant, an ear at the wire, and what its end settles.

The calls themselves are ordinary generations of an ordinary run: claimed, recorded, charged and swept like any other.
What they settle is computed from their rows, so it may be computed again at any time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from PIL import Image, ImageDraw

from playground.accounts.models import Connection, KeyType
from playground.catalog import PICTURE_FIELD, Endpoint, Model
from playground.gateway import Attachment, Gateway, ImageRequest
from playground.gateway.probing import Witness
from playground.runs import states
from playground.runs.models import Attempt, Generation
from playground.runs.questions import BY_ID, Evidence
from playground.runs.turns import turn

REFERENCE_PIXELS = 512


def request_for(generation: Generation, model: Model, folder: Path) -> ImageRequest:
    """The call that settles the generation's question; its picture, where it needs one, is drawn into the folder."""
    question = BY_ID[generation.question]
    pictures = [_reference(folder / f"reference-{number}.png") for number in range(question.references)]
    return ImageRequest(
        model=question.permit(model),
        endpoint=question.endpoint,
        prompt=generation.run.prompt,
        parameters=generation.parameters,
        references=tuple(Attachment(path, "image/png") for path in pictures),
    )


def _reference(path: Path) -> Path:
    """A red disc on grey: something to change, of a size that every provider takes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("RGB", (REFERENCE_PIXELS, REFERENCE_PIXELS), (208, 208, 208))
    quarter = REFERENCE_PIXELS // 4
    ImageDraw.Draw(picture).ellipse((quarter, quarter, 3 * quarter, 3 * quarter), fill=(184, 40, 32))
    picture.save(path, "PNG")
    return path


def habits_of(generation: Generation) -> dict[str, Any]:
    """What calls of this frame must say otherwise than usual: the name of an edit's pictures, where one is refused.

    A finding holds for every model on the wire that it was made on, for the same gateway reads them all.
    """
    row, model = generation.connection, generation.model
    field = model.parameter(Endpoint(generation.endpoint), PICTURE_FIELD) if model else None
    if row is None or field is None or not field.choices:
        return {}
    facts = [known for known in row.switches.values() if PICTURE_FIELD in known]
    refused = {name for known in facts for name, fact in known.items() if fact.get("value") == "refused"}
    left = [name for name in field.choices if name not in refused]
    return {PICTURE_FIELD: left[0]} if left and left[0] != field.value else {}


@contextmanager
def listening(gateway: Gateway, attempt: Attempt) -> Iterator[Gateway]:
    """The gateway to send through: for a question one of its own, with an ear at the wire."""
    if not attempt.generation.question:
        yield gateway
        return
    witness = Witness()
    listener = Gateway(transport=witness)
    try:
        yield listener
    finally:
        listener.close()
        with turn():
            states.note_shape(attempt, asdict(witness.shape))


def evidence_of(generation: Generation, attempt: Attempt) -> Evidence:
    """What the rows tell of a call that has ended; `generation` needs its outputs."""
    shape = attempt.shape
    return Evidence(
        asked=generation.parameters,
        error=attempt.error,
        status=attempt.status,
        pictures=tuple((output.size, output.format, output.has_alpha) for output in generation.outputs.all()),
        forms=frozenset(shape.get("forms", ())),
        is_prefixed=shape.get("is_prefixed"),
        is_stream=bool(shape.get("is_stream")),
        usage=attempt.usage or {},
    )


def conclude(generation: Generation) -> None:
    """Store what this question's end settles with its connection; nothing for other frames, or one that goes on."""
    if not generation.question or generation.connection_id is None:
        return
    with turn(), transaction.atomic():
        ended = Generation.objects.filter(pk=generation.pk).prefetch_related("outputs").get()
        attempt = ended.attempts.last()
        row = Connection.objects.select_for_update().filter(pk=generation.connection_id).first()
        if row is None or attempt is None or not ended.is_final:
            return
        _store(row, ended, attempt)


def _store(row: Connection, generation: Generation, attempt: Attempt) -> None:
    """A finding replaces the one before; what was not settled this time stays as it was."""
    found = BY_ID[generation.question].findings(evidence_of(generation, attempt))
    if not found:
        return
    today = timezone.now().date().isoformat()
    facts: dict[str, Any] = {
        name: {"value": value, "status": attempt.status, "on": today} for name, value in found.items()
    }
    row.switches = row.switches | {generation.model_id: row.switches.get(generation.model_id, {}) | facts}
    row.examined_at = timezone.now()
    if not row.key_type and generation.model:
        row.key_type = _key_type(generation.model, found)
    row.save(update_fields=["switches", "examined_at", "key_type"])


def _key_type(model: Model, found: dict[str, str]) -> str:
    """What the key must be, by what it may and may not use; unknown where both types would have done the same."""
    if len(model.key_types) != 1:
        return KeyType.UNKNOWN
    needed = KeyType(model.key_types[0])
    other = KeyType.PER_CALL if needed == KeyType.USAGE_PRIORITY else KeyType.USAGE_PRIORITY
    return {"taken": needed, "refused": other}.get(found.get("key", ""), KeyType.UNKNOWN)
