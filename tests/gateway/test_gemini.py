"""Nano Banana Pro on its own wire: what is sent, and an answer whose shape and reasons are its own."""

import json
import tracemalloc
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.catalog import Endpoint, default
from playground.gateway import (
    Billed,
    ErrorKind,
    Gateway,
    InvalidRequestError,
    OutcomeUnknownError,
    ProviderError,
    Retry,
    build,
)
from tests.gateway import wire
from tests.gateway.wire import (
    BASE,
    BIG,
    KEY,
    PNG,
    attached,
    b64,
    body_sent,
    connection,
    edit,
    noise,
    picture,
    raw_server,
    reply,
    request,
    send,
)

NANO = "gemini-3-pro-image"
MODEL = default().get(NANO)
USAGE = {
    "promptTokenCount": 99,
    "candidatesTokenCount": 1240,
    "thoughtsTokenCount": 120,
    "totalTokenCount": 1459,
}
SAFETY = [
    "IMAGE_SAFETY",
    "SAFETY",
    "PROHIBITED_CONTENT",
    "IMAGE_PROHIBITED_CONTENT",
    "RECITATION",
    "IMAGE_RECITATION",
]


def inline(data: bytes, **more: object) -> dict[str, object]:
    return {"inlineData": {"mimeType": "image/png", "data": b64(data)}, **more}


def answered(*parts: object, reason: str | None = "STOP", **more: object) -> dict[str, object]:
    content = {"role": "model", "parts": list(parts) or None}
    return {
        "candidates": [{"content": content, "finishReason": reason, "index": 0, **more}],
        "usageMetadata": USAGE,
        "modelVersion": NANO,
        "responseId": "abc-7",
    }


def draw(body: object, into: Path, status: int = 200):
    return send(reply(body, status), into, request(NANO))


def failure_of(body: object, into: Path, status: int = 200) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        draw(body, into, status)
    assert set(into.iterdir()) == set(caught.value.kept)
    return caught.value


class TestWhatIsSent:
    def sent(self, into: Path, asked) -> dict[str, object]:
        seen: list[dict[str, object]] = []

        def answer(asked: httpx.Request) -> httpx.Response:
            assert str(asked.url) == f"{BASE}/v1beta/models/{NANO}:generateContent"
            assert asked.headers["Authorization"] == f"Bearer {KEY}"
            assert KEY not in str(asked.url)
            seen.append(json.loads(body_sent(asked)))
            return reply(answered(inline(PNG)))

        assert send(answer, into / "in", asked).pictures
        return seen[0]

    def test_a_prompt_alone(self, tmp_path):
        assert self.sent(tmp_path, request(NANO, "a kettle", size="2752x1536")) == {
            "contents": [{"role": "user", "parts": [{"text": "a kettle"}]}],
            "generationConfig": {
                "responseModalities": ["IMAGE"],
                "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"},
            },
        }

    @pytest.mark.parametrize("choice", MODEL.sizes.table, ids=lambda choice: f"{choice.tier} {choice.ratio}")
    def test_each_size_is_a_ratio_and_a_tier(self, choice):
        config = build(request(NANO, size=str(choice.size))).json_body["generationConfig"]
        assert config["imageConfig"] == {"aspectRatio": choice.ratio, "imageSize": choice.tier}

    @pytest.mark.parametrize("parameters", [{}, {"size": "auto"}, {"size": ""}])
    def test_auto_leaves_the_ratio_out_and_never_the_tier(self, parameters):
        asked = request(NANO, **parameters)
        if parameters.get("size") == "":
            with pytest.raises(InvalidRequestError):
                build(asked)
            return
        assert build(asked).json_body["generationConfig"]["imageConfig"] == {"imageSize": "2K"}

    def test_the_pictures_stand_behind_the_words_in_their_order(self, tmp_path):
        references = [
            attached(tmp_path, picture("JPEG", (40, 30)), "kettle.png"),
            attached(tmp_path, BIG, "stove.jpg", "image/jpeg"),
        ]
        parts = self.sent(tmp_path, edit(*references, model=NANO, prompt="image 1 on image 2"))["contents"][
            0
        ]["parts"]
        assert parts == [
            {"text": "image 1 on image 2"},
            {"inlineData": {"mimeType": "image/jpeg", "data": b64(references[0].path.read_bytes())}},
            {"inlineData": {"mimeType": "image/png", "data": b64(BIG)}},
        ]

    def test_no_picture_is_ever_whole_in_memory(self, tmp_path):
        large = noise((1300, 1300))
        references = [attached(tmp_path, large, f"{number}.png") for number in range(3)]
        counting = Counting()
        with closing(Gateway(transport=counting)) as ours:
            tracemalloc.start()
            try:
                ours.send(connection(), edit(*references, model=NANO), base_url=BASE, into=tmp_path / "in")
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
        assert counting.sent > 3 * len(large) * 4 / 3 > 25_000_000
        assert peak < 1_500_000

    def test_the_base_url_keeps_its_root(self, tmp_path):
        base = f"{BASE}/v1"
        seen: list[str] = []

        def answer(asked: httpx.Request) -> httpx.Response:
            seen.append(asked.url.path)
            return reply(answered(inline(PNG)))

        with closing(wire.gateway(answer)) as ours:
            ours.send(connection(base), request(NANO), base_url=base, into=tmp_path)
        assert seen == [f"/v1beta/models/{NANO}:generateContent"]

    def test_4k_gets_more_time(self, tmp_path):
        seconds: list[float] = []

        def answer(asked: httpx.Request) -> httpx.Response:
            seconds.append(asked.extensions["timeout"]["read"])
            return reply(answered(inline(PNG)))

        for size in ("1024x1024", "3168x1344", "6336x2688"):
            send(answer, tmp_path, request(NANO, size=size))
        assert seconds == [300, 300, 600]


class Counting(httpx.BaseTransport):
    sent = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for piece in request.stream:
            self.sent += len(piece)
        return reply(answered(inline(PNG)))


class TestRefusedBeforeSending:
    def problems(self, asked) -> list[str]:
        with pytest.raises(InvalidRequestError) as caught:
            build(asked)
        return [problem.code for problem in caught.value.problems]

    @pytest.mark.parametrize(
        "parameters",
        [
            {"quality": "high"},
            {"background": "transparent"},
            {"n": 2},
            {"response_format": "url"},
            {"seed": 1},
        ],
    )
    def test_fields_that_it_does_not_have(self, parameters):
        assert self.problems(request(NANO, **parameters)) == ["parameter_not_taken"]

    def test_a_size_off_its_table(self):
        assert self.problems(request(NANO, size="2048x1152")) == ["not_in_table"]

    def test_fourteen_pictures_of_seven_megabytes_and_no_mask(self, tmp_path):
        one = attached(tmp_path, PNG)
        assert build(edit(*[one] * 14, model=NANO))
        assert self.problems(edit(*[one] * 15, model=NANO)) == ["too_many_references"]
        assert self.problems(edit(one, model=NANO, mask=one)) == ["parameter_not_taken"]
        large = attached(tmp_path, noise((1400, 1300)), "large.png")
        assert self.problems(edit(large, model=NANO)) == ["reference_too_large"]

    def test_there_is_no_chat(self):
        asked = request(NANO)
        with pytest.raises(InvalidRequestError):
            build(type(asked)(MODEL, Endpoint.CHAT, "x"))


class TestPictures:
    def test_the_picture_and_what_is_beside_it(self, tmp_path):
        answer = draw(answered({"text": "Here it is."}, inline(BIG)), tmp_path)
        assert [one.path.read_bytes() for one in answer.pictures] == [BIG]
        assert answer.text == "Here it is."
        assert answer.usage == USAGE
        assert answer.reported == {"model": NANO, "response_id": "abc-7"}

    def test_drafts_come_before_the_picture(self, tmp_path):
        drafts = [inline(noise((20, 20 + index)), thought=True) for index in range(10)]
        signed = inline(BIG, thoughtSignature=b64(b"signature" * 500))
        answer = draw(
            answered(*drafts, {"text": "thinking", "thought": True}, signed, {"text": "Done."}), tmp_path
        )
        assert [one.path.read_bytes() for one in answer.pictures] == [BIG]
        assert (answer.text, list(tmp_path.iterdir())) == ("Done.", [answer.pictures[0].path])

    def test_text_beside_a_signature_is_kept(self, tmp_path):
        body = answered({"text": "A kettle.", "thoughtSignature": "c2ln"}, inline(PNG))
        assert draw(body, tmp_path).text == "A kettle."

    @pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
    def test_the_type_is_read_from_the_bytes(self, tmp_path, format):
        assert draw(answered(inline(picture(format))), tmp_path).pictures[0].format == format.lower()

    @pytest.mark.parametrize("data", [PNG, BIG])
    def test_the_other_spelling(self, tmp_path, data):
        part = {"inline_data": {"mime_type": "image/png", "data": b64(data)}}
        assert draw(answered(part), tmp_path).pictures[0].byte_size == len(data)

    def test_a_link_instead_of_bytes(self, tmp_path):
        part = {"fileData": {"fileUri": "https://cdn.example/a.png"}}
        link = lambda asked: reply(PNG, content_type="image/png")  # noqa: E731
        assert send(reply(answered(part)), tmp_path, request(NANO), link=link).pictures

    def test_a_picture_wins_over_a_reason(self, tmp_path):
        assert draw(answered(inline(PNG), reason="IMAGE_OTHER"), tmp_path).pictures

    def test_a_relay_that_answers_in_another_tongue(self, tmp_path):
        assert draw({"data": [{"b64_json": b64(BIG)}]}, tmp_path).pictures

    def test_over_a_real_socket(self, tmp_path):
        body = json.dumps(answered(inline(BIG))).encode()
        head = b"HTTP/1.1 200 OK\r\nX-Request-Id: g-1\r\nContent-Length: %d\r\n\r\n" % len(body)
        reference = attached(tmp_path, BIG)
        with raw_server(lambda peer: peer.sendall(head + body)) as server, closing(Gateway()) as ours:
            asked = edit(reference, model=NANO, prompt="a lid")
            answer = ours.send(connection(server.url), asked, base_url=server.url, into=tmp_path / "in")
        assert (answer.request_id, answer.pictures[0].byte_size) == ("g-1", len(BIG))
        assert json.loads(server.requests[0].partition(b"\r\n\r\n")[2])["contents"][0]["parts"][0] == {
            "text": "a lid"
        }


class TestWithoutAPicture:
    @pytest.mark.parametrize("reason", SAFETY)
    @pytest.mark.parametrize("parts", [(), ({"text": "I can't draw that."},)])
    def test_a_refusal_with_status_200_may_have_been_charged(self, tmp_path, reason, parts):
        error = failure_of(answered(*parts, reason=reason), tmp_path)
        assert (error.kind, error.billed, error.retry) == (ErrorKind.MODERATION, Billed.UNKNOWN, Retry.NEVER)
        assert error.usage == USAGE

    def test_the_reason_in_words_is_kept(self, tmp_path):
        error = failure_of(
            answered(reason="IMAGE_SAFETY", finishMessage="Unable to show the image."), tmp_path
        )
        assert error.provider_message == "Unable to show the image."

    def test_a_prompt_that_was_blocked(self, tmp_path):
        body = {
            "candidates": None,
            "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
            "usageMetadata": USAGE,
        }
        assert failure_of(body, tmp_path).kind is ErrorKind.MODERATION

    @pytest.mark.parametrize("reason", ["NO_IMAGE", "IMAGE_OTHER", "MAX_TOKENS", "STOP", None, 7])
    def test_no_picture_and_no_words(self, tmp_path, reason):
        error = failure_of(answered(reason=reason), tmp_path)
        assert (error.kind, error.billed) == (ErrorKind.NO_IMAGE, Billed.UNKNOWN)

    @pytest.mark.parametrize("reason", ["STOP", "NO_IMAGE", None])
    def test_words_are_an_answer(self, tmp_path, reason):
        answer = draw(answered({"text": "What should it show?"}, reason=reason), tmp_path)
        assert (answer.is_words, answer.text) == (True, "What should it show?")

    def test_bytes_that_are_no_picture_are_kept(self, tmp_path):
        error = failure_of(answered(inline(b"nonsense" * 300)), tmp_path)
        assert (error.kind, len(error.kept)) == (ErrorKind.NOT_A_PICTURE, 1)

    def test_an_answer_that_breaks_off(self, tmp_path):
        error = failure_of(json.dumps(answered(inline(BIG))).encode()[:2000], tmp_path)
        assert isinstance(error, OutcomeUnknownError)


class TestErrors:
    @pytest.mark.parametrize(
        ("status", "message", "kind", "retry"),
        [
            (400, "Invalid value at 'generation_config'", ErrorKind.REFUSED_PARAMETER, Retry.NEVER),
            (429, "Resource has been exhausted (e.g. check quota).", ErrorKind.BUSY, Retry.WAIT),
            (429, "user quota is not enough", ErrorKind.BALANCE, Retry.NEVER),
            (
                503,
                "The model is overloaded. Please try again later.",
                ErrorKind.UPSTREAM_ERROR,
                Retry.BACKOFF,
            ),
            (500, "write_response_body_failed", ErrorKind.TOO_LARGE, Retry.NEVER),
        ],
    )
    def test_errors_in_googles_form_are_free(self, tmp_path, status, message, kind, retry):
        error = failure_of({"error": {"code": status, "message": message, "status": "X"}}, tmp_path, status)
        assert (error.kind, error.billed, error.retry) == (kind, Billed.NO, retry)

    def test_a_redirect_is_not_followed(self, tmp_path):
        seen: list[str] = []

        def answer(asked: httpx.Request) -> httpx.Response:
            seen.append(asked.url.host)
            return reply(b"", 308, location="https://elsewhere.test/")

        with pytest.raises(ProviderError) as caught:
            send(answer, tmp_path, request(NANO))
        assert (caught.value.kind, seen) == (ErrorKind.REDIRECTED, ["provider.test"])


NAMES = st.sampled_from(
    [
        "candidates", "content", "parts", "text", "inlineData", "inline_data", "data", "fileData", "fileUri",
        "finishReason", "finishMessage", "promptFeedback", "blockReason", "usageMetadata", "thought", "error",
        "message", "modelVersion",
    ]
)  # fmt: skip
TEXTS = st.sampled_from(
    [b64(PNG), b64(BIG), "STOP", "IMAGE_SAFETY", "http://x/y.png", "http://", "data:image/png;base64,"]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)
LIKELY = st.builds(
    lambda parts, reason: {"candidates": [{"content": {"parts": parts}, "finishReason": reason}]},
    ANYTHING | st.lists(st.dictionaries(NAMES, ANYTHING, max_size=3), max_size=4),
    ANYTHING,
)


@given(LIKELY | st.dictionaries(NAMES, ANYTHING, max_size=4), st.integers(0, 400))
@settings(deadline=None, max_examples=200)
def test_no_answer_whatever_raises_anything_but_a_provider_error(tmp_path_factory, body, cut):
    into = tmp_path_factory.mktemp("call")
    data = json.dumps(body).encode()
    gone = lambda asked: reply(b"", 404)  # noqa: E731
    try:
        answer = send(reply(data[:cut] if cut < 200 else data), into, request(NANO), link=gone)
        assert answer.pictures or answer.text
    except ProviderError as error:
        assert set(into.iterdir()) == set(error.kept)
        assert error.sentence
