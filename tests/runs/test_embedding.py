"""Words beside the pixels: put in without a pixel decoded, found again, and nothing that is hostile gets far."""

import contextlib
import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from playground.runs.embedding import (
    MOST_PACKET_BYTES,
    MOST_PACKETS,
    MalformedError,
    Packet,
    packets_in,
    plan_as_it_is,
    plan_with,
)
from playground.runs.embedding.jpeg import LARGEST_PACKET
from playground.runs.embedding.png import XMP
from tests import files

WORDS = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>a story</x:xmpmeta>"
LONG = b"<x>" + bytes(range(32, 59)) * 8000 + b"</x>"
TEXTS = [("Title", "214B"), ("Description", "A tea tin, 茶叶罐")]
PICTURES = {
    "png": files.flat(),
    "png with transparency": files.flat(mode="RGBA"),
    "png with a profile": files.wide_gamut(),
    "jpeg": files.flat(format="JPEG"),
    "jpeg of a camera": files.photo_with_place(),
    "jpeg, filled up": files.flat(format="JPEG")[:20] + b"\xff\xff" + files.flat(format="JPEG")[20:],
    "jpeg, progressive": files.saved(files.noise(80, 60), "JPEG", progressive=True),
    "webp, lossy": files.saved(files.noise(65, 43), "WEBP", quality=80),
    "webp, lossless": files.saved(files.noise(65, 43), "WEBP", lossless=True),
    "webp, lossless with transparency": files.saved(files.noise(64, 43, "RGBA"), "WEBP", lossless=True),
    "webp, lossy with transparency": files.saved(files.noise(64, 43, "RGBA"), "WEBP", quality=80),
    "webp with Exif": files.flat(format="WEBP", exif=Image.Exif().tobytes() + b"II*\0"),
    "webp that moves": files.animated("WEBP"),
    "png with words of others": files.flat(),
}
every_picture = pytest.mark.parametrize("name", PICTURES)


def told(content: bytes, format: str, packet: bytes = WORDS, more: bytes = b"") -> bytes:
    source = io.BytesIO(content)
    plan = plan_with(source, format, Packet(packet, packet[:100] if more else b"", more), TEXTS)
    made = b"".join(plan.pieces(source))
    assert plan.length == len(made)
    return made


def format_of(name: str) -> str:
    return name.split(",")[0].split(" ")[0]


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def pngs_chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    at, found = 8, []
    while at < len(content):
        size = int.from_bytes(content[at : at + 4])
        kind, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + size]
        assert int.from_bytes(content[at + 8 + size : at + 12 + size]) == zlib.crc32(kind + body)
        found.append((kind, body))
        at += 12 + size
    return found


def webps_chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    assert int.from_bytes(content[4:8], "little") == len(content) - 8
    at, found = 12, []
    while at < len(content):
        size = int.from_bytes(content[at + 4 : at + 8], "little")
        found.append((content[at : at + 4], content[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
    return found


@every_picture
def test_the_words_are_read_by_others_and_every_pixel_is_what_it_was(name):
    before, after = PICTURES[name], told(PICTURES[name], format_of(name))
    old, new = opened(before), opened(after)
    assert new.info.get("xmp") == WORDS
    assert (old.format, old.mode, old.size) == (new.format, new.mode, new.size)
    assert old.tobytes() == new.tobytes()
    assert {key: value for key, value in old.info.items() if key in ("icc_profile", "exif", "dpi")} == {
        key: value for key, value in new.info.items() if key in ("icc_profile", "exif", "dpi")
    }
    assert list(packets_in(io.BytesIO(after))) == [WORDS]
    assert list(packets_in(io.BytesIO(before))) == []


@pytest.mark.parametrize("name", [name for name in PICTURES if name.startswith("png")])
def test_a_pngs_other_chunks_stay_as_they_are(name):
    after = pngs_chunks(told(PICTURES[name], "png"))
    ours = [body for kind, body in after if kind == b"iTXt"]
    assert [chunk for chunk in after if chunk[0] != b"iTXt"] == pngs_chunks(PICTURES[name])
    assert [body.split(b"\0")[0] for body in ours] == [b"XML:com.adobe.xmp", b"Title", b"Description"]
    assert opened(told(PICTURES[name], "png")).text["Description"] == "A tea tin, 茶叶罐"
    assert [kind for kind, _body in after].index(b"iTXt") < [kind for kind, _body in after].index(b"IDAT")


@pytest.mark.parametrize("name", [name for name in PICTURES if name.startswith("jpeg")])
def test_a_jpegs_other_segments_stay_as_they_are(name):
    ours = b"\xff\xe1" + struct.pack(">H", 2 + 29 + len(WORDS)) + b"http://ns.adobe.com/xap/1.0/\0" + WORDS
    after = told(PICTURES[name], "jpeg")
    assert after.replace(ours, b"") == PICTURES[name]
    assert after[2:4] in (b"\xff\xe0", b"\xff\xe1") and after.index(ours) > 2


@pytest.mark.parametrize("name", [name for name in PICTURES if name.startswith("webp")])
def test_a_webps_other_chunks_stay_as_they_are(name):
    before, after = webps_chunks(PICTURES[name]), webps_chunks(told(PICTURES[name], "webp"))
    assert after[0][0] == b"VP8X" and after[0][1][0] & 0x04 and after[-1] == (b"XMP ", WORDS)
    assert after[1:-1] == [chunk for chunk in before if chunk[0] != b"VP8X"]


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
def test_a_file_has_one_story_the_last(format):
    once = told(files.flat(format=format.upper()), format, b"<old>" + LONG + b"</old>", LONG)
    twice = told(once, format)
    assert list(packets_in(io.BytesIO(twice))) == [WORDS]
    assert len(twice) < len(once)


@pytest.mark.parametrize("format", ["png", "webp"])
def test_a_long_story_is_one_piece(format):
    after = told(files.flat(format=format.upper()), format, LONG)
    assert list(packets_in(io.BytesIO(after))) == [LONG] and opened(after)


def test_a_long_story_goes_into_a_jpeg_in_parts_and_comes_out_whole():
    assert len(LONG) > 3 * LARGEST_PACKET
    after = told(files.flat(format="JPEG"), "jpeg", LONG, LONG)
    main, more = packets_in(io.BytesIO(after))
    assert (main, more) == (LONG[:100], LONG)
    assert opened(after).tobytes() == opened(files.flat(format="JPEG")).tobytes()


def test_what_lies_behind_the_picture_stays():
    for format in ("png", "jpeg", "webp"):
        assert told(files.flat(format=format.upper()) + b"and more", format).endswith(b"and more")


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", files.SVG, files.flat(format="PNG")[:40], b"\xff\xd8\xff"]
)
def test_what_is_no_such_picture_is_said_to_be_malformed(format, content):
    with pytest.raises(MalformedError):
        told(content, format)


def test_as_it_is_is_as_it_is():
    source = io.BytesIO(PICTURES["jpeg"])
    assert b"".join(plan_as_it_is(source).pieces(source)) == PICTURES["jpeg"]


# -- Whoever means harm --------------------------------------------------------------------------------------------


@given(
    name=st.sampled_from(sorted(PICTURES)),
    at=st.integers(0, 3000),
    junk=st.binary(max_size=40),
    cut=st.none() | st.integers(0, 3000),
)
def test_damage_anywhere_ends_in_an_answer(name, at, junk, cut):
    content = told(PICTURES[name], format_of(name))
    damaged = (content[:at] + junk + content[at + len(junk) :])[:cut]
    for packet in packets_in(io.BytesIO(damaged)):
        assert len(packet) <= MOST_PACKET_BYTES
    with contextlib.suppress(MalformedError):
        told(damaged, format_of(name))


@given(
    st.binary(max_size=400), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"RIFF\x40\0\0\0WEBP"])
)
def test_any_bytes_end_in_an_answer(content, start):
    assert sum(map(len, packets_in(io.BytesIO(start + content)))) <= 2 * MOST_PACKET_BYTES


def test_a_text_that_unpacks_to_gigabytes_is_cut_off():
    body = XMP + b"\x01\x00\x00\x00" + zlib.compress(bytes(50_000_000), 9)
    bomb = files.png(64, 48, (b"iTXt", body))
    assert [len(packet) for packet in packets_in(io.BytesIO(bomb))] == [MOST_PACKET_BYTES]


def test_a_crowd_of_such_texts_is_not_unpacked():
    body = XMP + b"\x01\x00\x00\x00" + zlib.compress(bytes(5_000_000), 9)
    crowd = files.png(64, 48, *[(b"iTXt", body)] * 2_000)
    assert len(list(packets_in(io.BytesIO(crowd)))) == MOST_PACKETS


def test_a_packed_text_is_read():
    bomb = files.png(64, 48, (b"iTXt", XMP + b"\x01\x00en\x00\x00" + zlib.compress(WORDS)))
    assert list(packets_in(io.BytesIO(bomb))) == [WORDS]


def test_chunks_without_end_are_not_counted_for_ever():
    crowd = files.png(64, 48, *[(b"tEXt", b"")] * 60_000)
    assert list(packets_in(io.BytesIO(crowd))) == []
