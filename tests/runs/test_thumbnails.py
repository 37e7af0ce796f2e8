"""Small versions: three widths, never larger than the picture, within limits whatever the bytes hold."""

import base64
import io
from contextlib import suppress

import pytest
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image

from playground.runs import storage, thumbnails
from playground.runs.thumbnails import UnreadablePictureError, make_thumbnails
from tests.factories import image_bytes

SHA = "ab" * 32
pytestmark = pytest.mark.django_db  # for folders of its own


@pytest.fixture
def make(tmp_path):
    def make_from(content: bytes):
        source = tmp_path / "source"
        source.write_bytes(content)
        return make_thumbnails(source, SHA, tmp_path)

    return make_from


def sizes(made) -> dict[int, tuple[int, int]]:
    found = {}
    for width in made.widths:
        with Image.open(settings.MEDIA_ROOT / storage.thumbnail_name(SHA, width)) as image:
            assert image.format == "WEBP"
            found[width] = image.size
    return found


class TestWidths:
    @pytest.mark.parametrize(
        ("size", "made"),
        [
            ((2048, 1152), {320: (320, 180), 640: (640, 360), 1280: (1280, 720)}),
            ((1024, 1024), {320: (320, 320), 640: (640, 640), 1280: (1024, 1024)}),
            ((640, 480), {320: (320, 240), 1280: (640, 480)}),
            ((100, 50), {1280: (100, 50)}),
            ((1, 1), {1280: (1, 1)}),
        ],
    )
    def test_three_and_never_upscaled(self, make, size, made):
        assert sizes(make(image_bytes(*size))) == made

    @pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
    def test_from_every_format_that_comes(self, make, format):
        assert set(sizes(make(image_bytes(1600, 900, format=format)))) == {320, 640, 1280}

    @pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
    def test_from_every_kind_of_png(self, make, mode):
        assert make(image_bytes(700, 500, mode=mode, colour=(1, 128) if mode == "LA" else None)).widths

    def test_a_turned_photograph_stands_upright(self, make):
        exif = Image.Exif()
        exif[0x0112] = 6  # turned by a quarter
        file = io.BytesIO()
        Image.new("RGB", (800, 400)).save(file, "JPEG", exif=exif)
        assert sizes(make(file.getvalue()))[320] == (320, 640)

    def test_transparency_stays(self, make):
        make(image_bytes(700, 500, mode="RGBA"))
        with Image.open(settings.MEDIA_ROOT / storage.thumbnail_name(SHA, 320)) as image:
            assert image.convert("RGBA").getpixel((10, 10))[3] == pytest.approx(128, abs=3)

    def test_again_gives_the_same(self, make):
        content = image_bytes(700, 500)
        assert make(content) == make(content)


def noise(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(file, "PNG")
    return file.getvalue()


class TestThePlaceholder:
    @pytest.mark.parametrize("size", [(1024, 1024), (2048, 1152), (512, 1536), (30, 20)])
    def test_is_a_data_url_of_a_few_hundred_bytes(self, make, size):
        placeholder = make(noise(*size)).placeholder
        head, _, body = placeholder.partition(",")
        assert head == "data:image/webp;base64"
        assert len(placeholder) < 600
        with Image.open(io.BytesIO(base64.b64decode(body))) as image:
            assert image.width <= thumbnails.PLACEHOLDER_WIDTH


class TestLimits:
    @pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n", b"GIF89a" + bytes(40)])
    def test_what_is_no_picture_is_said(self, make, content):
        with pytest.raises(UnreadablePictureError):
            make(content)

    def test_a_gif_is_not_read_even_if_it_is_whole(self, make):
        with pytest.raises(UnreadablePictureError):
            make(image_bytes(10, 10, format="gif", mode="P"))

    def test_a_bomb_is_not_unpacked(self, make):
        """A few kilobytes that promise a picture of 225 million pixels."""
        with pytest.raises(UnreadablePictureError):
            make(image_bytes(15_000, 15_000, mode="1"))

    def test_nor_one_just_above_what_fits(self, make):
        side = int(thumbnails.MAX_PIXELS**0.5) + 1
        with pytest.raises(UnreadablePictureError, match="pixels are too many"):
            make(image_bytes(side, side, mode="1"))

    def test_a_strip_that_no_webp_can_hold_is_said(self, make):
        with pytest.raises(UnreadablePictureError):
            make(image_bytes(2, 20_000))

    @hypothesis_settings(
        deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60
    )
    @given(st.sampled_from(["png", "jpeg", "webp"]), st.data())
    def test_broken_bytes_are_a_picture_or_said(self, make, format, data):
        """Never any other error: a row that can't be finished would be tried again for ever."""
        content = bytearray(image_bytes(40, 30, format=format))
        for _ in range(data.draw(st.integers(1, 6))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        with suppress(UnreadablePictureError):
            make(bytes(content[: data.draw(st.integers(1, len(content)))]))
