"""`quote`: what one call will cost, or did cost, on the command line.

Exit 0 with the figure on stdout; exit 2 with every broken rule and the nearest valid size on stderr. With
--json both come as one JSON object on stdout as well. Money is a decimal string in USD with six places.

`usd` is the figure to reckon with: the picture, plus the input that was named (references at their ceiling,
partial pictures as asked). It is null where size or quality is left to the provider: then only usd_low and
usd_high are known. A prompt counts only with --prompt-tokens.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from playground.catalog.facts import Catalog, Endpoint, Model, Problem, UnknownModelError, Value
from playground.catalog.loading import default
from playground.catalog.prices import dollars, estimate, today, usage_cost
from playground.catalog.references import check_references
from playground.catalog.rules import check_life, check_parameters, check_size
from playground.catalog.sizes import AUTO
from playground.catalog.usage import Usage, UsageError, read_usage

# Options that are fields of a request as they stand; `n` is here to be refused with its reason.
_FIELDS = ("size", "quality", "output_format", "output_compression", "background", "moderation", "n")
_WHOLE_FIELDS = ("output_compression", "n")
_COUNTS = ("prompt_tokens", "references", "partial_images")
_HELP = {
    "size": "pixels such as 2048x1152, or auto",
    "quality": "auto, low, medium, high (and what newer models add)",
    "prompt_tokens": "text tokens of the prompt; without it the prompt is not counted",
    "references": "how many reference pictures go along (an edit)",
    "partial_images": "how many partial pictures come; with --usage: those that it does not count yet",
    "on": "the day whose prices hold, such as 2026-11-21 (today)",
    "discount": "what the bill is multiplied by: 0.85 for a deposit bonus, 1.2 for a dearer key group",
    "usage": "the usage object of an answer, as JSON: gives the exact cost instead of an estimate",
}


class Writer(Protocol):
    def write(self, text: str, /) -> object: ...


class _RefusedError(Exception):
    def __init__(self, problems: Sequence[Problem], nearest_size: str | None = None) -> None:
        super().__init__(problems[0].message)
        self.problems, self.nearest_size = tuple(problems), nearest_size


@dataclass(frozen=True)
class _Question:
    """A request that broke no rule."""

    model: Model
    fields: Mapping[str, Value]
    prompt_tokens: int | None
    references: int
    partial_images: int
    on: date
    multiplier: Decimal
    usage: Usage | None

    def shown(self, name: str) -> str | None:
        """The field as asked for; what an estimate is not told is auto, what a bill is not told is not known."""
        value = self.fields.get(name, AUTO if self.usage is None else None)
        return None if value is None else str(value)


def main(argv: Sequence[str], stdout: Writer | None = None, stderr: Writer | None = None) -> int:
    """Run the command with these arguments; returns the exit code, or raises SystemExit(2) for unknown options."""
    parser = argparse.ArgumentParser(prog="quote", description="What one call will cost, or did cost.")
    add_arguments(parser)
    return run(vars(parser.parse_args(joined(argv))), stdout or sys.stdout, stderr or sys.stderr)


def joined(argv: Sequence[str]) -> list[str]:
    """`--size -5x5` as `--size=-5x5`: argparse would take the value for an option and never name the rule."""
    result: list[str] = []
    options = {f"--{name.replace('_', '-')}" for name in (*_FIELDS, *_COUNTS, "discount", "on", "usage")}
    for argument in argv:
        if result and result[-1] in options and argument.startswith("-") and not argument.startswith("--"):
            result[-1] += f"={argument}"
        else:
            result.append(argument)
    return result


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Everything stays text here: a wrong value is answered by `run`, with the rule that it breaks."""
    parser.add_argument("--model", required=True, help="id of the model, such as gpt-image-2")
    for name in (*_FIELDS, *_COUNTS, "on", "discount", "usage"):
        parser.add_argument(f"--{name.replace('_', '-')}", metavar=name.upper(), help=_HELP.get(name))
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(options: Mapping[str, Any], stdout: Writer, stderr: Writer, catalog: Catalog | None = None) -> int:
    """Answer parsed options (texts, or None where nothing was given); returns the exit code, 0 or 2."""
    try:
        question = _read(options, catalog or default())
        answer = _exact(question) if question.usage is not None else _estimated(question)
    except _RefusedError as refusal:
        stderr.write(_refusal_text(refusal))
        if options.get("json"):
            stdout.write(_refusal_json(refusal))
        return 2
    stdout.write(json.dumps(answer, ensure_ascii=False) + "\n" if options.get("json") else _text(answer))
    return 0


def _read(options: Mapping[str, Any], catalog: Catalog) -> _Question:
    """Check everything before anything is computed, so that all broken rules are named at once."""
    try:
        model = catalog.get(options["model"])
    except UnknownModelError as error:
        known = ", ".join(error.known)
        problem = Problem("unknown_model", "model", f"{error}.", {"model": error.model_id, "known": known})
        raise _RefusedError([problem]) from None
    problems: list[Problem] = []
    counts = {name: _count(options, name, problems) for name in _COUNTS}
    on = _day(options, problems)
    question = _Question(
        model=model,
        fields=_fields(options, problems),
        prompt_tokens=counts["prompt_tokens"],
        references=counts["references"] or 0,
        partial_images=counts["partial_images"] or 0,
        on=on or today(),
        multiplier=_multiplier(options, problems),
        usage=_usage(options, model, on or today(), counts, problems),
    )
    problems += _broken_rules(question, was_day_given=on is not None)
    if problems:
        raise _RefusedError(problems, _nearest(question, problems))
    return question


def _broken_rules(question: _Question, *, was_day_given: bool) -> list[Problem]:
    model, fields = question.model, dict(question.fields)
    is_edit = question.references > 0 and Endpoint.EDITS in model.endpoints
    endpoint = Endpoint.EDITS if is_edit else Endpoint.GENERATIONS
    # Without a day asked for, a clock that runs behind is no reason to call a model unborn.
    problems = list(check_life(model, question.on if was_day_given else max(question.on, model.since)))
    if question.partial_images:
        fields |= {"stream": True, "partial_images": question.partial_images}
    problems += [it for it in check_parameters(model, endpoint, fields) if it.field != "stream"]
    if question.references:
        problems += check_references(model, endpoint, question.references)
    return problems


def _nearest(question: _Question, problems: Sequence[Problem]) -> str | None:
    if "size" not in {problem.field for problem in problems} or "size" not in question.fields:
        return None
    nearest = check_size(question.model, str(question.fields["size"])).nearest
    return str(nearest) if nearest is not None else None


def _fields(options: Mapping[str, Any], problems: list[Problem]) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    for name in _FIELDS:
        # A number that cannot be read is a problem by itself and no field of the request.
        given = _count(options, name, problems) if name in _WHOLE_FIELDS else options.get(name)
        if given is not None:
            fields[name] = given
    return fields


def _count(options: Mapping[str, Any], name: str, problems: list[Problem]) -> int | None:
    given = options.get(name)
    if given is None:
        return None
    text = str(given)
    if text.isascii() and text.isdecimal() and len(text) <= 12:
        return int(text)
    problems.append(_unreadable(name, text, "a whole number from 0"))
    return None


def _unreadable(name: str, text: str, wanted: str) -> Problem:
    message = f"{name.replace('_', '-')} must be {wanted}, not {text!r}."
    return Problem("wrong_type", name, message, {"parameter": name, "value": text})


def _day(options: Mapping[str, Any], problems: list[Problem]) -> date | None:
    given = options.get("on")
    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        problems.append(_unreadable("on", given, "a date such as 2026-11-21"))
        return None


def _multiplier(options: Mapping[str, Any], problems: list[Problem]) -> Decimal:
    given = options.get("discount")
    if given is None:
        return Decimal(1)
    try:
        multiplier = Decimal(given)
    except InvalidOperation:
        multiplier = Decimal("NaN")
    if multiplier.is_finite() and Decimal(0) < multiplier <= Decimal(1000):
        return multiplier
    problems.append(_unreadable("discount", given, "a number above 0 such as 0.85"))
    return Decimal(1)


def _usage(
    options: Mapping[str, Any],
    model: Model,
    on: date,
    counts: Mapping[str, int | None],
    problems: list[Problem],
) -> Usage | None:
    given = options.get("usage")
    if given is None:
        return None
    try:
        usage = json.loads(given)
        # A whole answer is as good as the object inside it.
        usage = usage["usage"] if isinstance(usage, dict) and isinstance(usage.get("usage"), dict) else usage
        price = model.price_on(on)
        if price.per_call is not None and isinstance(usage, dict):
            return Usage()
        return read_usage(usage, price.partial_image_tokens, has_references=bool(counts["references"]))
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, UsageError) else "it is not valid JSON"
        message = f"usage cannot be read: {reason}."
        problems.append(Problem("malformed_usage", "usage", message, {"reason": reason}))
        return None


def _money(amount: Decimal) -> str:
    return f"{dollars(amount):f}"


def _exact(question: _Question) -> dict[str, Any]:
    """The cost of an answer from its usage; on a flat price the usage is decoration."""
    price, usage = question.model.price_on(question.on), question.usage or Usage()
    answer = _head(question, "exact cost")
    if price.per_call is not None:
        usd = _money(price.per_call * question.multiplier)
        return {**answer, "usd": usd, "usd_low": usd, "usd_high": usd, "exact": True, "output_tokens": None}
    partial = Usage(image_out=question.partial_images * price.partial_image_tokens)
    usd = _money((usage_cost(price, usage) + usage_cost(price, partial)) * question.multiplier)
    return {
        **answer,
        "usd": usd,
        "usd_low": usd,
        "usd_high": usd,
        "exact": True,
        "output_tokens": usage.image_out + partial.image_out,
        "input_tokens": usage.text_in + usage.image_in,
        "text_tokens": usage.text_in,
        "text_tokens_cached": usage.text_in_cached,
        "image_tokens": usage.image_in,
        "image_tokens_cached": usage.image_in_cached,
    }


def _head(question: _Question, kind: str) -> dict[str, Any]:
    return {
        "model": question.model.id,
        "kind": kind,
        "size": question.shown("size"),
        "quality": question.shown("quality"),
        "price_since": question.model.price_on(question.on).since.isoformat(),
        "multiplier": f"{question.multiplier.normalize():f}",
        "notes": _notes(question),
    }


def _estimated(question: _Question) -> dict[str, Any]:
    found = estimate(
        question.model,
        question.fields,
        prompt_tokens=question.prompt_tokens or 0,
        references=question.references,
        partial_images=question.partial_images,
        on=question.on,
        multiplier=question.multiplier,
    )
    answer = {
        **_head(question, "estimate"),
        "usd": _money(found.high) if found.is_picture_known else None,
        "usd_low": _money(found.low),
        "usd_high": _money(found.high),
        "exact": found.exact,
        "output_tokens": found.output_tokens if found.is_picture_known else None,
    }
    if found.output_tokens is None:
        return answer
    return {
        **answer,
        "output_tokens_low": found.output_tokens_low,
        "output_tokens_high": found.output_tokens,
        "partial_image_tokens": found.partial_image_tokens,
        "input_tokens": found.input_tokens,
        "input_tokens_low": found.input_tokens_low,
        "text_tokens": found.text_tokens,
        "image_tokens": found.image_tokens,
        "image_tokens_low": found.image_tokens_low,
    }


def _notes(question: _Question) -> list[str]:
    model = question.model
    notes = [str(model.life_note)] if model.life_note else []
    for name in question.fields:
        parameter = model.parameter(Endpoint.GENERATIONS, name)
        if parameter is not None and parameter.send == "opt_in":
            notes.append(f"{name} is off unless asked for: {parameter.reason}")
    if check_size(model, str(question.fields.get("size", AUTO))).experimental:
        notes.append(f"A size above {model.sizes.experimental_above_pixels} pixels is experimental.")
    if question.references and not model.is_flat and question.usage is None:
        notes.append("References count from the least to the most tokens that were measured for one.")
    return notes


def _text(answer: Mapping[str, Any]) -> str:
    low, high = answer["usd_low"], answer["usd_high"]
    figure = f"${high}" if low == high else f"${low} to ${high}"
    asked = [f"{name} {answer[name]}" for name in ("size", "quality") if answer[name] is not None]
    lines = [", ".join([answer["model"], *asked]), f"{answer['kind']}: {figure}"]
    if answer.get("output_tokens_high", answer["output_tokens"]) is not None:
        lines.append(_tokens_line(answer))
    lines.append(f"price since {answer['price_since']}, multiplied by {answer['multiplier']}")
    return "\n".join([*lines, *(f"note: {note}" for note in answer["notes"])]) + "\n"


def _tokens_line(answer: Mapping[str, Any]) -> str:
    low, high = (answer.get(f"output_tokens_{end}", answer["output_tokens"]) for end in ("low", "high"))
    output = str(high) if low == high else f"{low} to {high}"
    text, image = answer["text_tokens"], answer["image_tokens"]
    partial = answer.get("partial_image_tokens", 0)
    extra = f" and {partial} for partial pictures" if partial else ""
    return f"tokens: {output} out{extra}, {text} text in, {image} image in"


def _refusal_text(refusal: _RefusedError) -> str:
    lines = [f"{problem.message} ({problem.code})" for problem in refusal.problems]
    if refusal.nearest_size is not None:
        lines.append(f"Nearest valid size: {refusal.nearest_size}.")
    return "\n".join(lines) + "\n"


def _refusal_json(refusal: _RefusedError) -> str:
    first = refusal.problems[0]
    error = {
        "code": first.code,
        "field": first.field,
        "message": first.message,
        "nearest_size": refusal.nearest_size,
        "problems": [
            {"code": it.code, "field": it.field, "message": it.message, "values": dict(it.values)}
            for it in refusal.problems
        ],
    }
    return json.dumps({"error": error}, ensure_ascii=False) + "\n"
