"""Originals without what was written into them: no word is left, and no pixel is changed."""

import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from playground.sharing.bare import Bare, NotBareError
from tests.factories import image_bytes

SECRET = "SECRETPROMPT of a lighthouse"
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><p>{SECRET}</p></x:xmpmeta>'.encode()


def left_of(content: bytes, kind: str) -> bytes:
    file = io.BytesIO(content)
    bare = Bare.of(file, kind)
    left = b"".join(bare)
    assert len(left) == bare.length
    bare.close()
    assert file.closed
    return left


def pixels(content: bytes) -> tuple[str, tuple[int, int], bytes]:
    with Image.open(io.BytesIO(content)) as picture:
        return picture.mode, picture.size, picture.tobytes()


def drawn(mode: str = "RGB") -> Image.Image:
    """Something that no flat picture would pass for."""
    return Image.linear_gradient("L").resize((90, 60)).convert(mode)


def exif(orientation: int = 1) -> bytes:
    noted = Image.Exif()
    noted[0x010E], noted[0x0131], noted[0x0112] = SECRET, "SECRETMODEL", orientation
    return noted.tobytes()


def saved(picture: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def png() -> bytes:
    """With text of every kind, EXIF, a time, content credentials, and a second file behind the end."""
    words = PngImagePlugin.PngInfo()
    words.add_text("parameters", SECRET)
    words.add_text("prompt", SECRET, zip=True)
    words.add_itxt("XML:com.adobe.xmp", XMP.decode())
    plain = saved(drawn("RGBA"), "PNG", pnginfo=words, exif=exif(), dpi=(144, 144))
    extra = b"".join(
        struct.pack(">I4s", len(data), name) + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in ((b"caBX", SECRET.encode()), (b"tIME", bytes(7)), (b"prVt", SECRET.encode()))
    )
    return plain[:33] + extra + plain[33:] + b"SECRET behind the end"


def jpeg(orientation: int = 1, **options) -> bytes:
    """With EXIF, XMP, a comment, and a second file behind the end."""
    plain = saved(drawn(), "JPEG", exif=exif(orientation), comment=SECRET, quality=90, **options)
    xmp = b"http://ns.adobe.com/xap/1.0/\0" + XMP
    segment = b"\xff\xe1" + struct.pack(">H", len(xmp) + 2) + xmp
    return plain[:2] + segment + plain[2:] + b"SECRET behind the end"


def webp(**options) -> bytes:
    return saved(drawn("RGBA"), "WEBP", exif=exif(), xmp=XMP, **options) + b"SECRET behind the end"


ORIGINALS = {
    "png": (png(), "png"),
    "jpeg": (jpeg(), "jpeg"),
    "progressive jpeg": (jpeg(progressive=True), "jpeg"),
    "webp": (webp(quality=80), "webp"),
    "lossless webp": (webp(lossless=True), "webp"),
}
each_original = pytest.mark.parametrize("content, kind", ORIGINALS.values(), ids=ORIGINALS)


@each_original
def test_no_word_is_left(content, kind):
    assert b"SECRET" in content or kind == "png"
    left = left_of(content, kind)
    assert b"SECRET" not in left and b"xmp" not in left.lower()
    with Image.open(io.BytesIO(left)) as picture:
        picture.load()
        assert SECRET not in str(picture.info) and not picture.getexif()


@each_original
def test_no_pixel_is_changed(content, kind):
    assert pixels(left_of(content, kind)) == pixels(content)


@each_original
def test_what_is_left_has_nothing_more_to_lose(content, kind):
    left = left_of(content, kind)
    assert left_of(left, kind) == left


def test_text_in_a_png_was_there_before():
    with Image.open(io.BytesIO(png())) as picture:
        picture.load()
        assert picture.info["parameters"] == picture.info["prompt"] == SECRET


def test_which_side_is_up_is_still_known():
    left = left_of(jpeg(orientation=6), "jpeg")
    assert b"SECRET" not in left
    with Image.open(io.BytesIO(left)) as picture:
        assert dict(picture.getexif()) == {0x0112: 6}


def test_colours_are_still_known():
    profile = b"\0" * 36 + b"acsp" + b"\0" * 88  # as long as a profile's head, which is all that is looked at
    for kind, content in (
        ("png", saved(drawn(), "PNG", icc_profile=profile)),
        ("jpeg", saved(drawn(), "JPEG", icc_profile=profile)),
        ("webp", saved(drawn(), "WEBP", icc_profile=profile)),
    ):
        with Image.open(io.BytesIO(left_of(content, kind))) as picture:
            assert picture.info["icc_profile"] == profile, kind


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
@pytest.mark.parametrize(
    "content", [b"", b"x", b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"RIFF\x00\x00", bytes(99)]
)
def test_a_file_that_is_something_else_is_not_given_away(content, kind):
    with pytest.raises(NotBareError):
        Bare.of(io.BytesIO(content), kind)


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_a_file_that_ends_too_early_is_not_given_away(kind):
    with pytest.raises(NotBareError):
        Bare.of(io.BytesIO(image_bytes(90, 60, format=kind)[:-40]), kind)
