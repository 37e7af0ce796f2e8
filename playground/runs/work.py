"""From a claimed generation to a kept picture: the only place that sends paid calls.

The order is the promise:
1. claim the row and write the attempt, committed (database work happens in turns: see `turns`);
2. one HTTP call;
3. the bytes to their place on disk, then the Output and Attempt rows;
4. everything after that (thumbnails, price) is free and may be repeated by the sweep.
A call whose outcome is not known is never repeated here.
"""

import logging
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from playground import catalog
from playground.accounts.connections import ConnectionChangedError, for_links, reopen
from playground.gateway import (
    Answer,
    Billed,
    Connection,
    Gateway,
    ImageRequest,
    NotSentError,
    OutcomeUnknownError,
    Picture,
    ProviderError,
    RejectedError,
    Timings,
    Try,
    next_try,
)
from playground.runs import afterwards, chain, examining, outside, previews, received, states, storage
from playground.runs.attachments import attached
from playground.runs.history import messages_of
from playground.runs.models import Attempt, Generation, Output, Worker
from playground.runs.thumbnails import UnreadablePictureError, make_thumbnails
from playground.runs.turns import turn

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Hands:
    """What a worker works with: its row, its pooled client, and the flag that says it should stop."""

    worker: Worker
    gateway: Gateway
    stopping: threading.Event


def carry_out(generation_id: int, hands: Hands) -> None:
    """Live a generation's life from the claim to its end. Harmless for one that is not queued any more."""
    with turn():
        claimed = _claim(generation_id, hands)
    if claimed is not None:
        attempt, connection = claimed
        _try_until_it_ends(attempt.generation, attempt, connection, hands)


def _claim(generation_id: int, hands: Hands) -> tuple[Attempt, Connection] | None:
    """The first attempt, committed, and the way that it takes; None where there is nothing to send."""
    rows = Generation.objects.select_related("run__mask__upload", "connection")
    rows = rows.prefetch_related("run__references__upload")
    generation = rows.filter(pk=generation_id).first()
    if generation is None or generation.is_final:
        return None
    try:
        connection = reopen(generation.connection, simulated=generation.simulated)
    except ConnectionChangedError as error:
        states.refuse(generation, error.code, {"connection": str(generation.connection or "")})
        return None
    if refusal := _reason_not_to_send(generation):
        states.refuse(generation, refusal)
        return None
    attempt = states.claim(generation, hands.worker, connection, connection.base_urls[0])
    return None if attempt is None else (attempt, connection)


def _reason_not_to_send(generation: Generation) -> str:
    """A failure code for what must not be sent now; empty if nothing speaks against it."""
    if generation.model is None:
        return "model_gone"
    if storage.free_bytes() < settings.MIN_FREE_BYTES:
        return "disk_full"
    return ""


def _try_until_it_ends(
    generation: Generation, attempt: Attempt | None, connection: Connection, hands: Hands
) -> None:
    began = timezone.now()
    while attempt is not None:
        request = _request(generation, storage.incoming(attempt.pk), attempt.left_out)
        try:
            answer = _send(hands.gateway, connection, request, attempt)
        except ProviderError as error:
            elapsed = (timezone.now() - began).total_seconds()
            with turn():
                states.close_attempt(attempt, error, _outcome(error))
            refused = _refused_switch(generation, attempt, error)
            plan = (
                Try(0.0, attempt.base_url)
                if refused
                else next_try(
                    error,
                    tries_so_far=attempt.number,
                    elapsed_seconds=elapsed,
                    base_urls=connection.base_urls,
                    base_url=attempt.base_url,
                )
            )
            if plan is None or attempt.billed != Billed.NO.value:
                _give_up(generation, attempt, error)
                return
            attempt = _wait_and_begin(generation, plan, connection, hands, [*attempt.left_out, *refused])
        else:
            received.write(storage.incoming(attempt.pk), answer)
            keep_answer(generation, attempt, answer)
            return


def _refused_switch(generation: Generation, attempt: Attempt, error: ProviderError) -> list[str]:
    """The disputed setting that the provider does not take after all: the same call without it is the answer to that.

    Not for a doctor's question, to which the refusal is the answer.
    """
    field = error.refused_field if isinstance(error, RejectedError) else None
    return [field] if field and field not in attempt.left_out and not generation.question else []


def _request(generation: Generation, folder: Path, left_out: Collection[str] = ()) -> ImageRequest:
    """What is asked of the provider; its picture files stay where they are until the call has ended."""
    assert generation.model is not None  # noqa: S101  # checked before the claim
    if generation.question:
        return examining.request_for(generation, generation.model, folder)
    references, mask = attached(generation, folder)
    messages = messages_of(generation, references, folder)
    return ImageRequest(
        model=generation.model,
        endpoint=catalog.Endpoint(generation.endpoint),
        prompt=generation.prompt,
        parameters=_parameters(generation, left_out),
        references=references,
        mask=mask,
        messages=messages,
    )


def _parameters(generation: Generation, left_out: Collection[str]) -> dict[str, Any]:
    """What the person chose, and how this provider, as the doctor found, wants the rest."""
    chosen = {name: value for name, value in generation.parameters.items() if name not in left_out}
    return examining.habits_of(generation) | chosen


def _send(gateway: Gateway, connection: Connection, request: ImageRequest, attempt: Attempt) -> Answer:
    def remember(links: Sequence[str]) -> None:
        with turn():
            states.note_links(attempt, links)

    into = storage.incoming(attempt.pk)
    received.reserve(into)
    try:
        with examining.listening(gateway, attempt) as through:
            return through.send(
                connection,
                request,
                base_url=attempt.base_url,
                into=into,
                on_links=remember,
                on_partial=partial(previews.keep, attempt),
            )
    except ProviderError:
        received.give_back(into)
        raise


def _outcome(error: ProviderError) -> str:
    if isinstance(error, NotSentError):
        return Attempt.Outcome.NOT_SENT
    if isinstance(error, RejectedError):
        return Attempt.Outcome.REFUSED
    if isinstance(error, OutcomeUnknownError):
        return Attempt.Outcome.UNKNOWN
    return Attempt.Outcome.USELESS


def _wait_and_begin(
    generation: Generation, plan: Try, connection: Connection, hands: Hands, left_out: Sequence[str]
) -> Attempt | None:
    if plan.after_seconds > 0:
        with turn():
            states.wait(generation, hands.worker, timezone.now() + timedelta(seconds=plan.after_seconds))
        hands.stopping.wait(plan.after_seconds)
    with turn():
        if hands.stopping.is_set():
            states.release(generation, hands.worker)
            return None
        return states.begin_attempt(generation, hands.worker, connection, plan.base_url, left_out=left_out)


def _give_up(generation: Generation, attempt: Attempt, error: ProviderError) -> None:
    with turn():
        chain.fail(
            generation,
            error.kind.value,
            billed=attempt.billed,
            values={**error.values, "status": error.status},
            cost=attempt.cost,
            seconds=attempt.done_seconds,
        )
    examining.conclude(generation)
    if attempt.billed == Billed.NO.value:
        storage.clear_incoming(attempt.pk)


def keep_answer(generation: Generation, attempt: Attempt, answer: Answer) -> None:
    """Save the pictures first, then write that they came, then finish. An answer in words needs no saving."""
    if answer.is_words:
        _keep_words(generation, attempt, answer)
        return
    for picture in answer.pictures:
        storage.keep(picture.path, _name(picture))
    with turn(), transaction.atomic():
        outputs = [_write_output(generation, index, one) for index, one in enumerate(answer.pictures)]
        states.answer_attempt(attempt, answer, _price(generation, answer))
    finish(generation, attempt, outputs)


def _keep_words(generation: Generation, attempt: Attempt, answer: Answer) -> None:
    with turn(), transaction.atomic():
        states.answer_attempt(attempt, answer, _price(generation, answer))
        states.succeed_in_words(
            generation, answer.text or "", cost=attempt.cost, seconds=attempt.done_seconds
        )
    storage.clear_incoming(attempt.pk)


def _name(picture: Picture) -> str:
    return storage.original_name(picture.sha256, picture.format)


def _write_output(generation: Generation, index: int, picture: Picture) -> Output:
    output = states.add_output(
        generation,
        index,
        sha256=picture.sha256,
        file=_name(picture),
        byte_size=picture.byte_size,
        format=picture.format,
        width=picture.width,
        height=picture.height,
        has_alpha=picture.has_alpha,
    )
    if (
        picture.link
        and generation.model is not None
        and (hours := generation.model.answer.url_lifetime_hours)
    ):
        states.note_picture_link(output, picture.link, timezone.now() + timedelta(hours=hours))
    return output


def fetch_again(attempt: Attempt, gateway: Gateway) -> None:
    """Fetch the pictures of a paid call whose links could not be fetched before; try another time if it fails again."""
    into, generation = storage.incoming(attempt.pk), attempt.generation
    connection = for_links(generation.connection, simulated=attempt.simulated)
    try:
        pictures = tuple(gateway.fetch(connection, link, into=into) for link in attempt.links)
    except ProviderError as error:
        logger.info("The picture of attempt %s can't be fetched yet: %s", attempt.pk, error.kind.value)
        return
    answer = Answer(
        pictures=pictures,
        status=attempt.status or 0,
        timings=Timings(attempt.connect_seconds, attempt.first_byte_seconds, attempt.done_seconds),
        bytes_received=attempt.bytes_received,
        usage=attempt.usage,
        request_id=attempt.request_id,
        reported=attempt.reported,
    )
    received.write(into, answer)
    keep_answer(generation, attempt, answer)


def _price(generation: Generation, answer: Answer) -> Decimal | None:
    """What the answer cost, by the prices and the discount of when it was asked for; None if nothing tells."""
    if generation.model is None:
        return None
    cost = catalog.actual_cost(
        generation.model,
        answer.usage,
        on=generation.created_at.date(),
        multiplier=generation.price_multiplier,
        references=generation.run.references.count(),
        pictures=int(generation.parameters.get("n", 1)),  # where n is taken, n are charged, whatever comes
    )
    return None if cost is None else catalog.dollars(cost)


def finish(generation: Generation, attempt: Attempt, outputs: list[Output]) -> None:
    """Make the small pictures and call the generation done. Free; the sweep repeats it where a worker died."""
    for output in outputs:
        _make_thumbnails(output, attempt)
    _measure_spill(generation, attempt, outputs)
    with turn(), transaction.atomic():
        for output in outputs:
            output.save(update_fields=["thumbnails", "placeholder", "changed_outside", "heat_file"])
        states.succeed(generation, cost=attempt.cost, seconds=attempt.done_seconds)
    with turn():
        afterwards.kept(outputs)
    examining.conclude(generation)
    storage.clear_incoming(attempt.pk)


def _measure_spill(generation: Generation, attempt: Attempt, outputs: list[Output]) -> None:
    """Of a masked answer: what it changed although it should not have."""
    if not generation.masked:
        return
    with turn():
        rows = Output.objects.with_story().in_bulk([output.pk for output in outputs])
    for output in outputs:
        examined = rows[output.pk]
        outside.examine(examined, storage.incoming(attempt.pk))
        output.changed_outside, output.heat_file = examined.changed_outside, examined.heat_file


def _make_thumbnails(output: Output, attempt: Attempt) -> None:
    """Give a kept picture its small versions; one that can't be decoded is shown as it came."""
    workbench = storage.incoming(attempt.pk)
    try:
        with storage.local_copy(output.file, workbench) as path:
            made = make_thumbnails(path, output.sha256, workbench)
    except (UnreadablePictureError, OSError) as error:
        logger.warning("No thumbnails of output %s: %s", output.pk, error)
        return
    output.thumbnails, output.placeholder = list(made.widths), made.placeholder
