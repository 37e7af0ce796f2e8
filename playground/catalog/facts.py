"""What is known of each model, as frozen data. Nothing here decides anything: see rules.py and prices.py.

Errors of this room: CatalogError (a table of models is wrong), UnknownModelError (nobody knows that model).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from playground.catalog.sizes import SizeRule
from playground.catalog.text import Text

Value = str | int | bool
"""What a field of a request may hold."""


class Endpoint(StrEnum):
    """What is asked for. `path` is its place on the OpenAI wire, from the provider's host on."""

    GENERATIONS = "generations"
    EDITS = "edits"
    CHAT = "chat"

    @property
    def path(self) -> str:
        return "/v1/chat/completions" if self is Endpoint.CHAT else f"/v1/images/{self.value}"


class Support(StrEnum):
    """What the provider does with a parameter, as far as sources say."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    IGNORED = "ignored"
    DISPUTED = "disputed"
    """Sources contradict each other, or it works without being promised: a switch, off, with its reason."""
    UNDOCUMENTED = "undocumented"


@dataclass(frozen=True)
class Condition:
    """`values` of a parameter (all when empty) stand only beside another parameter that has one of `allowed`.

    Where that other parameter is not sent, its default counts.
    """

    parameter: str
    allowed: tuple[str, ...]
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parameter:
    """One field of a request to one endpoint of one model."""

    name: str
    kind: str
    """choice, integer, size, text, boolean, or structure (model, prompt, messages, image[], mask)."""
    support: Support
    send: str
    """always, optional, opt_in (a switch, off by default) or never."""
    offer: bool = True
    """False: a form does not show it although it may be sent."""
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    default: Value | None = None
    """What the provider does when the field is absent; None when unknown."""
    value: Value | None = None
    """What is sent when `send` is always and nobody chose."""
    conditions: tuple[Condition, ...] = ()
    refused_values: Mapping[str, Text] = dataclasses.field(default_factory=dict)
    """Values that people will look for and that this model refuses, each with the reason."""
    label: Text = Text()
    reason: Text = Text()
    source: str = ""
    since: date | None = None
    """The day from which this fact holds, where it changed."""

    @property
    def may_be_sent(self) -> bool:
        return self.send != "never"


@dataclass(frozen=True)
class Price:
    """USD from the day `since` on. A flat price has `per_call`; a token price has rates per million tokens.

    A rate that is None is not known; cached tokens without a rate of their own count as uncached (an upper
    bound).
    """

    since: date
    source: str
    per_call: Decimal | None = None
    text_in: Decimal | None = None
    text_in_cached: Decimal | None = None
    image_in: Decimal | None = None
    image_in_cached: Decimal | None = None
    image_out: Decimal | None = None
    partial_image_tokens: int = 0
    reference_tokens: tuple[int, int] = (0, 0)
    """Least and most input tokens of one reference picture."""
    per_picture: Mapping[str, Mapping[str, Decimal]] = dataclasses.field(default_factory=dict)
    """Price of the picture by size and quality, where the provider publishes a table and no formula."""


@dataclass(frozen=True)
class Limits:
    prompt_characters: int
    references: int
    references_stable: int
    """Up to here every reference is honoured; beyond it elements may weaken."""
    references_risky: int
    """Beyond this many, elements are known to go missing."""
    reference_megabytes: int
    reference_types: tuple[str, ...]
    mask_megabytes: int | None
    request_megabytes: int | None
    """All pictures of one request together; None where no limit is known."""


@dataclass(frozen=True)
class Timing:
    typical_seconds: tuple[int, int]
    timeout_seconds: int
    heavy_timeout_seconds: int
    heavy_above_pixels: int
    heavy_above_references: int
    connect_timeout_seconds: int


@dataclass(frozen=True)
class Answer:
    """How a picture comes back. For a practice provider: readers of real answers look at what is there."""

    default_form: str
    """url or b64_json, when response_format is not sent."""
    base64_prefix: bool
    url_lifetime_hours: int | None


@dataclass(frozen=True)
class Quirk:
    """A behaviour that a form, an error message or a reader of answers should know of."""

    key: str
    text: Text
    source: str
    since: date | None = None


@dataclass(frozen=True, eq=False)
class Model:
    """Everything known of one model. `family` is all, vip, official or gemini; `wire` names how it speaks."""

    id: str
    label: str
    short: str
    aliases: tuple[str, ...]
    summary: Text
    strengths: Text
    family: str
    wire: str
    since: date
    until: date | None
    """The day it is switched off: from that day on it is not offered."""
    life_note: Text
    unstable: bool
    endpoints: tuple[Endpoint, ...]
    parameters: Mapping[Endpoint, Mapping[str, Parameter]]
    sizes: SizeRule
    prices: tuple[Price, ...]
    quality_factors: Mapping[str, int]
    limits: Limits
    timing: Timing
    answer: Answer
    request_id_headers: tuple[str, ...]
    key_types: tuple[str, ...]
    quirks: tuple[Quirk, ...]

    def is_alive(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on < self.until)

    def parameter(self, endpoint: Endpoint, name: str) -> Parameter | None:
        return self.parameters.get(endpoint, {}).get(name)

    def price_on(self, on: date) -> Price:
        """The price that holds on that day; a day before the first known price gets the first one."""
        holding = [price for price in self.prices if price.since <= on]
        return holding[-1] if holding else self.prices[0]

    @property
    def is_flat(self) -> bool:
        """True when a call has one price whatever is drawn (by its newest price)."""
        return self.prices[-1].per_call is not None


class CatalogError(Exception):
    """A table of models is wrong. The message names file, table and key; so do the attributes."""

    def __init__(self, message: str, *, file: str, table: str = "", key: str = "") -> None:
        place = ": ".join(part for part in (file, f"[{table}]" if table else "", key) if part)
        super().__init__(f"{place}: {message}")
        self.file, self.table, self.key = file, table, key


class UnknownModelError(LookupError):
    """No model of that name in this catalog."""

    def __init__(self, model_id: str, known: tuple[str, ...]) -> None:
        super().__init__(f"unknown model {model_id!r}; known: {', '.join(known)}")
        self.model_id, self.known = model_id, known


@dataclass(frozen=True)
class Problem:
    """One rule that a request breaks. Pages translate by `code` and `values`; `message` is plain English."""

    code: str
    field: str
    message: str
    values: Mapping[str, str | int] = dataclasses.field(default_factory=dict)


class Catalog:
    """The models of this installation, in the order in which they were written."""

    def __init__(self, models: tuple[Model, ...]) -> None:
        self.models = models
        self._by_name = {name: model for model in models for name in (*model.aliases, model.id)}

    def get(self, model_id: str) -> Model:
        """The model of that id or alias; raises UnknownModelError."""
        try:
            return self._by_name[model_id]
        except KeyError:
            raise UnknownModelError(model_id, tuple(model.id for model in self.models)) from None

    def offered(self, on: date) -> tuple[Model, ...]:
        """The models that are alive on that day."""
        return tuple(model for model in self.models if model.is_alive(on))
