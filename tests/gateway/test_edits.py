"""Edits: a form with the pictures in their order, read from their files while it is sent."""

import email
import tracemalloc
from contextlib import closing
from dataclasses import replace
from email.message import Message as Mail
from pathlib import Path

import httpx
import pytest

from playground.catalog import Endpoint
from playground.gateway import (
    Attachment,
    Billed,
    ErrorKind,
    Gateway,
    InvalidRequestError,
    ProviderError,
    build,
)
from tests.gateway.wire import (
    BASE,
    KEY,
    PNG,
    attached,
    b64,
    body_sent,
    connection,
    edit,
    noise,
    picture,
    reply,
    send,
)

SMALL, OTHER = picture("PNG", (40, 30)), picture("JPEG", (8, 6))
MASK = picture("PNG", (40, 30), "RGBA")
ANSWER = {"created": 1, "data": [{"b64_json": b64(PNG)}]}


class CountingTransport(httpx.BaseTransport):
    """Takes a request piece by piece, as a socket does."""

    sent = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for piece in request.stream:
            self.sent += len(piece)
        return reply(ANSWER)


def form_of(asked: httpx.Request) -> list[Mail]:
    """The parts of the form, as any reader of forms sees them."""
    head = f"Content-Type: {asked.headers['Content-Type']}\r\n\r\n".encode()
    mail = email.message_from_bytes(head + body_sent(asked))
    assert mail.get_content_type() == "multipart/form-data"
    return mail.get_payload()


def name_of(part: Mail) -> str:
    return part.get_param("name", header="content-disposition")


def content(part: Mail) -> bytes:
    return part.get_payload(decode=True)


def sent(into: Path, asked) -> list[Mail]:
    seen: list[Mail] = []

    def answer(asked: httpx.Request) -> httpx.Response:
        assert str(asked.url) == f"{BASE}/v1/images/edits"
        assert asked.headers["Authorization"] == f"Bearer {KEY}"
        seen.extend(form_of(asked))
        return reply(ANSWER)

    assert send(answer, into / "in", asked).pictures
    return seen


@pytest.fixture
def first(tmp_path):
    return attached(tmp_path, SMALL, "my cat at home.png")


@pytest.fixture
def second(tmp_path):
    return attached(tmp_path, OTHER, "IMG_2041.png")


class TestTheForm:
    def test_the_pictures_come_in_their_order(self, tmp_path, first, second):
        for order in ([first, second], [second, first]):
            pictures = [part for part in sent(tmp_path, edit(*order)) if part.get_filename()]
            assert [name_of(part) for part in pictures] == ["image[]", "image[]"]
            assert [content(part) for part in pictures] == [each.path.read_bytes() for each in order]

    def test_a_file_is_called_by_its_number_and_typed_by_its_bytes(self, tmp_path, first, second):
        pictures = [part for part in sent(tmp_path, edit(first, second)) if part.get_filename()]
        names = [(part.get_filename(), part.get_content_type()) for part in pictures]
        assert names == [("image-1.png", "image/png"), ("image-2.jpeg", "image/jpeg")]

    def test_every_other_value_is_text(self, tmp_path, first):
        asked = edit(first, prompt="茶 tin, “new”\nlid \ud800", size="1024x1024", output_format="jpeg",
                     output_compression=85, stream=True)  # fmt: skip
        fields = {
            name_of(part): content(part).decode() for part in sent(tmp_path, asked) if not part.get_filename()
        }
        assert fields == {
            "model": "gpt-image-2",
            "prompt": "茶 tin, “new”\nlid ?",
            "size": "1024x1024",
            "output_format": "jpeg",
            "output_compression": "85",
            "stream": "true",
        }

    def test_a_reverse_model_says_which_form_it_wants(self, tmp_path, first):
        parts = sent(tmp_path, edit(first, model="gpt-image-2-all", shape="16:9", prompt="bluer"))
        fields = {name_of(part): content(part).decode() for part in parts if not part.get_filename()}
        assert fields == {
            "model": "gpt-image-2-all",
            "prompt": "Landscape 16:9, bluer",
            "response_format": "b64_json",
        }

    def test_the_mask_is_a_file_of_its_own(self, tmp_path, first, second):
        mask = attached(tmp_path, MASK, "brush.png", "application/octet-stream")
        parts = {name_of(part): part for part in sent(tmp_path, edit(first, second, mask=mask))}
        assert (parts["mask"].get_filename(), parts["mask"].get_content_type()) == ("mask.png", "image/png")
        assert content(parts["mask"]) == MASK

    @pytest.mark.parametrize("model", ["gpt-image-2", "gpt-image-2-all", "gpt-image-2-vip"])
    def test_the_field_of_the_pictures_can_be_switched(self, tmp_path, first, model):
        asked = edit(first, model=model, **{"image[]": "image"})
        assert [name_of(part) for part in sent(tmp_path, asked) if part.get_filename()] == ["image"]

    def test_sixteen_pictures(self, tmp_path):
        many = [attached(tmp_path, picture("PNG", (number, 9)), f"{number}.png") for number in range(1, 17)]
        parts = [part for part in sent(tmp_path, edit(*many)) if part.get_filename()]
        assert [content(part) for part in parts] == [each.path.read_bytes() for each in many]


class TestRefusedBeforeSending:
    def problems(self, asked) -> list[str]:
        with pytest.raises(InvalidRequestError) as caught:
            build(asked)
        assert caught.value.billed is Billed.NO
        return [problem.code for problem in caught.value.problems]

    def test_no_picture(self):
        assert self.problems(edit()) == ["reference_missing"]

    def test_a_file_that_is_gone_or_no_picture(self, tmp_path, first):
        gone = Attachment(tmp_path / "gone.png", "image/png")
        words = attached(tmp_path, b"no picture", "words.png")
        assert self.problems(edit(first, gone, words)) == ["reference_unreadable"] * 2

    def test_pictures_where_none_are_taken(self, first):
        asked = edit(first)
        assert self.problems(replace(asked, endpoint=Endpoint.GENERATIONS)) == ["references_not_taken"]

    @pytest.mark.parametrize("model", ["gpt-image-2-all", "gpt-image-2-vip"])
    def test_a_mask_where_none_is_taken(self, tmp_path, first, model):
        mask = attached(tmp_path, MASK, "mask.png")
        assert self.problems(edit(first, model=model, mask=mask)) == ["parameter_not_taken"]

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (picture("PNG", (40, 30), "RGB"), "mask_without_alpha"),
            (picture("WEBP", (40, 30), "RGBA"), "mask_without_alpha"),
            (picture("PNG", (30, 40), "RGBA"), "mask_size_differs"),
            (b"", "mask_without_alpha"),
        ],
    )
    def test_a_mask_that_would_be_refused(self, tmp_path, first, data, code):
        assert code in self.problems(edit(first, mask=attached(tmp_path, data, "mask.png")))

    def test_moderation_is_not_for_edits(self, first):
        assert self.problems(edit(first, moderation="low")) == ["parameter_not_taken"]

    def test_a_picture_that_disappears_before_the_call_opens_no_socket(self, tmp_path, first):
        def nobody(asked: httpx.Request) -> httpx.Response:
            raise AssertionError("nothing should have been sent")

        asked = edit(first)
        looked_at = build(asked)
        first.path.unlink()
        assert looked_at.files[0].attachment.path == first.path
        with pytest.raises(InvalidRequestError):
            send(nobody, tmp_path / "in", asked)


class TestWhatItCosts:
    def test_no_picture_is_ever_whole_in_memory(self, tmp_path):
        """Sixteen megabytes of pictures go out while less than one is held."""
        large = noise((1500, 1400))
        references = [attached(tmp_path, large, f"{number}.png") for number in range(2)]
        wire = CountingTransport()
        with closing(Gateway(transport=wire)) as ours:
            tracemalloc.start()
            try:
                ours.send(connection(), edit(*references), base_url=BASE, into=tmp_path / "in")
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
        assert wire.sent > 2 * len(large) > 16_000_000
        assert peak < 1_500_000

    def test_many_references_get_more_time(self, tmp_path):
        many = [attached(tmp_path, SMALL, f"{number}.png") for number in range(6)]
        timeouts: list[float] = []

        def answer(asked: httpx.Request) -> httpx.Response:
            timeouts.append(asked.extensions["timeout"]["read"])
            return reply(ANSWER)

        send(answer, tmp_path / "a", edit(*many[:2]))
        send(answer, tmp_path / "b", edit(*many))
        assert timeouts == [360, 600]


class TestAnswers:
    def test_a_refused_mask_is_named(self, tmp_path, first):
        mask = attached(tmp_path, MASK, "mask.png")
        said = {"error": {"message": "Invalid mask image format - mask image missing alpha channel"}}
        with pytest.raises(ProviderError) as caught:
            send(reply(said, 400), tmp_path / "in", edit(first, mask=mask))
        assert (caught.value.kind, caught.value.billed) == (ErrorKind.INVALID_MASK, Billed.NO)

    def test_the_references_stay_where_they_are(self, tmp_path, first, second):
        with pytest.raises(ProviderError):
            send(reply(b"", 500), tmp_path / "in", edit(first, second))
        assert first.path.read_bytes() == SMALL
        assert second.path.read_bytes() == OTHER

    def test_a_redirect_gets_neither_key_nor_pictures(self, tmp_path, first):
        seen: list[str] = []

        def answer(asked: httpx.Request) -> httpx.Response:
            seen.append(asked.url.host)
            return reply(b"", 307, location="https://elsewhere.test/v1/images/edits")

        with pytest.raises(ProviderError) as caught:
            send(answer, tmp_path / "in", edit(first))
        assert (caught.value.kind, seen) == (ErrorKind.REDIRECTED, ["provider.test"])
