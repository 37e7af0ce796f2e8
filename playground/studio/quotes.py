"""What a set-up would cost and what would be sent, said before the click."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

from django.utils.translation import gettext as _

from playground import catalog
from playground.accounts.connections import NoConnectionError, Route, Routes
from playground.catalog import SHAPE, Endpoint, Estimate, Model, Problem, SizeChoice
from playground.runs.templatetags.darkroom import money
from playground.studio.allowance import Allowance
from playground.studio.controls import local
from playground.studio.problems import say
from playground.studio.reasons import Reason, reason_of
from playground.studio.tray import Tray


@dataclass(frozen=True)
class Quote:
    """One model's part: the price of one picture, how many, and the exact prompt where it is not the person's own."""

    model: Model
    is_chosen: bool
    variants: int
    estimate: Estimate | None
    problems: list[str]
    size_words: str
    prompt: str
    cell: "SizeChoice | None"
    through: str  # the connection that it will go through, where there is more than one; else empty
    has_table: bool  # whether its sizes are chosen from a table, in this kind of call
    remarks: list[str]
    connection: int | None = None  # the row that pays; None where nothing is paid
    references: int = 0
    cells: int = 1  # how many prompts and sets of settings it is asked with
    sums: "Sums | None" = None  # of these, where there are several

    @property
    def reason(self) -> Reason | None:
        """Where the price of one picture comes from."""
        return reason_of(self.estimate, self.references) if self.estimate else None

    @property
    def pictures(self) -> int:
        return self.cells * self.variants

    @property
    def low(self) -> Decimal:
        return (self.sums.low if self.sums else self.each_low) * self.variants

    @property
    def high(self) -> Decimal:
        return (self.sums.high if self.sums else self.each_high) * self.variants

    @property
    def is_range(self) -> bool:
        """Whether the part comes to from ... to."""
        return f"{self.low:.3f}" != f"{self.high:.3f}"

    @property
    def each_low(self) -> Decimal:
        """The least that one picture costs."""
        return self.sums.each_low if self.sums else self.estimate.low if self.estimate else Decimal(0)

    @property
    def each_high(self) -> Decimal:
        return self.sums.each_high if self.sums else self.estimate.high if self.estimate else Decimal(0)

    @property
    def each_is_range(self) -> bool:
        return f"{self.each_low:.3f}" != f"{self.each_high:.3f}"


@dataclass(frozen=True)
class Sums:
    """What one picture of each prompt and each set of settings comes to, and the bounds of one of them."""

    low: Decimal
    high: Decimal
    each_low: Decimal
    each_high: Decimal


@dataclass(frozen=True)
class Ledger:
    """All chosen models together: "total, at most" is the highest that it can be. `offered` has the others too."""

    offered: list[Quote]
    through: str = (
        ""  # the connection that all go through; empty where there are several, or only the simulator
    )
    chain_most: Decimal | None = None  # how far the chain may go for one picture; None where there is none
    allowance: Allowance | None = None  # the budget that would stop it first

    @property
    def quotes(self) -> list[Quote]:
        return [quote for quote in self.offered if quote.is_chosen]

    @property
    def pictures(self) -> int:
        return sum(quote.pictures for quote in self.quotes)

    @property
    def low(self) -> Decimal:
        return sum((quote.low for quote in self.quotes), Decimal(0))

    @property
    def high(self) -> Decimal:
        return sum((quote.high for quote in self.quotes), Decimal(0))


def paid_through(quotes: Iterable[Quote]) -> dict[int, Decimal]:
    """The most that the chosen models cost, by the connection that they go through; nothing of the simulator's."""
    paid: dict[int, Decimal] = {}
    for quote in quotes:
        if quote.is_chosen and quote.connection is not None:
            paid[quote.connection] = paid.get(quote.connection, Decimal(0)) + quote.high
    return paid


def price(
    model: Model,
    parameters: Mapping[str, Any],
    *,
    endpoint: Endpoint,
    tray: Tray,
    broken: Sequence[Problem],
    prompt: str,
    variants: int,
    is_chosen: bool,
    on: date,
    routes: Routes,
) -> Quote:
    """Price one model's part; a set-up that can't be sent, or would be refused, has its problems instead of a price."""
    problems = [say(problem, model) for problem in broken]
    route: Route | None = None
    try:
        route = routes.to(model)
    except NoConnectionError as error:
        problems.append(str(error))
    estimate = None
    if route and not problems:
        estimate = catalog.estimate(
            model,
            parameters,
            prompt=prompt,
            references=len(tray),
            on=on,
            multiplier=route.price_multiplier,
        )
    size = catalog.check_size(model, str(parameters.get("size", catalog.AUTO))).size
    return Quote(
        model=model,
        is_chosen=is_chosen,
        variants=variants,
        estimate=estimate,
        problems=problems,
        size_words=_size_words(model, prompt, parameters.get(SHAPE)),
        prompt=prompt,
        cell=model.sizes.choice(size) if size else None,
        through=route.name if route and routes.names_matter else "",
        has_table=model.sizes.kind == "list" and model.parameter(endpoint, "size") is not None,
        connection=route.row.pk if route and route.row else None,
        references=len(tray),
        remarks=[
            *_about_mask(model, endpoint, tray),
            *_about_shape(parameters, prompt, tray),
            *_about_tokens(estimate),
        ]
        if tray.tiles and not problems
        else [],
    )


def spread(
    first: Quote, prompts: Sequence[str], sets: Sequence[Mapping[str, Any]], *, on: date, routes: Routes
) -> Quote:
    """The same part, asked with every prompt and every set of settings; `first` is the quote of the first of them."""
    route = routes.to(first.model)
    # Of its words a price knows their tokens only, and hundreds of prompts differ in a word.
    alike = Counter(catalog.prompt_tokens(prompt) for prompt in prompts)
    example = {catalog.prompt_tokens(prompt): prompt for prompt in prompts}
    priced: list[tuple[Estimate, int]] = []
    for parameters, (tokens, count) in product(sets, alike.items()):
        estimate = catalog.estimate(
            first.model,
            parameters,
            prompt=example[tokens],
            references=first.references,
            on=on,
            multiplier=route.price_multiplier,
        )
        priced.append((estimate, count))
    if not priced:
        return replace(first, cells=0, sums=Sums(*[Decimal(0)] * 4))
    return replace(first, cells=len(sets) * len(prompts), sums=_sums(priced))


def _sums(priced: Sequence[tuple[Estimate, int]]) -> Sums:
    """In the whole millionths in which each picture is set aside."""
    low = sum((catalog.dollars(one.low) * count for one, count in priced), Decimal(0))
    high = sum((catalog.dollars(one.high) * count for one, count in priced), Decimal(0))
    return Sums(low, high, min(one.low for one, _count in priced), max(one.high for one, _count in priced))


def _about_mask(model: Model, endpoint: Endpoint, tray: Tray) -> Iterator[str]:
    """A model without masks gets everything but the mask, and that is said before the click."""
    if not tray.mask or catalog.takes_mask(model, endpoint):
        return
    parameter = model.parameter(Endpoint.EDITS, "mask")
    reason = local(parameter.reason) if parameter else ""
    yield _("Goes without the mask. %(reason)s") % {"reason": reason}


def _about_shape(parameters: Mapping[str, Any], prompt: str, tray: Tray) -> Iterator[str]:
    """Whose shape the answer will take where no size is asked for."""
    if parameters.get(SHAPE) or parameters.get("size", catalog.AUTO) != catalog.AUTO:
        return
    number = catalog.followed_picture(prompt, len(tray))
    if number is None:
        yield _(
            "No size is asked for and the prompt names no picture to change, so the model decides on the shape."
        )
        return
    size = tray.size_of(number)
    words = _("No size is asked for: the answer takes the shape of image %(number)s, %(width)s × %(height)s.")
    yield words % {"number": number, "width": size.width, "height": size.height}


def _about_tokens(estimate: Estimate | None) -> Iterator[str]:
    """What the pictures themselves add where the price goes by token."""
    if estimate is None or not estimate.image_tokens:
        return
    each = (estimate.price.image_in or Decimal(0)) * estimate.multiplier / 1_000_000
    words = _("The pictures count %(low)s to %(high)s tokens: %(low_cost)s to %(high_cost)s of the price.")
    yield words % {
        "low": f"{estimate.image_tokens_low:,}", "high": f"{estimate.image_tokens:,}",
        "low_cost": money(estimate.image_tokens_low * each), "high_cost": money(estimate.image_tokens * each),
    }  # fmt: skip


def _size_words(model: Model, prompt: str, shape: str | None) -> str:
    """What is put before the prompt; nothing where the person has written it already."""
    if shape not in {known.key for known in model.sizes.shapes}:
        return ""
    return catalog.prompt_sent(model, prompt, shape).removesuffix(prompt).strip()
