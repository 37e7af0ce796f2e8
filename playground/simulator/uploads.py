"""The pictures of an edit: reading the multipart form, and what the gateway refuses of them.

`check` and `check_mask` look at headers only: sizes, formats, whether a mask has an alpha channel. `verify` decodes.
"""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass, field

from aiohttp import web
from PIL import Image, UnidentifiedImageError

from playground.catalog import Endpoint, Model, Size
from playground.simulator import errors
from playground.simulator.errors import JsonObject, Refusal

PICTURE_FIELDS = ("image[]", "image")
MEGABYTE = 1_000_000
MOST_PIXELS = 89_000_000  # beyond it Pillow itself warns of a bomb
BROKEN = (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError)
ALPHA_MODES = ("RGBA", "LA", "PA")
_FLAGS = {"true": True, "false": False}


@dataclass(frozen=True)
class Upload:
    """A file of a form, and the name of the field that it came in."""

    data: bytes
    content_type: str
    field: str = ""


@dataclass
class Form:
    """`fields` are the texts; numbers and true/false are read as such where the model's field is one."""

    fields: JsonObject = field(default_factory=dict)
    pictures: list[Upload] = field(default_factory=list)
    mask: Upload | None = None


async def read_form(request: web.Request) -> Form:
    """The multipart form; raises Refusal for anything else."""
    if request.content_type != "multipart/form-data":
        raise errors.unsupported_content_type(request.headers.get("Content-Type", ""), "multipart/form-data")
    try:
        posted = await request.post()
    except ValueError as error:
        raise errors.malformed_form() from error
    form = Form()
    for name, value in posted.items():
        _sort(form, name, _read(name, value))
    return form


def _read(name: str, value: object) -> str | Upload:
    if isinstance(value, web.FileField):
        return Upload(value.file.read(), value.content_type, name)
    if isinstance(value, str):
        return value
    return Upload(bytes(value) if isinstance(value, (bytes, bytearray)) else b"", "", name)


def _sort(form: Form, name: str, value: str | Upload) -> None:
    upload = value if isinstance(value, Upload) else Upload(value.encode(), "text/plain", name)
    if name in PICTURE_FIELDS:
        form.pictures.append(upload)
    elif name == "mask":
        form.mask = upload
    else:
        form.fields[name] = upload.data.decode("utf-8", "replace") if isinstance(value, Upload) else value


def typed(fields: JsonObject, model: Model) -> JsonObject:
    """Form values are all text: read whole numbers and true/false where the model's parameter is one."""
    return {name: _typed(model, name, value) for name, value in fields.items()}


def _typed(model: Model, name: str, value: object) -> object:
    parameter = model.parameter(Endpoint.EDITS, name)
    if parameter is None or not isinstance(value, str):
        return value
    if parameter.kind == "integer" and re.fullmatch(r"-?[0-9]{1,9}", value):
        return int(value)
    return _FLAGS.get(value, value) if parameter.kind == "boolean" else value


def describe(upload: Upload) -> dict[str, object]:
    """What the call log says of a file: never its bytes. Blocks for the time of hashing."""
    facts: dict[str, object] = {"field": upload.field, "type": upload.content_type, "bytes": len(upload.data)}
    facts["sha256"] = hashlib.sha256(upload.data).hexdigest()
    try:
        found = _opened(upload, "image")
    except Refusal:
        return facts
    return facts | {"format": found.format.lower(), "width": found.size.width, "height": found.size.height}


def check(form: Form, model: Model, shown: frozenset[str]) -> tuple[Size, ...]:
    """The sizes of the pictures, in order; raises Refusal for what the gateway does not take."""
    limits = model.limits
    for name, quirk in (("image", "edits-want-image-brackets"), ("image[]", "edits-want-plain-image")):
        if quirk in shown and any(upload.field == name for upload in form.pictures):
            raise errors.unknown_parameter(name)
    if not form.pictures:
        raise errors.missing("image")
    if len(form.pictures) > limits.references:
        raise errors.too_many_pictures(len(form.pictures), limits.references)
    return tuple(_picture(upload, model).size for upload in form.pictures)


def check_mask(form: Form, model: Model, first: Size, shown: frozenset[str]) -> None:
    """A mask is a PNG with alpha, of the size of the first picture, under the limit."""
    if form.mask is None:
        return
    limit = model.limits.mask_megabytes
    if limit is not None and len(form.mask.data) >= limit * MEGABYTE:
        raise Refusal(400, f"Invalid mask: the file must be smaller than {limit} MB.", param="mask")
    found = _opened(form.mask, "mask")
    if found.format != "PNG" or not found.has_alpha:
        message = "Invalid mask image format - mask image missing alpha channel"
        older = "mask-error-names-the-mask" in shown
        code = "invalid_mask_image_format" if older else "invalid_image_file"
        raise Refusal(400, message, type=errors.USER_ERROR, param="mask", code=code)
    if found.size != first:
        raise Refusal(400, "Mask and image must have the same dimensions.", param="mask")


def verify(upload: Upload) -> None:
    """Decode the whole file, as small as its format allows; raises Refusal. Blocks."""
    try:
        with Image.open(io.BytesIO(upload.data)) as picture:
            picture.draft("RGB", (256, 256))
            picture.load()
    except BROKEN as error:
        raise _invalid_file("mask" if upload.field == "mask" else "image") from error


@dataclass(frozen=True)
class _Header:
    format: str
    size: Size
    has_alpha: bool


def _picture(upload: Upload, model: Model) -> _Header:
    limit = model.limits.reference_megabytes
    if len(upload.data) > limit * MEGABYTE:
        raise Refusal(400, f"Invalid image: the file must be at most {limit} MB.", param="image")
    found = _opened(upload, "image")
    if found.format.lower() not in model.limits.reference_types:
        raise _invalid_file("image")
    return found


def _opened(upload: Upload, name: str) -> _Header:
    try:
        with Image.open(io.BytesIO(upload.data)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise _invalid_file(name)
            has_alpha = picture.mode in ALPHA_MODES or "transparency" in picture.info
            return _Header(picture.format or "", Size(*picture.size), has_alpha)
    except BROKEN as error:
        raise _invalid_file(name) from error


def _invalid_file(name: str) -> Refusal:
    message = "Invalid image file or mode, please check your image file."
    return Refusal(400, message, type=errors.USER_ERROR, param=name, code="invalid_image_file")
