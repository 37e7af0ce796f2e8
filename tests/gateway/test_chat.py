"""Chat: what is sent of a conversation, and the many shapes in which its answer comes."""

import json
import tracemalloc
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from playground.catalog import Endpoint
from playground.gateway import (
    Attachment,
    ErrorKind,
    Gateway,
    InvalidRequestError,
    Message,
    ProviderError,
    build,
    image_intent,
)
from tests.gateway.wire import (
    BASE,
    BIG,
    KEY,
    PNG,
    attached,
    b64,
    body_sent,
    connection,
    noise,
    picture,
    reply,
    send,
    talk,
)

LINK = "https://r2cdn.example/a.png"
OTHER = "https://r2cdn.example/b.png"
DATA = f"data:image/png;base64,{b64(BIG)}"


def said(content: object, **more: object) -> dict[str, object]:
    return {
        "object": "chat.completion",
        "choices": [{"message": {"role": "assistant", "content": content}}],
        **more,
    }


def sent(into: Path, asked) -> dict[str, object]:
    seen: list[dict[str, object]] = []

    def answer(asked: httpx.Request) -> httpx.Response:
        assert str(asked.url) == f"{BASE}/v1/chat/completions"
        assert asked.headers["Content-Type"] == "application/json"
        seen.append(json.loads(body_sent(asked)))
        return reply(said(f"![image]({DATA})"))

    assert send(answer, into / "in", asked).pictures
    return seen[0]


@pytest.fixture
def drawn(tmp_path):
    return attached(tmp_path, picture("JPEG", (40, 30)), "turn 1.png")


class TestWhatIsSent:
    def test_a_prompt_alone(self, tmp_path):
        assert sent(tmp_path, talk("a tea tin")) == {
            "model": "gpt-image-2-all",
            "messages": [{"role": "user", "content": "a tea tin"}],
            "stream": False,
        }

    def test_the_turns_before_come_first(self, tmp_path):
        turns = [
            Message("system", "Always answer with an image."),
            Message("user", "a cafe", (LINK,)),
            Message("assistant", "Here it is.", (LINK, OTHER)),
        ]
        assert sent(tmp_path, talk("now rainy", *turns))["messages"] == [
            {"role": "system", "content": "Always answer with an image."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "a cafe"},
                    {"type": "image_url", "image_url": {"url": LINK}},
                ],
            },
            {"role": "assistant", "content": f"Here it is.\n\n![image]({LINK})\n\n![image]({OTHER})"},
            {"role": "user", "content": "now rainy"},
        ]

    def test_the_pictures_go_with_the_last_message_in_their_order(self, tmp_path, drawn):
        second = attached(tmp_path, PNG, "2.jpg", "image/jpeg")
        messages = sent(tmp_path, talk("join “them”\n", Message("user", "a"), references=(drawn, second)))[
            "messages"
        ]
        assert messages[0] == {"role": "user", "content": "a"}
        text, first_part, second_part = messages[1]["content"]
        assert text == {"type": "text", "text": "join “them”\n"}
        assert first_part["image_url"]["url"] == f"data:image/jpeg;base64,{b64(drawn.path.read_bytes())}"
        assert second_part["image_url"]["url"] == f"data:image/png;base64,{b64(PNG)}"

    def test_a_picture_that_the_model_drew_is_told_as_it_told_it(self, tmp_path, drawn):
        told = sent(tmp_path, talk("now rainy", Message("assistant", "", (drawn,))))["messages"][0]
        assert told["content"] == f"![image](data:image/jpeg;base64,{b64(drawn.path.read_bytes())})"

    def test_neither_size_nor_form_is_sent(self, tmp_path):
        for parameters in ({"size": "1024x1024"}, {"response_format": "url"}):
            with pytest.raises(InvalidRequestError):
                build(talk("a tea tin", **parameters))
        assert set(sent(tmp_path, talk("a tea tin", model="gpt-image-2-vip"))) == {
            "model",
            "messages",
            "stream",
        }

    def test_a_lone_surrogate_breaks_nothing(self, tmp_path, drawn):
        messages = sent(tmp_path, talk("a \ud800 b", Message("user", "\udfff"), references=(drawn,)))[
            "messages"
        ]
        assert messages[0]["content"] == "?"
        assert messages[1]["content"][0]["text"] == "a ? b"

    def test_no_picture_is_ever_whole_in_memory(self, tmp_path):
        large = noise((1500, 1400))
        references = tuple(attached(tmp_path, large, f"{number}.png") for number in range(2))
        wire = Counting()
        with closing(Gateway(transport=wire)) as ours:
            tracemalloc.start()
            try:
                ours.send(
                    connection(),
                    talk("join them", references=references),
                    base_url=BASE,
                    into=tmp_path / "in",
                )
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
        assert wire.sent == wire.promised > 2 * len(large) * 4 / 3 > 20_000_000
        assert peak < 1_500_000


class Counting(httpx.BaseTransport):
    sent = promised = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.promised = int(request.headers["Content-Length"])
        for piece in request.stream:
            self.sent += len(piece)
        return reply(said(f"![image]({DATA})"))


class TestRefusedBeforeSending:
    @pytest.mark.parametrize(
        ("message", "code"),
        [
            (Message("robot", "x"), "role_not_known"),
            (Message("user", "x", ("file:///etc/passwd",)), "not_a_link"),
            (Message("user", "x", (Attachment(Path("/nowhere.png"), "image/png"),)), "reference_unreadable"),
        ],
    )
    def test_a_turn_that_cannot_be_told(self, message, code):
        with pytest.raises(InvalidRequestError) as caught:
            build(talk("x", message))
        assert [problem.code for problem in caught.value.problems] == [code]

    def test_turns_are_for_chat_alone(self):
        asked = replace(talk("x", Message("user", "a")), endpoint=Endpoint.GENERATIONS)
        with pytest.raises(InvalidRequestError) as caught:
            build(asked)
        assert [problem.code for problem in caught.value.problems] == ["messages_not_taken"]

    def test_a_model_without_chat(self):
        with pytest.raises(InvalidRequestError):
            build(talk("x", model="gpt-image-2"))


class TestTheWishForAPicture:
    def test_it_comes_first(self):
        assert image_intent("a tea tin") == "Generate image: a tea tin"

    @pytest.mark.parametrize(
        "prompt", ["Generate image: a tin", "generate IMAGE:a tin", "  Generate image: x"]
    )
    def test_it_comes_once(self, prompt):
        assert image_intent(prompt) == prompt

    def test_size_words_stand_right_behind_it(self, tmp_path):
        asked = talk(image_intent("a tea tin"), shape="16:9")
        assert sent(tmp_path, asked)["messages"][0]["content"] == "Generate image: Landscape 16:9, a tea tin"


class TestAnswers:
    def link(self, asked: httpx.Request) -> httpx.Response:
        return reply(PNG, content_type="image/png")

    def count(self, content: object, into: Path, **more: object) -> int:
        return len(send(reply(said(content, **more)), into, talk(), link=self.link).pictures)

    @pytest.mark.parametrize(
        ("content", "count"),
        [
            (f"![image]({LINK})", 1),
            (f"![image]({LINK}?sig=1)\n\n[Download]({LINK}?sig=1)", 1),
            (LINK, 1),
            (f"Here is one: {LINK}. Enjoy.", 1),
            (f"![1]({LINK})\n![2]({OTHER})", 2),
            (f"![image]({DATA})", 1),
            (DATA, 1),
            (f"![1]({DATA})\n![2]({LINK})", 2),
            ([{"type": "text", "text": "Done."}, {"type": "image_url", "image_url": {"url": DATA}}], 1),
            (
                [
                    {"type": "image_url", "image_url": {"url": LINK}},
                    {"type": "text", "text": f"![x]({LINK})"},
                ],
                1,
            ),
        ],
    )
    def test_pictures_are_found_wherever_they_stand(self, tmp_path, content, count):
        assert self.count(content, tmp_path) == count

    @pytest.mark.parametrize("body", [{"data": [{"url": LINK}]}, {"data": [{"b64_json": b64(BIG)}]}])
    def test_the_shape_of_the_picture_endpoints(self, tmp_path, body):
        assert len(send(reply(body), tmp_path, talk(), link=self.link).pictures) == 1

    def test_the_words_beside_a_picture_are_kept_without_the_remains_of_its_links(self, tmp_path):
        content = f"A cafe.\n\n![image]({LINK})\n\n[Download]({LINK})"
        assert send(reply(said(content)), tmp_path, talk(), link=self.link).text == "A cafe."


class TestWords:
    def words(self, into: Path, content: object, **more: object):
        return send(reply(said(content, **more)), into, talk())

    def test_words_alone_are_an_answer(self, tmp_path):
        usage = {"prompt_tokens": 9, "completion_tokens": 12}
        answer = self.words(tmp_path, "What would you like me to draw?", usage=usage)
        assert answer.is_words
        assert (answer.text, answer.usage, answer.status) == ("What would you like me to draw?", usage, 200)
        assert list(tmp_path.iterdir()) == []

    def test_they_keep_their_line_ends(self, tmp_path):
        text = "I can draw:\n\n- a cat\n- a dog\n\nWhich one? 猫还是狗？"
        assert self.words(tmp_path, text).text == text

    def test_a_long_text_is_kept_in_full_up_to_a_limit(self, tmp_path):
        text = "All work and no play. " * 400
        assert self.words(tmp_path, text).text == text.strip()
        assert len(self.words(tmp_path, text * 40).text) == 16_000

    def test_a_page_that_is_named_is_no_picture(self, tmp_path):
        text = "I cannot draw this. See https://provider.test/policy [rules](https://provider.test/rules)"
        assert self.words(tmp_path, text).text == text

    def test_they_never_show_the_key(self, tmp_path):
        assert KEY not in self.words(tmp_path, f"Your key {KEY} \u202eand Bearer {KEY}").text

    @pytest.mark.parametrize("content", ["", "  \n ", None, 7, [], {}, [{"type": "text"}], [{"text": 7}]])
    def test_no_words_are_no_answer(self, tmp_path, content):
        with pytest.raises(ProviderError) as caught:
            self.words(tmp_path, content)
        assert caught.value.kind is ErrorKind.NO_IMAGE

    def test_words_beside_an_error_are_no_answer(self, tmp_path):
        with pytest.raises(ProviderError) as caught:
            self.words(tmp_path, "Sorry", error={"message": "rejected by the safety system"})
        assert caught.value.kind is ErrorKind.MODERATION

    def test_words_beside_a_link_that_is_gone_are_no_answer(self, tmp_path):
        with pytest.raises(ProviderError) as caught:
            send(reply(said(f"Here: ![x]({LINK})")), tmp_path, talk(), link=lambda asked: reply(b"", 404))
        assert (caught.value.kind, caught.value.links) == (ErrorKind.PICTURE_LINK_FAILED, (LINK,))

    def test_a_picture_with_words_is_no_talk(self, tmp_path):
        assert not self.words(tmp_path, f"Here: ![x]({DATA})").is_words


def test_the_key_goes_to_the_provider_and_not_to_the_host_of_a_link(tmp_path):
    asked_links: list[httpx.Request] = []

    def link(asked: httpx.Request) -> httpx.Response:
        asked_links.append(asked)
        return reply(PNG, content_type="image/png")

    send(reply(said(f"![image]({LINK})")), tmp_path, talk(), link=link)
    assert [KEY in str(asked.headers) + str(asked.url) for asked in asked_links] == [False]


def test_a_redirect_gets_neither_key_nor_words(tmp_path):
    seen: list[str] = []

    def answer(asked: httpx.Request) -> httpx.Response:
        seen.append(asked.url.host)
        return reply(b"", 302, location="https://elsewhere.test/v1/chat/completions")

    with pytest.raises(ProviderError) as caught:
        send(answer, tmp_path, talk())
    assert (caught.value.kind, seen) == (ErrorKind.REDIRECTED, ["provider.test"])
