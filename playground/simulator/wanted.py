"""A request that passed the checks, and the reading of single fields that every family shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from playground.catalog import Endpoint, Model, Parameter, Size, UnknownModelError, default
from playground.simulator import errors
from playground.simulator.orders import Source
from playground.simulator.shelf import Kept

Fields = Mapping[str, object]
OPENAI_WIRE = "openai-images"
"""Models of another wire are not served here, whatever they can do in their own words."""


@dataclass(frozen=True)
class Wanted:
    """All that is needed to draw and to answer.

    `size` and `quality` are None where the model chooses; `form` is url or b64_json; `charged` is how many
    pictures are billed, which one quirk makes more than are drawn; `references` are the sizes of the pictures sent,
    `sources` those pictures, `base` the place of the one that is changed; `words_only`: a chat that did not ask for a
    picture; `with_text`: words beside the picture. `endpoint` is None on the native Gemini call.
    """

    model: Model
    endpoint: Endpoint | None
    prompt: str
    quirks: frozenset[str] = frozenset()
    size: Size | None = None
    quality: str | None = None
    form: str = "b64_json"
    prefixed: bool = False
    both_forms: bool = False
    format: str = "png"
    compression: int = 100
    background: str = "opaque"
    pictures: int = 1
    charged: int = 1
    stream: bool = False
    partial_images: int = 0
    references: tuple[Size, ...] = ()
    sources: tuple[Source, ...] = ()
    base: int = 0
    mask: Kept | None = None
    words_only: bool = False
    with_text: bool = False

    @property
    def changed(self) -> Size:
        """The size of the picture that is changed."""
        return self.references[self.base]

    def parameter(self, name: str) -> Parameter | None:
        """What the catalog knows of a field of this request."""
        return None if self.endpoint is None else self.model.parameter(self.endpoint, name)

    @property
    def transparent(self) -> bool:
        return self.background == "transparent"


def find_model(fields: Fields, endpoint: Endpoint, today: date) -> Model:
    """The model named in the request; a name that is unknown, retired or not on this endpoint is refused."""
    name = required_text(fields, "model")
    try:
        model = default().get(name)
    except UnknownModelError:
        raise errors.invalid_model(name) from None
    if is_retired(model, today):
        raise errors.invalid_model(name)
    if endpoint not in model.endpoints or model.wire != OPENAI_WIRE:
        raise errors.model_without_endpoint(name, endpoint.path)
    return model


def is_retired(model: Model, today: date) -> bool:
    """Only the end counts: a practice provider need not wait for the day on which a model came out."""
    return model.until is not None and today >= model.until


def read_prompt(fields: Fields, longest: int) -> str:
    prompt = required_text(fields, "prompt")
    if not prompt.strip():
        raise errors.empty_prompt()
    if len(prompt) > longest:
        raise errors.prompt_too_long(len(prompt), longest)
    return prompt


def required_text(fields: Fields, name: str) -> str:
    if fields.get(name) is None:
        raise errors.missing(name)
    text = optional_text(fields, name)
    if text is None:
        raise errors.missing(name)
    return text


def optional_text(fields: Fields, name: str) -> str | None:
    """The field's text, None where it is absent or null."""
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise errors.wrong_type(name, "a string", value)
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise errors.not_text(name)
    return value


def optional_integer(fields: Fields, name: str, minimum: int, maximum: int) -> int | None:
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise errors.wrong_type(name, "an integer", value)
    if not minimum <= value <= maximum:
        raise errors.out_of_range(name, value, minimum, maximum)
    return value


def optional_flag(fields: Fields, name: str) -> bool:
    value = fields.get(name)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise errors.wrong_type(name, "a boolean", value)
    return value


def optional_choice(fields: Fields, name: str, choices: tuple[str, ...]) -> str | None:
    value = optional_text(fields, name)
    if value is not None and value not in choices:
        raise errors.invalid_choice(name, value, choices)
    return value
