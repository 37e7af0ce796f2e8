"""Whatever somebody brings along is sent as a clean picture or refused in a sentence, and kept once."""

import hashlib
import io

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from playground.runs import refusals, uploads
from playground.runs.models import Mask, Upload
from playground.runs.preparing import RefusedFileError
from playground.runs.storage import thumbnail_name
from tests import files
from tests.factories import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def take(workspace, tmp_path):
    """Keep these bytes as an upload."""
    return lambda content, name="tin.png": uploads.take_file(
        workspace, files.on_disk(tmp_path, content), name
    )


def sent(upload: Upload) -> Image.Image:
    return files.kept_picture(upload.sent_file)


def codes(upload: Upload) -> list[str]:
    return [code for code, _values in upload.notes]


class TestWhatIsKept:
    def test_is_the_original_to_the_last_byte(self, take):
        content = files.photo_with_place()
        upload = take(content, "garden.jpg")

        assert files.kept(upload.file) == content
        assert upload.sha256 == hashlib.sha256(content).hexdigest()
        assert (upload.name, upload.format, upload.width, upload.height) == ("garden.jpg", "jpeg", 64, 48)

    def test_is_kept_once(self, take):
        first, again = take(files.flat(), "a.png"), take(files.flat(), "b.png")
        assert first == again
        assert Upload.objects.count() == 1
        assert len(default_storage.listdir("originals")[1] or default_storage.listdir("originals")[0]) == 1

    def test_belongs_to_one_workspace(self, take, charlie, tmp_path):
        mine = take(files.flat())
        other = uploads.take_file(charlie.workspaces.get(), files.on_disk(tmp_path, files.flat()), "x.png")
        assert mine != other and mine.file == other.file

    def test_leaves_nothing_else_behind(self, take, settings):
        take(files.flat())
        with pytest.raises(RefusedFileError):
            take(files.SVG)
        assert list(settings.UPLOADS_ROOT.iterdir()) == []


class TestWhatIsSent:
    def test_is_upright_and_says_nothing_of_place_or_camera(self, take):
        upload = take(files.photo_with_place(), "garden.jpg")

        content = files.kept(upload.sent_file)
        assert (upload.sent_width, upload.sent_height) == (48, 64)
        assert not any(secret in content for secret in (b"Exif", b"Secret", b"secret", b"GPS"))
        assert codes(upload) == ["gps_removed", "rotated"]

    @pytest.mark.parametrize(
        ("content", "format", "mode", "said"),
        [
            (files.flat(), "png", "RGB", []),
            (files.flat(mode="RGBA"), "png", "RGBA", []),
            (files.flat(format="JPEG"), "jpeg", "RGB", []),
            (files.flat(format="WEBP"), "webp", "RGB", []),
            (files.flat(mode="P"), "png", "RGB", []),
            (files.flat(mode="L"), "png", "RGB", []),
            (files.flat(mode="1"), "png", "RGB", []),
            (files.flat(mode="I;16"), "png", "RGB", ["deep"]),
            (files.flat(mode="CMYK", format="JPEG"), "jpeg", "RGB", ["cmyk"]),
            (files.flat(mode="CMYK", format="TIFF"), "png", "RGB", ["cmyk", "converted"]),
            (files.flat(format="AVIF"), "jpeg", "RGB", ["converted"]),
            (files.flat(format="GIF"), "png", "RGB", ["converted"]),
            (files.flat(format="BMP"), "png", "RGB", ["converted"]),
            (files.animated("GIF"), "png", "RGB", ["first_frame", "converted"]),
            (files.animated("WEBP"), "webp", "RGB", ["first_frame"]),
            (files.animated("PNG"), "png", "RGB", ["first_frame"]),
            (files.polyglot(), "png", "RGB", ["converted"]),
        ],
        ids=[
            "png",
            "rgba",
            "jpeg",
            "webp",
            "palette",
            "grey",
            "bit",
            "deep",
            "cmyk",
            "cmyk-tiff",
            "avif",
            "gif",
            "bmp",
            "gif3",
            "webp3",
            "apng",
            "polyglot",
        ],
    )
    def test_is_a_picture_that_every_model_reads(self, take, content, format, mode, said):
        upload = take(content)

        with sent(upload) as copy:
            copy.load()
            assert (copy.format.lower(), copy.mode, copy.size) == (format, mode, (64, 48))
            assert not copy.info.keys() & {"exif", "icc_profile", "xmp", "comment"}
        assert codes(upload) == said
        assert all(refusals.note(*one) for one in upload.notes)
        assert b"script" not in files.kept(upload.sent_file)

    def test_keeps_sixteen_bits_as_bright_as_they_are(self, take):
        with sent(take(files.flat(mode="I;16"))) as copy:
            assert copy.getpixel((5, 5)) == (156, 156, 156)  # 40,000 of 65,536

    def test_keeps_every_pixel_of_a_small_png(self, take):
        with sent(take(files.saved(files.noise(64, 48)))) as copy:
            assert copy.tobytes() == files.noise(64, 48).tobytes()

    def test_is_made_lighter_where_it_is_heavy(self, take):
        upload = take(files.saved(files.noise(2400, 1200)))

        assert upload.byte_size > 8_000_000
        assert (upload.sent_format, upload.sent_width, upload.sent_height) == ("jpeg", 2048, 1024)
        assert upload.sent_byte_size < 2_500_000 and upload.is_lighter
        assert ["scaled", {"from": "2400x1200", "to": "2048x1024"}] in upload.notes

    def test_stays_transparent_when_it_is_made_lighter(self, take):
        with sent(take(files.saved(files.noise(1400, 900, "RGBA")))) as copy:
            assert (copy.format, copy.mode) == ("WEBP", "RGBA")

    def test_has_a_thumbnail(self, take):
        upload = take(files.flat(640, 480))
        assert files.kept_picture(thumbnail_name(upload.sent_sha256, 320)).size == (320, 240)


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "empty"), (b"hello", "no_picture"), (files.SVG, "format"), (files.HEIC, "format"),
            (b"%PDF-1.7 " + bytes(99), "format"), (b"<!doctype html><p>hi", "format"),
            (files.flat()[:60], "truncated"), (files.saved(files.noise(200, 200))[:50_000], "truncated"),
            (files.bomb(), "pixels"), (files.hundred_megapixels(), "pixels"), (files.text_bomb(), "broken"),
            (b"\x89PNG\r\n\x1a\n" + bytes(500), "no_picture"),
        ],
    )  # fmt: skip
    def test_is_refused_with_a_sentence(self, take, content, code):
        with pytest.raises(RefusedFileError) as refused:
            take(content)
        sentence = refusals.refusal("photo.png", refused.value.code, refused.value.values)
        assert refused.value.code == code
        assert sentence.startswith("“photo.png” was not taken: ") and "%(" not in sentence
        assert not Upload.objects.exists()

    def test_is_named_by_what_it_is_and_not_by_its_ending(self, take):
        with pytest.raises(RefusedFileError) as refused:
            take(files.HEIC, "photo.jpg")
        assert refused.value.values == {"name": "HEIC"}

    def test_includes_what_takes_too_long(self, take, monkeypatch):
        monkeypatch.setattr(uploads, "SECONDS", 0.001)
        with pytest.raises(RefusedFileError) as refused:
            take(files.flat())
        assert refused.value.code == "too_slow"


class TestAPictureThatWasMadeHere:
    def test_is_used_without_a_copy(self, workspace):
        output = picture(workspace, 640, 480)
        upload = uploads.take_output(output)

        assert (upload.file, upload.sent_file) == (output.file, output.file)
        assert (upload.taken_from, upload.name) == (output, output.download_name)
        assert not default_storage.exists("prepared")
        assert uploads.take_output(output) == upload

    def test_is_the_same_as_its_download_brought_back(self, workspace, take):
        output = picture(workspace, 640, 480)
        upload = uploads.take_output(output)
        assert take(files.kept(output.file), "download.png") == upload

    def test_is_sent_lighter_where_it_is_heavy(self, workspace):
        output = picture(workspace, content=files.saved(files.noise(2400, 1200)))
        upload = uploads.take_output(output)
        assert upload.file == output.file != upload.sent_file
        assert upload.sent_width == 2048


class TestAMask:
    @pytest.fixture
    def upload(self, take) -> Upload:
        return take(files.flat(64, 48, format="JPEG"))

    @pytest.fixture
    def mask_of(self, upload, tmp_path):
        return lambda content: uploads.take_mask(upload, files.on_disk(tmp_path, content, "mask"))

    @staticmethod
    def painted(mode: str = "RGBA", size=(64, 48), box=(8, 8, 24, 20)) -> bytes:
        drawn = Image.new(mode, size, {"RGBA": (0, 0, 0, 255)}.get(mode, 0))
        drawn.paste({"RGBA": (0, 0, 0, 0)}.get(mode, 255), box)
        return files.saved(drawn)

    def test_is_alpha_of_the_size_that_is_sent(self, mask_of):
        mask, notes = mask_of(self.painted())
        with files.kept_picture(mask.file) as kept:
            alpha = kept.getchannel("A")
            assert (kept.format, kept.mode, kept.size, notes) == ("PNG", "RGBA", (64, 48), [])
        with Image.open(io.BytesIO(self.painted())) as drawn:
            assert alpha.tobytes() == drawn.getchannel("A").tobytes()
        assert mask.share == pytest.approx(16 * 12 / (64 * 48))

    def test_has_its_picture_beside_it_as_png(self, mask_of, upload):
        mask_of(self.painted())
        upload.refresh_from_db()
        with files.kept_picture(upload.png_file) as kept, sent(upload) as copy:
            assert kept.format == "PNG" and kept.tobytes() == copy.tobytes()

    def test_has_no_soft_edge(self, mask_of):
        drawn = Image.new("RGBA", (64, 48))
        drawn.putalpha(Image.linear_gradient("L").resize((64, 48)))
        mask, _notes = mask_of(files.saved(drawn))
        with files.kept_picture(mask.file) as kept:
            assert {value for _count, value in kept.getchannel("A").getcolors()} == {0, 255}

    def test_of_black_and_white_changes_what_is_white(self, mask_of):
        mask, notes = mask_of(self.painted("L"))
        assert mask.share == pytest.approx(16 * 12 / (64 * 48))
        assert [code for code, _values in notes] == ["mask_white"]

    def test_of_another_size_and_the_same_shape_is_scaled(self, mask_of):
        mask, notes = mask_of(self.painted(size=(128, 96), box=(16, 16, 48, 40)))
        assert mask.share == pytest.approx(16 * 12 / (64 * 48))
        assert [code for code, _values in notes] == ["mask_scaled"]

    @pytest.mark.parametrize(
        ("content", "code"),
        [(files.flat(48, 64, "RGBA"), "mask_shape"), (files.flat(64, 48, "RGBA", (0, 0, 0, 255)), "mask_empty"),
         (b"hello", "no_picture"), (files.bomb(), "pixels")],
    )  # fmt: skip
    def test_that_can_not_be_one_is_refused(self, mask_of, content, code):
        with pytest.raises(RefusedFileError) as refused:
            mask_of(content)
        assert refused.value.code == code
        assert not Mask.objects.exists()

    def test_twice_is_one(self, mask_of):
        assert mask_of(self.painted())[0] == mask_of(self.painted())[0]
