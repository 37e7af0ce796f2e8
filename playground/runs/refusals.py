"""Why a file can't be used, and what was done to one that can, in words for a person."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

REFUSALS: dict[str, str | Promise] = {
    "too_large": _("it has more than %(most)s MB"),
    "empty": _("it is empty"),
    "format": _("%(name)s can’t be read here. Save it as PNG, JPEG or WebP"),
    "no_picture": _("it is no picture that can be read here. Save it as PNG, JPEG or WebP"),
    "pixels": _("it has %(megapixels)s megapixels, and at most %(most)s can be read. Make it smaller first"),
    "pixels_unknown": _("it claims to be larger than the %(most)s megapixels that can be read"),
    "truncated": _("a part of the file is missing. Copy it again from where it came from"),
    "broken": _("the file is damaged and can’t be decoded. Open it in a picture program and save it anew"),
    "mode": _("its colours are stored as fractions. Save it with 8 or 16 bits a channel"),
    "too_slow": _("decoding it takes too long or too much memory. Make it smaller first"),
    "mask_shape": _("the mask has %(found)s pixels and image 1 is sent with %(wanted)s: the shapes differ"),
    "mask_empty": _("nothing is painted in it, so nothing could change"),
    "mask_heavy": _("the mask has more than %(most)s MB. Paint it with fewer separate spots"),
}

NOTES: dict[str, str | Promise] = {
    "gps_removed": _("The place where it was taken is not sent"),
    "metadata_removed": _("Camera data is not sent"),
    "rotated": _("Turned upright"),
    "first_frame": _("It has several frames: only the first is sent"),
    "cmyk": _("Print colours (CMYK) were changed to screen colours"),
    "deep": _("16 bits a channel became 8"),
    "profile": _("Colours were changed to sRGB"),
    "scaled": _("Scaled from %(from)s to %(to)s"),
    "converted": _("%(from)s became %(to)s"),
    "mask_white": _("The mask has no transparency, so white was taken as what may change"),
    "mask_scaled": _("The mask was scaled from %(from)s to %(to)s"),
}


def refusal(name: str, code: str, values: Mapping[str, Any]) -> str:
    """One sentence: which file, and why it can't be used."""
    words = {
        "name": name,
        "reason": gettext(str(REFUSALS[code])) % {key: _size(one) for key, one in values.items()},
    }
    return gettext("“%(name)s” was not taken: %(reason)s.") % words


def note(code: str, values: Mapping[str, Any]) -> str:
    """What was done to a file; empty for a code that is not known any more."""
    words = NOTES.get(code)
    return gettext(str(words)) % {key: _size(one) for key, one in values.items()} if words else ""


def _size(value: Any) -> Any:
    return value.replace("x", " × ") if isinstance(value, str) and value.replace("x", "").isdigit() else value
