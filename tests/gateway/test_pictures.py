"""What a file is, by its bytes alone."""

import struct
import tempfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.gateway.pictures import MAX_EDGE, Facts, examine
from tests.gateway.wire import picture


def facts(data: bytes, folder: Path) -> Facts | None:
    path = folder / "x.part"
    path.write_bytes(data)
    return examine(path)


def png_header(width: int, height: int) -> bytes:
    inside = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + inside + struct.pack(">I", zlib.crc32(inside))


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_the_three_formats(tmp_path, format):
    assert facts(picture(format, (48, 32)), tmp_path) == Facts(format.lower(), 48, 32, False)


@pytest.mark.parametrize(("format", "mode"), [("PNG", "RGBA"), ("PNG", "LA"), ("WEBP", "RGBA")])
def test_alpha_is_seen(tmp_path, format, mode):
    result = facts(picture(format, (4, 4), mode), tmp_path)
    assert result is not None
    assert result.has_alpha


@pytest.mark.parametrize("format", ["GIF", "BMP", "TIFF", "ICO"])
def test_other_formats_are_no_pictures_here(tmp_path, format):
    assert facts(picture(format, (16, 16)), tmp_path) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"RIFF\x00\x00\x00\x00WEBP",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html>no</html>",
        b"%PDF-1.7",
    ],
)
def test_what_is_no_picture(tmp_path, data):
    assert facts(data, tmp_path) is None


@pytest.mark.parametrize(
    ("width", "height"), [(MAX_EDGE + 1, 1), (0, 5), (16_000, 16_000), (2**31 - 1, 2**31 - 1)]
)
def test_unbelievable_sizes_are_refused(tmp_path, width, height):
    assert facts(png_header(width, height), tmp_path) is None


@given(st.sampled_from(["PNG", "JPEG", "WEBP"]), st.data())
@settings(deadline=None, max_examples=200)
def test_broken_pictures_raise_nothing(format, data):
    good = bytearray(picture(format, (8, 8)))
    for _ in range(data.draw(st.integers(0, 6))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(good)))
    with tempfile.TemporaryDirectory() as folder:
        result = facts(bytes(good[:cut]), Path(folder))
    assert result is None or result.format in ("png", "jpeg", "webp")
