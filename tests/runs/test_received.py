"""The note beside an answer: whatever the gateway handed over is there again after a crash."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.gateway import Answer, Picture, Timings
from playground.runs import received

seconds = st.none() | st.floats(0, 10_000, allow_nan=False)
words = st.text(max_size=50)
names = st.text("abcdef0123456789-", min_size=1, max_size=20)
tokens = st.dictionaries(
    words, st.integers(0, 10**9) | st.dictionaries(words, st.integers(0, 10**9), max_size=2), max_size=3
)


@st.composite
def answers(draw, folder):
    picture = st.builds(
        Picture,
        path=names.map(lambda name: folder / f"{name}.png"),
        sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
        byte_size=st.integers(1, 10**9),
        format=st.sampled_from(["png", "jpeg", "webp"]),
        width=st.integers(1, 10_000),
        height=st.integers(1, 10_000),
        has_alpha=st.booleans(),
    )
    return draw(
        st.builds(
            Answer,
            pictures=st.lists(picture, min_size=1, max_size=3).map(tuple),
            status=st.integers(200, 299),
            timings=st.builds(Timings, seconds, seconds, seconds),
            bytes_received=st.integers(0, 10**12),
            usage=st.none() | tokens,
            request_id=st.none() | words,
            text=st.none() | words,
            reported=st.dictionaries(words, words, max_size=3),
            unfetched_links=st.lists(words, max_size=2).map(tuple),
            partials=st.lists(picture, max_size=2).map(tuple),
        )
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("answer")


@given(st.data())
def test_it_comes_back_as_it_was(folder, data):
    answer = data.draw(answers(folder))
    received.write(folder, answer)
    assert received.read(folder) == answer


def test_its_room_is_taken_before_and_given_back_after(tmp_path):
    """On a disk that is full by then, the note is written over blocks that are the file's own already."""
    received.reserve(tmp_path)
    (draft,) = tmp_path.iterdir()
    reserved = draft.stat()
    note = Answer(pictures=(), status=200, timings=Timings(), bytes_received=0)
    received.write(tmp_path, note)
    (kept,) = tmp_path.iterdir()
    assert kept.stat().st_ino == reserved.st_ino
    assert kept.stat().st_size < reserved.st_size
    assert received.read(tmp_path) == note


def test_a_room_without_a_note_is_no_answer(tmp_path):
    received.reserve(tmp_path)
    assert received.read(tmp_path) is None


def test_it_survives_a_move_of_the_data_folder(tmp_path):
    (tmp_path / "here").mkdir()
    picture = Picture(tmp_path / "here" / "a.png", "0" * 64, 1, "png", 1, 1, False)
    received.write(tmp_path / "here", Answer((picture,), 200, Timings(), 1))
    os.rename(tmp_path / "here", tmp_path / "there")
    assert received.read(tmp_path / "there").pictures[0].path == tmp_path / "there" / "a.png"


def test_a_draft_is_no_note(tmp_path):
    """The process died while it wrote: the answer did not arrive whole."""
    (tmp_path / f"{received.NOTE}.draft").write_text('{"pictures": [')
    assert received.read(tmp_path) is None


def test_nothing_is_no_note(tmp_path):
    assert received.read(tmp_path / "nowhere") is None
