"""A conversation to take home: the originals, and a transcript that says which is which."""

import io
import zipfile

import pytest
from django.core.files.storage import default_storage

from playground.chat import services
from playground.chat.exporting import CHUNK_BYTES
from tests import files
from tests.chat.talks import answer_of, answered, failed, in_words, only, read, said
from tests.factories import ALL, VIP

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(workspace):
    """A cafe; rainy, at night and a branch that was deleted."""
    first = answered(said(workspace, "A cafe\nby the sea", ALL, VIP))
    rain = answered(said(workspace, "Now rainy", on=first))
    answered(said(workspace, "At night", on=first))
    in_words(said(workspace, "Nicer?", on=rain))
    failed(said(workspace, "Broken", on=rain))
    services.remove(answered(said(workspace, "Deleted", on=rain)))
    return first.conversation


def exported(client, conversation) -> zipfile.ZipFile:
    answer = client.get(f"/chat/{conversation.number}/export/")
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"] == 'attachment; filename="conversation-1.zip"'
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def test_it_holds_every_original_to_the_last_byte(client, talk):
    archive = exported(client, talk)
    assert archive.testzip() is None
    assert archive.namelist() == [
        "001-1A.png", "001-1B.png", "002-2A.png", "003-3A.png", "conversation.md",
    ]  # fmt: skip
    output = only(read(talk.turns.get(number=2))).outputs.get()
    assert archive.read("002-2A.png") == files.kept(output.file)


def test_the_transcript_can_be_read(client, talk):
    text = exported(client, talk).read("conversation.md").decode()
    for words in (
        "# A cafe by the sea", "## Step 1\n\n> A cafe\n> by the sea", "## Step 3, from 1A of step 1",
        "- **1B**, gpt-image-2-vip, simulated, succeeded", "![002-2A.png](002-2A.png) 96 × 64",
        "> Which cafe do you mean?", "- **5A**, gpt-image-2-all, simulated, failed, $0.000",
    ):  # fmt: skip
        assert words in text, words
    assert "Deleted" not in text and "http" not in text


def test_a_picture_whose_file_is_gone_spoils_nothing(client, talk):
    default_storage.delete(only(read(talk.turns.get(number=2))).outputs.get().file)
    archive = exported(client, talk)
    assert "002-2A.png" not in archive.namelist() and archive.testzip() is None


def test_a_large_picture_goes_in_pieces(client, workspace):
    large = files.saved(files.noise(700, 600))
    answer_of(only(said(workspace)), large)
    pieces = [len(piece) for piece in client.get("/chat/1/export/").streaming_content]
    assert sum(pieces) > len(large) > 4 * CHUNK_BYTES and max(pieces) < 2 * CHUNK_BYTES
