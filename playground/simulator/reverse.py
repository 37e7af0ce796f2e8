"""What the reverse channels (-all and -vip) take and refuse: nearly nothing is taken.

By default as the founding documents say; each newer behaviour is a quirk of quirks.py.
"""

from __future__ import annotations

from dataclasses import replace

from playground.catalog import Endpoint, Size, SizeFormatError
from playground.catalog.sizes import nearest
from playground.simulator import errors, shapes
from playground.simulator.wanted import Fields, Wanted, optional_choice, optional_integer, optional_text

FORMS = ("url", "b64_json")
NEWER_QUALITIES = ("auto", "low", "medium", "high")
MOST_CHARGED = 10


def check(fields: Fields, wanted: Wanted) -> Wanted:
    """Read every field of a reverse request; raises Refusal at the first rule that it breaks."""
    for name in fields:
        if not _takes(wanted, name, fields[name]):
            raise errors.field_refused(name)
    wanted = replace(
        _answer_form(fields, wanted),
        size=_size(fields, wanted),
        quality=_quality(fields, wanted),
        background=_background(fields, wanted),
    )
    return replace(wanted, charged=optional_integer(fields, "n", 1, MOST_CHARGED) or 1)


def _takes(wanted: Wanted, name: str, value: object) -> bool:
    if name in ("model", "prompt", "response_format") or (name == "stream" and value is False):
        return True
    return name in _by_kind(wanted)


def _by_kind(wanted: Wanted) -> set[str]:
    """The fields that this model's kind takes, with what its quirks add."""
    has = wanted.quirks.__contains__
    if wanted.model.sizes.kind == "words":
        by_quirk = {"size": has("all-accepts-size") or has("all-ignores-size")}
    else:
        by_quirk = {
            "size": True,
            "quality": has("vip-accepts-quality"),
            "background": has("vip-accepts-background"),
            "output_format": has("vip-ignores-format"),
            "output_compression": has("vip-ignores-format"),
        }
    by_quirk["n"] = has("n-bills-n")
    return {name for name, taken in by_quirk.items() if taken}


def _answer_form(fields: Fields, wanted: Wanted) -> Wanted:
    form = optional_text(fields, "response_format")
    if form is not None and form not in FORMS:
        raise errors.field_refused("response_format", "must be url or b64_json")
    if "vip-ignores-response-format" in wanted.quirks and wanted.model.sizes.kind == "list":
        form = "b64_json"
    newer_default = "b64_json" if "b64-by-default" in wanted.quirks else wanted.model.answer.default_form
    return replace(
        wanted,
        form=form or newer_default,
        prefixed=wanted.model.answer.base64_prefix and "plain-base64" not in wanted.quirks,
        both_forms="both-forms" in wanted.quirks,
    )


def _size(fields: Fields, wanted: Wanted) -> Size:
    """The pixels that will be drawn, whatever was asked for."""
    text = optional_text(fields, "size")
    if wanted.model.sizes.kind == "words":
        return _size_as_target(text, wanted)
    if "vip-ignores-size" in wanted.quirks:
        return shapes.by_words(wanted.model, wanted.prompt)
    if text is None or text == "auto":
        return _free_choice(wanted)
    return _size_of_list(text, wanted)


def _size_as_target(text: str | None, wanted: Wanted) -> Size:
    if text is not None and text != "auto" and "all-accepts-size" in wanted.quirks:
        return nearest(wanted.model.sizes, _parsed(text))
    if wanted.references:
        return shapes.of_shape(wanted.changed)
    return shapes.by_words(wanted.model, wanted.prompt)


def _size_of_list(text: str, wanted: Wanted) -> Size:
    size = _parsed(text)
    if not wanted.model.sizes.violations(size):
        return size
    if "vip-snaps-sizes" in wanted.quirks:
        return shapes.snapped(size)
    raise errors.field_refused("size", f"must be one of the listed sizes or auto, not '{text}'")


def _free_choice(wanted: Wanted) -> Size:
    """On edits the picture that is changed gives the shape; on generations words or the model's own choice."""
    if wanted.endpoint is Endpoint.EDITS and wanted.references:
        first = "vip-first-sets-canvas" in wanted.quirks
        return shapes.snapped(wanted.references[0] if first else wanted.changed)
    return shapes.by_list(wanted.model, wanted.prompt)


def _parsed(text: str) -> Size:
    try:
        return Size.parse(text)
    except SizeFormatError:
        raise errors.field_refused("size", f"must look like 2048x1152, not '{text}'") from None


def _quality(fields: Fields, wanted: Wanted) -> str | None:
    """A quality that is taken changes nothing that can be seen from outside."""
    quality = optional_text(fields, "quality")
    parameter = wanted.parameter("quality")
    choices = (parameter.choices if parameter else ()) or NEWER_QUALITIES
    if quality is None or quality in choices:
        return quality
    if "vip-refuses-with-429" in wanted.quirks:
        raise errors.field_refused_as_busy("quality", choices)
    raise errors.field_refused("quality", f"must be one of {', '.join(choices)}")


def _background(fields: Fields, wanted: Wanted) -> str:
    asked = optional_choice(fields, "background", ("auto", "opaque", "transparent"))
    return "transparent" if asked == "transparent" else "opaque"
