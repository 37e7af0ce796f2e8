"""What a killed process left in the folder of its call: whole pictures and nothing else."""

import hashlib

import pytest

from playground.gateway import left_behind
from playground.gateway.events import EventStream
from playground.gateway.incoming import Incoming
from playground.gateway.reading import read
from tests.gateway.test_streams import BIG, finished, preview
from tests.gateway.wire import b64, picture


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
class TestAPicture:
    def test_that_is_whole_is_found(self, tmp_path, format):
        content = picture(format, (48, 32))
        (tmp_path / "picture-a.part").write_bytes(content)
        [found] = left_behind(tmp_path)
        assert (found.format, found.width, found.height) == (format.lower(), 48, 32)
        assert (found.sha256, found.path.read_bytes()) == (hashlib.sha256(content).hexdigest(), content)

    @pytest.mark.parametrize("missing", [1, 2, 9, 40])
    def test_that_lacks_its_end_is_not(self, tmp_path, format, missing):
        (tmp_path / "picture-a.part").write_bytes(picture(format, (48, 32))[:-missing])
        assert left_behind(tmp_path) == ()

    def test_that_is_no_part_of_the_answer_is_not(self, tmp_path, format):
        for name in ("event-a.part", "preview-0", "original"):
            (tmp_path / name).write_bytes(picture(format, (48, 32)))
        assert left_behind(tmp_path) == ()


@pytest.mark.parametrize("content", [b"", b"<html>no</html>", b"\x89PNG\r\n\x1a\n IEND\xaeB`\x82"])
def test_what_is_no_picture_is_left_alone(tmp_path, content):
    (tmp_path / "picture-a.part").write_bytes(content)
    assert left_behind(tmp_path) == ()
    assert (tmp_path / "picture-a.part").read_bytes() == content


def test_an_answer_whose_picture_has_come_is_found_before_its_end(tmp_path):
    incoming = Incoming(tmp_path, read)
    incoming.feed(b'{"created": 1, "data": [{"b64_json": "' + b64(BIG).encode() + b'"}], "usa')
    assert [found.sha256 for found in left_behind(tmp_path)] == [hashlib.sha256(BIG).hexdigest()]


def test_a_preview_is_never_taken_for_the_picture(tmp_path):
    stream = EventStream(tmp_path, read)
    whole = preview(0, BIG)
    stream.feed(whole[:-2])  # its last byte is there, the end of its event is not
    assert left_behind(tmp_path) == ()
    stream.feed(whole[-2:] + finished(BIG)[:-2])
    assert len(stream.partials) == 1
    assert [found.sha256 for found in left_behind(tmp_path)] == [hashlib.sha256(BIG).hexdigest()]
