"""The doctor: asks one connection what it does with disputed settings, after the owner has seen the price."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext

from playground import catalog
from playground.accounts.models import Connection, User, Workspace
from playground.runs import wording
from playground.runs.examining import evidence_of
from playground.runs.models import Attempt, Generation, Run, State
from playground.runs.questions import BY_ID, FINDINGS, PROMPT, QUESTIONS, Question
from playground.runs.services import LETTERS, enqueue, next_number


@dataclass(frozen=True)
class Offer:
    """A question that can be put to a connection: to which model, and what it costs at most."""

    question: Question
    model: "catalog.Model"
    price: Decimal


def offers_for(row: Connection) -> list[Offer]:
    """Every question about a model that the connection serves and that is offered today."""
    served = [each for each in catalog.default().offered(timezone.now().date()) if row.serves(each)]
    offers = []
    for question in QUESTIONS:
        if (model := question.model_among(served)) is not None:
            offers.append(Offer(question, model, question.estimate(model, row.price_multiplier)))
    return offers


def examine(
    workspace: Workspace,
    row: Connection,
    *,
    person: User | None,
    questions: Collection[str],
    submission_key: uuid.UUID,
) -> tuple[Run, bool]:
    """Put these questions (their ids) as one run, and wake the worker once it is committed.

    Returns the run and whether it is new, as `services.start_run` does; raises TooMuchUnderWayError and
    OverBudgetError like it, and ValueError where no question is left that can be put.
    """
    offers = [offer for offer in offers_for(row) if offer.question.id in questions]
    if not offers:
        raise ValueError("no question can be put to this connection")
    asked = Run.objects.filter(workspace=workspace, submission_key=submission_key)
    if existing := asked.first():
        return existing, False
    try:
        with transaction.atomic():
            run = Run.objects.create(
                workspace=workspace,
                number=next_number(workspace),
                created_by=person,
                mode=Run.Mode.DOCTOR,
                prompt=PROMPT,
                submission_key=submission_key,
            )
            enqueue(Generation.objects.bulk_create(_frames(run, row, offers)))
    except IntegrityError:  # the other click of a double click was first
        return asked.get(), False
    return run, True


def _frames(run: Run, row: Connection, offers: Iterable[Offer]) -> list[Generation]:
    return [
        Generation(
            run=run,
            position=place,
            letter=letter,
            model_id=offer.model.id,
            parameters=dict(offer.question.fields),
            question=offer.question.id,
            endpoint=offer.question.endpoint.value,
            prompt_sent=PROMPT,
            size_asked=str(offer.question.fields.get("size", "")),
            simulated=False,
            connection=row,
            asked_by_id=run.created_by_id,
            price_multiplier=row.price_multiplier,
            estimate_low=Decimal(0),
            estimate_high=offer.price,
        )
        for place, (letter, offer) in enumerate(zip(LETTERS, offers, strict=False))
    ]


# --- What was found -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answered:
    """One question of the latest examination, and what became of it."""

    generation: Generation
    attempt: Attempt | None

    @property
    def question(self) -> Question:
        return BY_ID[self.generation.question]

    @property
    def is_over(self) -> bool:
        return self.generation.is_final

    @cached_property
    def said(self) -> list[str]:
        """What it settles, in the reader's language; why it settled nothing, where it did not."""
        if self.attempt is None:
            failed = self.generation.state == State.FAILED
            return [str(wording.of(self.generation).sentence)] if failed else []
        found = self.question.findings(evidence_of(self.generation, self.attempt))
        words = [_words(name, value, self.attempt.status) for name, value in found.items()]
        if not words and self.generation.state == State.FAILED:
            return [gettext("Not settled: %(reason)s") % {"reason": wording.of(self.generation).sentence}]
        return words or ([gettext("Not settled by this answer.")] if self.is_over else [])


@dataclass(frozen=True)
class Report:
    """The latest examination of a connection."""

    run: Run
    answers: list[Answered]

    @property
    def is_over(self) -> bool:
        return all(each.is_over for each in self.answers)

    @property
    def done(self) -> int:
        return sum(each.is_over for each in self.answers)

    @property
    def cost(self) -> Decimal:
        """What it has cost so far, counting what may have been billed at most."""
        return sum((_cost(each.attempt) for each in self.answers if each.attempt), Decimal(0))


def _cost(attempt: Attempt) -> Decimal:
    if attempt.billed == "no":
        return Decimal(0)
    return attempt.cost if attempt.cost is not None else attempt.cost_at_most or Decimal(0)


def latest_report(row: Connection) -> Report | None:
    """What the latest examination asked and found; None where there was none."""
    asked = Generation.objects.filter(connection=row).exclude(question="")
    last = asked.select_related("run").order_by("-id").first()
    if last is None:
        return None
    frames = asked.filter(run=last.run).prefetch_related("attempts", "outputs").order_by("position")
    return Report(last.run, [_answered(frame) for frame in frames])


def _answered(frame: Generation) -> Answered:
    attempts = list(frame.attempts.all())
    return Answered(frame, attempts[-1] if attempts else None)


@dataclass(frozen=True)
class Known:
    """One thing that is known of a connection: about which model, in words, since when."""

    model: str
    words: str
    since: datetime | str


def known_of(row: Connection) -> list[Known]:
    """Every finding that is stored with the connection, in words."""
    return [
        Known(model_id, _words(name, fact["value"], fact.get("status")), fact.get("on", ""))
        for model_id, facts in row.switches.items()
        for name, fact in facts.items()
        if (name, fact.get("value")) in FINDINGS
    ]


def said_of(row: Connection, model: "catalog.Model", name: str) -> str:
    """What was found out about one setting of one model here, in words; empty where nobody has asked."""
    fact = row.found(model.id, name)
    if not fact or (name, fact.get("value")) not in FINDINGS:
        return ""
    return _words(name, fact["value"], fact.get("status"))


def _words(name: str, value: str, status: int | None) -> str:
    words = FINDINGS.get((name, value))
    return gettext(str(words)) % {"status": status or "?"} if words else f"{name}: {value}"
