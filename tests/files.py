"""Files as people bring them, and as somebody who means harm makes them. All small, all made in memory."""

from __future__ import annotations

import io
import random
import struct
import zlib
from pathlib import Path

from django.core.files.storage import default_storage
from PIL import Image, ImageCms

SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200)


def noise(width: int, height: int, mode: str = "RGB", seed: int = 1) -> Image.Image:
    """A picture that can't be compressed, always the same one."""
    bands = len(Image.new(mode, (1, 1)).getbands())
    return Image.frombytes(mode, (width, height), random.Random(seed).randbytes(width * height * bands))


def saved(picture: Image.Image, format: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


def flat(
    width: int = 64, height: int = 48, mode: str = "RGB", colour=None, format: str = "PNG", **options
) -> bytes:
    colours = {"RGB": (180, 90, 40), "RGBA": (180, 90, 40, 100), "CMYK": (10, 120, 200, 20), "I;16": 40_000}
    return saved(Image.new(mode, (width, height), colour or colours.get(mode, 1)), format, **options)


def photo_with_place(width: int = 64, height: int = 48) -> bytes:
    """As from a phone that lay on its side: an orientation, a camera, a place, a comment and a thumbnail's name."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Secret Camera"
    exif.get_ifd(0x8825)[1], exif.get_ifd(0x8825)[2] = "N", (48.0, 51.0, 30.0)
    return flat(width, height, format="JPEG", exif=exif, comment=b"my secret garden")


def animated(format: str) -> bytes:
    frames = [Image.new("RGB", (64, 48), colour) for colour in ((200, 0, 0), (0, 200, 0), (0, 0, 200))]
    return saved(frames[0], format, save_all=True, append_images=frames[1:], duration=50)


def wide_gamut() -> bytes:
    """A picture whose profile is not sRGB."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    return flat(icc_profile=profile)


def png(width: int, height: int, *chunks: tuple[bytes, bytes], data: bytes = b"") -> bytes:
    """A PNG of these claims, written by hand: whatever they are."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", data or zlib.compress(b"")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )


def bomb() -> bytes:
    """A few kilobytes that claim two gigapixels."""
    return png(46_000, 46_000, data=zlib.compress(bytes(4_000_000)))


def text_bomb() -> bytes:
    """A picture beside which a text unpacks to a gigabyte (here: a hundredth of it, a hundred times)."""
    text = b"Comment\x00\x00" + zlib.compress(bytes(10_000_000), 9)
    rows = zlib.compress(b"".join(b"\x00" + bytes(64 * 3) for _row in range(48)))
    return png(64, 48, *[(b"zTXt", text)] * 100, data=rows)


def polyglot() -> bytes:
    """A picture with a page and a script behind it."""
    return flat(format="GIF") + b"<html><script>alert(document.cookie)</script></html>"


def hundred_megapixels() -> bytes:
    return saved(Image.new("1", (10_000, 10_000)), "PNG")


def on_disk(folder: Path, content: bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def kept(name: str) -> bytes:
    """What lies in storage under this name."""
    with default_storage.open(name) as file:
        return file.read()


def kept_picture(name: str) -> Image.Image:
    """The same, decoded."""
    picture = Image.open(io.BytesIO(kept(name)))
    picture.load()
    return picture
