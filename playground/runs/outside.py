"""What a masked edit changed although it should not have: a share, a map of it, and the picture put right.

A mask is a soft guide to the models: they may spill over. Measured on copies of at most 1,024 pixels, where the grain
of a JPEG and the scaling of a picture no longer count as change.
"""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.models import Max
from PIL import Image, ImageChops, ImageFilter, ImageOps

from playground.runs import afterwards, storage
from playground.runs.models import Mask, Output
from playground.runs.thumbnails import UnreadablePictureError, make_thumbnails

logger = logging.getLogger(__name__)
MEASURED_EDGE = 1024
LEAST_CHANGE = 24  # of 255 in any channel: less than this nobody sees beside the original
SAME_SHAPE = 0.02
FORMATS = ("PNG", "JPEG", "WEBP")


class ShapesDifferError(Exception):
    """The answer has another shape than the original, so that one can't be laid over the other."""


@dataclass(frozen=True)
class Spill:
    """How much of what should stay was changed (0 to 1), and where: a PNG, the brighter the more."""

    share: float
    heat: Path


def measure(original: Path, mask: Path, result: Path, folder: Path) -> Spill:
    """Compare what the mask protects. Raises ShapesDifferError."""
    with _open(result) as after:
        size = _measured_size(after.size)
        _check_shapes(original, after.size)
        after.draft("RGB", size)
        new = after.convert("RGB").resize(size, Image.Resampling.BOX)
    with _open(original) as before:
        before.draft("RGB", size)
        old = before.convert("RGB").resize(size, Image.Resampling.BOX)
    # A blur forgives what scaling does to an edge; the rim of the mask belongs to neither side.
    difference = ImageChops.difference(old.filter(ImageFilter.BoxBlur(2)), new.filter(ImageFilter.BoxBlur(2)))
    most = ImageChops.lighter(ImageChops.lighter(*difference.split()[:2]), difference.getchannel(2))
    kept = _kept(mask, size).filter(ImageFilter.MinFilter(7))
    outside = ImageChops.multiply(most, kept)
    protected = kept.histogram()[255]
    changed = sum(outside.histogram()[LEAST_CHANGE:])
    heat = folder / "heat.png"
    bright = outside.point(lambda value: min(255, value * 3))
    ImageOps.colorize(bright, "black", "white", mid="#ff9384").save(heat, "PNG")
    return Spill(changed / protected if protected else 0.0, heat)


def _open(path: Path) -> Image.Image:
    return Image.open(path, formats=FORMATS)


def _measured_size(size: tuple[int, int]) -> tuple[int, int]:
    scale = min(1.0, MEASURED_EDGE / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _check_shapes(original: Path, size: tuple[int, int]) -> None:
    with _open(original) as before:
        ratio, wanted = size[0] / size[1], before.width / before.height
    if abs(ratio / wanted - 1) > SAME_SHAPE:
        raise ShapesDifferError


def _kept(mask: Path, size: tuple[int, int]) -> Image.Image:
    """255 where the picture should stay, 0 where it may change."""
    with _open(mask) as opened:
        return opened.getchannel("A").resize(size, Image.Resampling.NEAREST)


def examine(output: Output, workbench: Path) -> None:
    """Note on a masked answer what it changed outside; one that can't be compared stays without a figure."""
    mask = output.generation.run.mask if output.generation.masked else None
    if mask is None or output.made_from_id is not None:
        return
    try:
        spill = measure(*_files(output, mask, workbench), workbench)
    except (ShapesDifferError, OSError, ValueError) as error:
        logger.info("Output %s can't be compared with its original: %r", output.pk, error)
        return
    output.changed_outside = spill.share
    output.heat_file = storage.prepared_name(_sha256(spill.heat), "png")
    storage.keep(spill.heat, output.heat_file)


def _files(output: Output, mask: Mask, folder: Path) -> tuple[Path, Path, Path]:
    original = mask.upload.png_file or mask.upload.sent_file
    names = (original, mask.file, output.file)
    first, second, third = (storage.at_hand(name, folder) for name in names)
    return first, second, third


def restore(output: Output) -> Output:
    """The answer inside the mask, the original outside it, as a picture of its own: local and free; each once.

    Raises ShapesDifferError, or ValueError for an answer without a mask.
    """
    mask = output.generation.run.mask if output.generation.masked else None
    if mask is None or output.made_from_id is not None:
        raise ValueError(f"{output} was not made with a mask.")
    known = output.restored.first()
    if known is not None:
        return known
    with storage.workbench() as folder:
        path = _composite(*_files(output, mask, folder), folder)
        sha256 = _sha256(path)
        fields = {
            "sha256": sha256, "file": storage.original_name(sha256, "png"), "byte_size": path.stat().st_size,
            "format": "png", "width": output.width, "height": output.height, "made_from": output,
        }  # fmt: skip
        try:
            made = make_thumbnails(path, sha256, folder)
            fields |= {"thumbnails": list(made.widths), "placeholder": made.placeholder}
        except UnreadablePictureError as error:
            logger.warning("No thumbnails of what was restored from output %s: %s", output.pk, error)
        storage.keep(path, storage.original_name(sha256, "png"))
    return _write(output, fields)


def _composite(original: Path, mask: Path, result: Path, folder: Path) -> Path:
    with _open(result) as after:
        _check_shapes(original, after.size)
        picture = after.convert("RGB")
    with _open(original) as before:
        old = before.convert("RGB")
    if old.size != picture.size:
        old = old.resize(picture.size, Image.Resampling.LANCZOS)
    picture.paste(old, (0, 0), _kept(mask, picture.size))
    path = folder / "restored.png"
    picture.save(path, "PNG", compress_level=4)
    return path


def _write(output: Output, fields: dict[str, object]) -> Output:
    siblings = Output.objects.filter(generation=output.generation_id)
    try:
        with transaction.atomic():
            index = siblings.aggregate(last=Max("index"))["last"] + 1
            restored = Output.objects.create(
                workspace_id=output.workspace_id, generation_id=output.generation_id, index=index, **fields
            )
    except IntegrityError:  # pressed twice at the same moment
        return siblings.get(made_from=output)
    afterwards.kept([restored])
    return restored


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
