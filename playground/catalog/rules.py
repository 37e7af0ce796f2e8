"""What may be asked of a model, decided from its facts alone: no clock, no network, no setting.

Everything that a provider is known to refuse is found here first, so that it costs nothing and names its
field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from playground.catalog.facts import Condition, Endpoint, Model, Parameter, Problem, Value
from playground.catalog.references import (
    PICTURE_FIELD,
    PictureFacts,
    check_mask,
    check_pictures,
    check_references,
    picture_field_problem,
)
from playground.catalog.sizes import AUTO, Size, SizeFormatError, SizeRule, guess_size, nearest

SHAPE = "shape"
"""The pseudo-parameter of models that take their size in words: the key of a Shape, never sent as a field."""


@dataclass(frozen=True)
class SizeVerdict:
    """`size` is None for auto and for what cannot be read; `nearest` is the size itself when it is valid."""

    ok: bool
    size: Size | None
    is_auto: bool
    problems: tuple[Problem, ...]
    nearest: Size | None
    experimental: bool


def parameters_for(model: Model, endpoint: Endpoint) -> tuple[Parameter, ...]:
    """The parameters that a form may offer, in order; those with send `opt_in` belong behind a switch."""
    parameters = model.parameters.get(endpoint, {}).values()
    return tuple(it for it in parameters if it.offer and it.send in ("optional", "opt_in"))


def with_companions(model: Model, endpoint: Endpoint, parameters: Mapping[str, Value]) -> dict[str, Value]:
    """The parameters as they can be sent together.

    A setting works only beside another: where no form offers that other one, it is sent along (previews need a
    stream); where the other one has another value, the setting is left out (compression of a PNG), and so is a number
    that stands at "none".
    """
    kept = dict(parameters)
    for name, value in parameters.items():
        parameter = model.parameter(endpoint, name)
        for condition in parameter.conditions if parameter else ():
            if condition.values or parameter is None:
                continue
            other = model.parameter(endpoint, condition.parameter)
            if other is not None and not other.offer and other.may_be_sent and value != parameter.default:
                kept[other.name] = other.kind == "boolean" or condition.allowed[0]
            elif _value_beside(model, endpoint, condition, parameters) not in condition.allowed:
                kept.pop(name, None)
    return kept


def nearest_size(model: Model, size: Size) -> Size:
    """The size itself when the model takes it, or the nearest that it takes."""
    return nearest(model.sizes, size)


def check_size(model: Model, text: str) -> SizeVerdict:
    """Is `text` a size for this model, which rules does it break, and what is the nearest valid size?"""
    rule = model.sizes
    if text == AUTO and rule.allows_auto:
        return SizeVerdict(True, None, True, (), None, False)
    try:
        size = Size.parse(text)
    except SizeFormatError:
        return SizeVerdict(False, None, False, (_format_problem(rule, text),), guess_size(rule, text), False)
    problems = tuple(_size_problem(model, size, code) for code in rule.violations(size))
    return SizeVerdict(not problems, size, False, problems, nearest(rule, size), rule.is_experimental(size))


def _format_problem(rule: SizeRule, text: str) -> Problem:
    message = f"{text!r} is not a size: write width, a small x and height, such as 2048x1152."
    return Problem("format", "size", message, {"size": text, "nearest": str(guess_size(rule, text))})


def _size_problem(model: Model, size: Size, code: str) -> Problem:
    rule = model.sizes
    values: dict[str, str | int] = {
        "model": model.label,
        "size": str(size),
        "pixels": size.pixels,
        "nearest": str(nearest(rule, size)),
        "count": len(rule.table),
        **_limits_of(rule),
    }
    message = _SIZE_MESSAGES[code.rstrip("0123456789")]
    told = {key: value for key, value in values.items() if f"{{{key}}}" in message}
    return Problem(code, "size", message.format(**values), {**told, "nearest": values["nearest"]})


def _limits_of(rule: SizeRule) -> dict[str, str | int]:
    return {
        "step": rule.step,
        "min_edge": rule.min_edge,
        "max_edge": rule.max_edge,
        "max_ratio": str(rule.max_ratio),
        "min_pixels": rule.min_pixels,
        "max_pixels": rule.max_pixels,
    }


_SIZE_MESSAGES = {
    "multiple_of_": "{size}: width and height must both be multiples of {step}.",
    "max_edge": "{size}: the longest side may be at most {max_edge} pixels.",
    "min_edge": "{size}: the longest side must be at least {min_edge} pixels.",
    "ratio": "{size}: the long side may be at most {max_ratio} times the short side.",
    "min_pixels": "{size}: {pixels} pixels are too few, the least is {min_pixels}.",
    "max_pixels": "{size}: {pixels} pixels are too many, the most is {max_pixels}.",
    "not_in_table": "{size} is none of the {count} sizes of {model}.",
}


def check_request(
    model: Model,
    endpoint: Endpoint,
    prompt: str,
    parameters: Mapping[str, Value],
    *,
    on: date | None = None,
    references: int | Sequence[PictureFacts] | None = None,
    mask: PictureFacts | None = None,
) -> tuple[Problem, ...]:
    """Everything in the request that the provider would refuse, in the order of a form; empty when fine.

    A parameter that is in `parameters` counts as chosen, opt-in ones too. `on` also checks the life of the
    model, `references` the number of pictures, and the pictures themselves where their facts are given; what
    is None is not checked.
    """
    found = list(_problems(model, endpoint, prompt, parameters, on))
    if endpoint in model.endpoints:
        pictures = () if references is None or isinstance(references, int) else tuple(references)
        if references is not None:
            count = references if isinstance(references, int) else len(pictures)
            found += [*check_references(model, endpoint, count), *check_pictures(model, pictures)]
        if mask is not None:
            found += check_mask(model, endpoint, mask, pictures)
    return tuple(found)


def _problems(
    model: Model,
    endpoint: Endpoint,
    prompt: str,
    parameters: Mapping[str, Value],
    on: date | None,
) -> Iterator[Problem]:
    if on is not None:
        yield from check_life(model, on)
    if endpoint not in model.endpoints:
        message = f"{model.label} does not have the endpoint {endpoint.value}."
        yield Problem(
            "endpoint_not_offered", "endpoint", message, {"model": model.label, "endpoint": endpoint.value}
        )
        return
    yield from check_prompt(model, prompt)
    yield from check_parameters(model, endpoint, parameters)


def check_life(model: Model, on: date) -> Iterator[Problem]:
    """Is the model there on that day?"""
    if on < model.since:
        message = f"{model.label} is there from {model.since} on, not on {on}."
        yield Problem(
            "model_not_yet", "model", message, {"model": model.label, "since": model.since.isoformat()}
        )
    elif model.until is not None and on >= model.until:
        message = f"{model.label} was switched off on {model.until}. {model.life_note}".rstrip()
        yield Problem(
            "model_retired", "model", message, {"model": model.label, "until": model.until.isoformat()}
        )


def check_prompt(model: Model, prompt: str) -> Iterator[Problem]:
    """A prompt needs something to read and has a limit in characters (Unicode code points, as typed)."""
    most = model.limits.prompt_characters
    if not prompt.strip():
        yield Problem("prompt_empty", "prompt", "The prompt is empty.")
    elif len(prompt) > most:
        message = f"The prompt has {len(prompt)} characters; {model.label} takes at most {most}."
        yield Problem(
            "prompt_too_long",
            "prompt",
            message,
            {"characters": len(prompt), "maximum": most, "model": model.label},
        )


def check_parameters(model: Model, endpoint: Endpoint, parameters: Mapping[str, Value]) -> Iterator[Problem]:
    """Each field by itself, then those that stand only beside another."""
    for name, value in parameters.items():
        if name == SHAPE:
            yield from _shape_problems(model, value)
            continue
        parameter = model.parameter(endpoint, name)
        if name == PICTURE_FIELD and parameter is not None:
            if (problem := picture_field_problem(parameter.choices, value)) is not None:
                yield problem
        elif parameter is None or parameter.kind == "structure" or not parameter.may_be_sent:
            yield _not_taken(model, endpoint, name, parameter)
        else:
            yield from _value_problems(model, parameter, value)
            yield from _condition_problems(model, endpoint, parameter, value, parameters)


def _shape_problems(model: Model, value: Value) -> Iterator[Problem]:
    keys = [shape.key for shape in model.sizes.shapes]
    if not keys:
        yield _not_taken(model, None, SHAPE, None)
    elif value not in keys:
        choices = ", ".join(keys)
        message = f"{value!r} is no shape of {model.label}; shapes: {choices}."
        yield Problem("value_not_allowed", SHAPE, message, {"value": str(value), "choices": choices})


def _not_taken(model: Model, endpoint: Endpoint | None, name: str, parameter: Parameter | None) -> Problem:
    where = f" on {endpoint.value}" if endpoint is not None else ""
    reason = str(parameter.reason) if parameter is not None else ""
    message = f"{model.label} does not take {name}{where}. {reason}".rstrip()
    values = {
        "parameter": name,
        "model": model.label,
        "endpoint": endpoint.value if endpoint else "",
        "reason": reason,
    }
    return Problem("parameter_not_taken", name, message, values)


def _value_problems(model: Model, parameter: Parameter, value: Value) -> Iterator[Problem]:
    if parameter.kind == "size":
        yield from (
            check_size(model, value).problems if isinstance(value, str) else (_wrong_type(parameter, value),)
        )
    elif not _has_right_type(parameter, value):
        yield _wrong_type(parameter, value)
    elif parameter.kind == "choice" and value not in parameter.choices:
        yield _not_a_choice(model, parameter, str(value))
    elif parameter.kind == "integer" and not _in_range(parameter, int(value)):
        message = f"{parameter.name} must be from {parameter.minimum} to {parameter.maximum}, not {value}."
        limits = {"minimum": parameter.minimum or 0, "maximum": parameter.maximum or 0, "value": int(value)}
        yield Problem("out_of_range", parameter.name, message, {"parameter": parameter.name, **limits})


def _has_right_type(parameter: Parameter, value: Value) -> bool:
    if parameter.kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, bool if parameter.kind == "boolean" else str)


def _wrong_type(parameter: Parameter, value: Value) -> Problem:
    wanted = {"integer": "a whole number", "boolean": "true or false"}.get(parameter.kind, "a text")
    message = f"{parameter.name} must be {wanted}, not {value!r}."
    return Problem("wrong_type", parameter.name, message, {"parameter": parameter.name, "value": str(value)})


def _not_a_choice(model: Model, parameter: Parameter, value: str) -> Problem:
    choices = ", ".join(parameter.choices)
    reason = str(parameter.refused_values.get(value, ""))
    message = f"{parameter.name} {value!r} is refused by {model.label}; allowed: {choices}. {reason}".rstrip()
    values = {
        "parameter": parameter.name,
        "value": value,
        "choices": choices,
        "model": model.label,
        "reason": reason,
    }
    return Problem("value_not_allowed", parameter.name, message, values)


def _in_range(parameter: Parameter, value: int) -> bool:
    low, high = parameter.minimum, parameter.maximum
    return (low is None or low <= value) and (high is None or value <= high)


def _condition_problems(
    model: Model, endpoint: Endpoint, parameter: Parameter, value: Value, parameters: Mapping[str, Value]
) -> Iterator[Problem]:
    for condition in parameter.conditions:
        if condition.values and _wire_text(value) not in condition.values:
            continue
        beside = _value_beside(model, endpoint, condition, parameters)
        if beside not in condition.allowed:
            allowed = ", ".join(condition.allowed)
            what = f"{parameter.name} {value}" if condition.values else parameter.name
            message = f"{what} works only with {condition.parameter} {allowed}, not {beside}."
            values = {"parameter": parameter.name, "value": str(value), "other": condition.parameter}
            yield Problem(
                "only_with", parameter.name, message, {**values, "allowed": allowed, "found": beside}
            )


def _value_beside(
    model: Model, endpoint: Endpoint, condition: Condition, parameters: Mapping[str, Value]
) -> str:
    if condition.parameter in parameters:
        return _wire_text(parameters[condition.parameter])
    other = model.parameter(endpoint, condition.parameter)
    return _wire_text(other.default) if other is not None and other.default is not None else "nothing"


def _wire_text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def prompt_sent(model: Model, prompt: str, shape_key: str | None) -> str:
    """The prompt as it goes out: size words at the start where the model takes its size in words.

    A prompt that begins with a known phrase of that shape already is left as it is. Raises KeyError for a
    shape that the model does not know; a model without shapes never changes the prompt.
    """
    if shape_key is None or not model.sizes.shapes:
        return prompt
    shape = {shape.key: shape for shape in model.sizes.shapes}[shape_key]
    if any(_begins_with(prompt, phrase) for phrase in shape.phrases):
        return prompt
    return f"{shape.phrase}, {prompt}"


def _begins_with(prompt: str, phrase: str) -> bool:
    start, wanted = _plain(prompt[: 4 * len(phrase) + 40]), _plain(phrase)
    return start.startswith(wanted) and not re.match(r"[0-9a-z]", start[len(wanted) :])


def _plain(text: str) -> str:
    """Case, spacing and the sign for "by" do not make another phrase."""
    return " ".join(text.casefold().replace("×", "x").replace("：", ":").split())


def timeout_seconds(model: Model, parameters: Mapping[str, Value], references: int = 0) -> float:
    """How long to wait for the answer; heavy work (4K, many references) gets longer: giving up is billed."""
    timing = model.timing
    size = check_size(model, str(parameters.get("size", AUTO))).size
    is_heavy = references > timing.heavy_above_references or (
        size is not None and size.pixels > timing.heavy_above_pixels
    )
    return float(timing.heavy_timeout_seconds if is_heavy else timing.timeout_seconds)
