"""The streaming JSON reader: same result however the body is cut, little memory, limits, no surprises."""

import base64
import hashlib
import json
import tempfile
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.gateway.blobs import Base64Writer, TooLargeError
from playground.gateway.spill import (
    HEAD_BYTES,
    MAX_BLOBS,
    MAX_DEPTH,
    MalformedError,
    Spill,
)

LONG = bytes(range(256)) * 12


def text_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def read(body: bytes, folder: Path, cuts: int = 7, **limits: int) -> tuple[dict[str, object], Spill]:
    spill = Spill(folder, **limits)
    for start in range(0, len(body), cuts):
        spill.feed(body[start : start + cuts])
    return spill.finish(), spill


def the_blob(body: str, folder: Path, cuts: int = 7) -> bytes:
    """The bytes of the one string in {"data": ...} that was spilled."""
    parsed, spill = read(body.encode(), folder, cuts)
    blob = spill.blob(str(parsed["data"]))
    assert blob is not None
    assert blob.is_whole
    assert hashlib.sha256(blob.path.read_bytes()).hexdigest() == blob.sha256
    assert blob.path.stat().st_size == blob.byte_size
    return blob.path.read_bytes()


class TestLongBase64:
    def test_it_goes_to_a_file_and_leaves_a_placeholder(self, tmp_path):
        body = json.dumps({"data": text_of(LONG), "usage": {"output_tokens": 7}})
        assert the_blob(body, tmp_path) == LONG
        parsed, _ = read(body.encode(), tmp_path)
        assert parsed["usage"] == {"output_tokens": 7}
        assert len(str(parsed["data"])) < 60

    @pytest.mark.parametrize(
        "prefix", ["data:image/png;base64,", "data:image\\/webp;base64,", "data:;base64,"]
    )
    def test_a_prefix_is_taken_off(self, tmp_path, prefix):
        assert the_blob(f'{{"data": "{prefix}{text_of(LONG)}"}}', tmp_path) == LONG

    def test_a_doubled_prefix_is_taken_off(self, tmp_path):
        prefix = "data:image/png;base64," * 2
        assert the_blob(f'{{"data": "{prefix}{text_of(LONG)}"}}', tmp_path) == LONG

    def test_escapes_are_read(self, tmp_path):
        text = text_of(LONG).replace("/", "\\/").replace("+", "\\u002b").replace("=", "\\u003D")
        assert the_blob(f'{{"data": "{text}"}}', tmp_path) == LONG

    @pytest.mark.parametrize("line_end", ["\\n", "\\r\\n", "\n", "\\u000a"])
    def test_line_ends_are_skipped(self, tmp_path, line_end):
        text = text_of(LONG)
        wrapped = line_end.join(text[start : start + 76] for start in range(0, len(text), 76))
        assert the_blob(f'{{"data": "{wrapped}"}}', tmp_path) == LONG

    @pytest.mark.parametrize("extra", [0, 1, 2])
    def test_missing_padding_is_fine(self, tmp_path, extra):
        data = LONG + b"x" * extra
        assert the_blob('{{"data": "{}"}}'.format(text_of(data).rstrip("=")), tmp_path) == data

    def test_the_url_alphabet_is_fine(self, tmp_path):
        text = base64.urlsafe_b64encode(LONG).decode()
        assert the_blob(f'{{"data": "{text}"}}', tmp_path) == LONG

    @pytest.mark.parametrize("bad", ["!", "\\u00e9", "é", "=AAAA", "\\b", "A"])
    def test_wrong_base64_is_not_whole(self, tmp_path, bad):
        parsed, spill = read((f'{{"data": "{text_of(LONG)}{bad}"}}').encode(), tmp_path)
        blob = spill.blob(str(parsed["data"]))
        assert blob is not None
        assert not blob.is_whole
        assert blob.path.read_bytes()[:3000] == LONG[:3000]

    def test_markdown_around_it_stays_as_words(self, tmp_path):
        body = f'{{"data": "Here: ![image](data:image\\/png;base64,{text_of(LONG)}) and more"}}'
        parsed, spill = read(body.encode(), tmp_path)
        assert spill.placeholder.sub("*", str(parsed["data"])) == "Here: ![image](*) and more"
        assert spill.blobs[0].path.read_bytes() == LONG

    def test_two_pictures_in_one_text(self, tmp_path):
        one = f"![a](data:image/png;base64,{text_of(LONG)})"
        parsed, spill = read(json.dumps({"data": f"{one} {one}"}).encode(), tmp_path)
        assert spill.placeholder.sub("*", str(parsed["data"])) == "![a](*) ![a](*)"
        assert [blob.path.read_bytes() for blob in spill.blobs] == [LONG, LONG]

    def test_long_prose_stays_in_the_skeleton(self, tmp_path):
        prose = 'A quiet harbour at dawn, with "quotes", \\ and 港口. ' * 100
        parsed, spill = read(json.dumps({"data": prose}).encode(), tmp_path)
        assert parsed["data"] == prose
        assert spill.blobs == []

    def test_a_short_string_stays_in_the_skeleton(self, tmp_path):
        text = text_of(b"x" * 700)
        parsed, spill = read(json.dumps({"data": text}).encode(), tmp_path)
        assert len(text) < HEAD_BYTES
        assert parsed["data"] == text
        assert spill.blobs == []


class TestHoweverItIsCut:
    BODY = (
        json.dumps(
            {
                "created": 1,
                "data": [
                    {"b64_json": "data:image/png;base64," + text_of(LONG), "url": "https:\\/\\/x"},
                    {"b64_json": text_of(LONG[:1500]) + "!"},
                ],
                "text": 'é"\\ ' * 400 + "![a](data:image/png;base64," + text_of(LONG[:999]) + ") end \u4e2d",
            }
        )
        .replace("/", "\\/")
        .encode()
    )

    @staticmethod
    def outcome(chunks: list[bytes]) -> object:
        with tempfile.TemporaryDirectory() as folder:
            spill = Spill(Path(folder))
            try:
                for chunk in chunks:
                    spill.feed(chunk)
                skeleton = spill.placeholder.sub(r"<\1>", json.dumps(spill.finish()))
            except MalformedError:
                skeleton = "malformed"
            spill.discard(keep={blob.path for blob in spill.blobs})
            return skeleton, [(blob.sha256, blob.byte_size, blob.is_whole) for blob in spill.blobs]

    @given(st.lists(st.integers(0, len(BODY)), max_size=30), st.integers(0, len(BODY)))
    @settings(deadline=None, max_examples=150)
    def test_the_result_is_the_same(self, cuts, end):
        body = self.BODY if end % 2 else self.BODY[:end]
        marks = [0, *sorted(cut for cut in cuts if cut < len(body)), len(body)]
        chunks = [body[a:b] for a, b in zip(marks, marks[1:], strict=False)]
        assert self.outcome(chunks) == self.outcome([body])

    def test_one_byte_at_a_time(self):
        assert self.outcome([bytes([byte]) for byte in self.BODY]) == self.outcome([self.BODY])

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
            max_leaves=20,
        ),
        st.integers(1, 50),
        st.booleans(),
    )
    @settings(deadline=None)
    def test_json_without_pictures_comes_out_as_it_went_in(self, value, cuts, is_ascii):
        body = json.dumps({"x": value}, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")
        with tempfile.TemporaryDirectory() as folder:
            try:
                expected = json.loads(body.decode("utf-8", "replace"), strict=False)
            except ValueError:
                return
            assert read(body, Path(folder), cuts)[0] == expected


class TestLimits:
    def test_a_body_over_the_limit(self, tmp_path):
        with pytest.raises(TooLargeError):
            read(b'{"a": "' + b"A" * 9000 + b'"}', tmp_path, 1000, max_body_bytes=5000)

    def test_a_picture_over_the_limit(self, tmp_path):
        with pytest.raises(TooLargeError):
            read(b'{"a": "' + b"A" * 9000 + b'"}', tmp_path, 1000, max_picture_bytes=5000)

    @pytest.mark.parametrize("filler", [b"1,", b'"short words",', b'"' + b"words and words " * 100 + b'",'])
    def test_a_skeleton_over_the_limit(self, tmp_path, filler):
        spill = Spill(tmp_path)
        with pytest.raises(TooLargeError):
            for _ in range(2 * 2**20 // len(filler)):
                spill.feed(filler)

    def test_one_endless_text(self, tmp_path):
        spill = Spill(tmp_path)
        spill.feed(b'{"text": "')
        with pytest.raises(TooLargeError):
            for _ in range(100):
                spill.feed(b"words, and more words. " * 1000)

    def test_nesting(self, tmp_path):
        deep = b'{"a":' * (MAX_DEPTH + 1)
        with pytest.raises(MalformedError):
            read(deep, tmp_path)

    def test_too_many_pictures(self, tmp_path):
        body = json.dumps({"data": [text_of(LONG)] * (MAX_BLOBS + 1)})
        with pytest.raises(TooLargeError):
            read(body.encode(), tmp_path, 5000)

    @pytest.mark.parametrize(
        "body",
        [b"", b"[]", b"null", b'"x"', b"{", b'{"a": "b', b'{"a": "b\\', b"<html>", b"\xff\xfe{}", b"{}{}"],
    )
    def test_what_is_no_json_object(self, tmp_path, body):
        with pytest.raises(MalformedError):
            read(body, tmp_path)

    @given(st.binary(max_size=3000), st.integers(1, 400))
    @settings(deadline=None)
    def test_nothing_else_is_ever_raised(self, body, cuts):
        with tempfile.TemporaryDirectory() as folder:
            try:
                read(body, Path(folder), cuts)
            except (MalformedError, TooLargeError):
                return

    def test_discard_leaves_nothing_behind(self, tmp_path):
        spill = Spill(tmp_path)
        spill.feed(json.dumps({"a": text_of(LONG), "b": text_of(LONG)}).encode()[:-20])
        assert list(tmp_path.iterdir())
        spill.discard()
        assert list(tmp_path.iterdir()) == []


class TestBase64Writer:
    @given(st.binary(max_size=400), st.lists(st.integers(1, 9), min_size=1, max_size=20), st.booleans())
    @settings(deadline=None)
    def test_pieces_of_any_length(self, data, sizes, is_padded):
        text = base64.b64encode(data)
        text = text if is_padded else text.rstrip(b"=")
        with tempfile.TemporaryDirectory() as folder:
            writer, position, turn = Base64Writer(Path(folder)), 0, 0
            while position < len(text):
                size = sizes[turn % len(sizes)]
                writer.feed(text[position : position + size])
                position, turn = position + size, turn + 1
            blob = writer.close()
            assert blob.is_whole
            assert blob.path.read_bytes() == data


class TestMemory:
    def test_a_30_mb_answer_stays_under_3_mb(self, tmp_path):
        spill = Spill(tmp_path)
        chunk = b"A" * 65536
        tracemalloc.start()
        try:
            spill.feed(b'{"created": 1, "data": [{"b64_json": "')
            for _ in range(30 * 2**20 // len(chunk)):
                spill.feed(chunk)
            spill.feed(b'"}]}')
            spill.finish()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert spill.blobs[0].byte_size == 30 * 2**20 // 4 * 3
        assert peak < 3 * 2**20

    def test_a_30_mb_answer_takes_less_than_five_seconds(self, tmp_path):
        began = time.perf_counter()
        spill = Spill(tmp_path)
        spill.feed(b'{"data": "' + b"A" * (30 * 2**20) + b'"}')
        spill.finish()
        assert time.perf_counter() - began < 5
