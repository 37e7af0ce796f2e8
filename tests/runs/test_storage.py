"""Picture bytes: kept under their own hash, whole or not at all, on a disk or on any other storage of Django's."""

import hashlib

import pytest
from django.conf import settings
from django.core.files.storage import default_storage

from playground.runs import storage, work
from playground.runs.models import State
from tests.factories import answer, image_bytes, picture, running, worker_row


@pytest.fixture
def elsewhere(settings):
    """A storage that is no file system, as S3 is none."""
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }


def stored(name: str) -> bytes:
    with default_storage.open(name) as file:
        return file.read()


def draft(tmp_path, content=b"bytes of a picture"):
    path = tmp_path / "draft"
    path.write_bytes(content)
    return path, storage.original_name(hashlib.sha256(content).hexdigest(), "png")


@pytest.mark.django_db
class TestKeeping:
    def test_the_name_is_the_hash(self):
        assert storage.original_name("abcdef", "png") == "originals/ab/cd/abcdef.png"
        assert storage.thumbnail_name("abcdef", 320) == "thumbnails/ab/cd/abcdef-320.webp"

    def test_the_file_is_moved_and_readable_by_its_owner_only(self, tmp_path):
        source, name = draft(tmp_path)
        source.chmod(0o600)
        storage.keep(source, name)

        kept = settings.MEDIA_ROOT / name
        assert kept.read_bytes() == b"bytes of a picture"
        assert not source.exists()
        assert kept.stat().st_mode & 0o077 == 0

    def test_the_same_bytes_are_there_once(self, tmp_path):
        for _ in range(2):
            storage.keep(*draft(tmp_path))
        assert len([path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]) == 1

    def test_a_repeat_after_the_move_is_harmless(self, tmp_path):
        source, name = draft(tmp_path)
        storage.keep(source, name)
        storage.keep(source, name)
        assert default_storage.exists(name)

    def test_what_is_nowhere_is_an_error(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            storage.keep(tmp_path / "nothing", "originals/no/th/nothing.png")

    def test_an_original_is_the_providers_bytes_untouched(self, workspace):
        content = image_bytes(64, 48, format="jpeg")
        output = picture(workspace, content=content)
        assert output.file.endswith(f"{hashlib.sha256(content).hexdigest()}.jpeg")
        assert stored(output.file) == content

    def test_the_same_picture_twice_is_two_outputs_of_one_file(self, workspace):
        content = image_bytes(64, 48)
        outputs = [picture(workspace, content=content) for _ in range(2)]
        assert outputs[0].file == outputs[1].file
        assert len(list(settings.MEDIA_ROOT.glob("originals/*/*/*"))) == 1


@pytest.mark.django_db
class TestAnotherStorage:
    def test_keeps_originals_and_thumbnails(self, workspace, elsewhere):
        content = image_bytes(700, 500)
        output = picture(workspace, content=content)

        assert stored(output.file) == content
        assert output.thumbnails
        for width in output.thumbnails:
            assert default_storage.exists(storage.thumbnail_name(output.sha256, width))
        assert not settings.MEDIA_ROOT.exists()

    def test_holds_the_same_bytes_once(self, elsewhere, tmp_path):
        for _ in range(2):
            storage.keep(*draft(tmp_path))
        name = draft(tmp_path)[1]
        assert default_storage.listdir(name.rpartition("/")[0])[1] == [name.rpartition("/")[2]]

    def test_lends_a_file_for_a_moment(self, elsewhere, tmp_path):
        source, name = draft(tmp_path)
        storage.keep(source, name)
        with storage.local_copy(name, tmp_path) as path:
            assert path.read_bytes() == b"bytes of a picture"
        assert not path.exists()


@pytest.mark.django_db
class TestThumbnailsThatCantBeMade:
    def test_a_picture_that_breaks_off_is_kept_without_them(self, workspace):
        """It was paid for; the browser shows what it can of it."""
        generation, attempt = running(workspace, worker_row())
        given = answer(storage.incoming(attempt.pk), image_bytes(300, 200, format="png"))
        [one] = given.pictures
        one.path.write_bytes(one.path.read_bytes()[:100])
        work.keep_answer(generation, attempt, given)

        generation.refresh_from_db()
        output = generation.outputs.get()
        assert generation.state == State.SUCCEEDED
        assert (output.thumbnails, output.placeholder) == ([], "")
        assert output.thumb(320) == output.original_url
