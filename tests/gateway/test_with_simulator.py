"""The gateway against the simulator, over real HTTP: each model, each fault, each call counted there."""

import threading
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from playground.catalog import default
from playground.gateway import (
    Answer,
    Attachment,
    Billed,
    Connection,
    ErrorKind,
    Gateway,
    ImageRequest,
    Message,
    ProviderError,
    Retry,
    image_intent,
)
from tests.gateway.wire import attached, edit, picture, request, talk
from tests.simulators import RunningSimulator

ALL, VIP, OFFICIAL, NANO = "gpt-image-2-all", "gpt-image-2-vip", "gpt-image-2", "gemini-3-pro-image"


@pytest.fixture(scope="module")
def ours():
    with closing(Gateway(sleep=lambda seconds: None, max_answer_bytes=8_000_000)) as gateway:
        yield gateway


def connection_to(simulator: RunningSimulator, key: str | None = None) -> Connection:
    trusted = frozenset([simulator.host])
    return Connection("Sim", (simulator.base_url,), key or simulator.key, trusted, True, Decimal(1))


def call(gateway: Gateway, simulator: RunningSimulator, into: Path, *args, key=None, **fields) -> Answer:
    asked = request(*args, **fields)
    return gateway.send(connection_to(simulator, key), asked, base_url=simulator.base_url, into=into)


def sim(fault: str) -> str:
    return f"a tea tin [[sim: plain, fast, {fault}]]"


class TestModels:
    @pytest.mark.parametrize(
        "model",
        [
            model.id
            for model in default().models
            if model.id != "gpt-image-1.5" and model.wire == "openai-images"
        ],
    )
    def test_every_model_draws(self, ours, simulator, tmp_path, model):
        answer = call(ours, simulator, tmp_path, model, "a tea tin [[sim: plain]]")
        assert len(answer.pictures) == 1
        assert answer.request_id
        log = simulator.calls()
        assert (log["total"], log["billed"]) == (1, 1)

    @pytest.mark.parametrize(
        ("model", "fields", "size"),
        [
            (ALL, {"shape": "16:9"}, (1672, 941)),
            (VIP, {"size": "2048x1152"}, (2048, 1152)),
            (OFFICIAL, {"size": "1536x1024", "quality": "low"}, (1536, 1024)),
        ],
    )
    def test_the_size_asked_for_is_the_size_that_comes(self, ours, simulator, tmp_path, model, fields, size):
        picture = call(ours, simulator, tmp_path, model, "a tea tin [[sim: plain]]", **fields).pictures[0]
        assert (picture.width, picture.height) == size

    @pytest.mark.parametrize("form", ["url", "b64_json"])
    @pytest.mark.parametrize("model", [ALL, VIP])
    def test_both_forms_of_answer(self, ours, simulator, tmp_path, model, form):
        answer = call(ours, simulator, tmp_path, model, "a tea tin [[sim: plain]]", response_format=form)
        assert answer.pictures[0].format == "png"

    @pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
    def test_the_official_formats(self, ours, simulator, tmp_path, output_format):
        answer = call(
            ours,
            simulator,
            tmp_path,
            OFFICIAL,
            "a [[sim: plain]]",
            output_format=output_format,
            quality="low",
        )
        assert answer.pictures[0].format == output_format
        assert answer.usage["output_tokens"] > 0
        assert answer.reported["output_format"] == output_format


class TestShapesOfAnAnswer:
    @pytest.mark.parametrize("fault", ["object", "both", "raw", "prefixed", "drip 0.2s", "slow 0.1s"])
    def test_one_picture_whatever_the_shape(self, ours, simulator, tmp_path, fault):
        assert len(call(ours, simulator, tmp_path, ALL, sim(fault)).pictures) == 1

    @pytest.mark.parametrize(("fault", "format"), [("jpeg", "jpeg"), ("webp", "webp")])
    def test_the_format_is_read_from_the_bytes(self, ours, simulator, tmp_path, fault, format):
        assert call(ours, simulator, tmp_path, ALL, sim(fault)).pictures[0].format == format

    def test_the_size_is_read_from_the_bytes(self, ours, simulator, tmp_path):
        picture = call(ours, simulator, tmp_path, VIP, sim("size 640x480"), size="2048x1152").pictures[0]
        assert (picture.width, picture.height) == (640, 480)

    @pytest.mark.parametrize("fault", ["url-500", "url-cut"])
    def test_a_download_is_tried_again(self, ours, simulator, tmp_path, fault):
        answer = call(ours, simulator, tmp_path, ALL, sim(fault), response_format="url")
        assert len(answer.pictures) == 1
        assert simulator.calls()["total"] == 1


def perform(gateway: Gateway, simulator: RunningSimulator, into: Path, asked: ImageRequest) -> Answer:
    return gateway.send(connection_to(simulator), asked, base_url=simulator.base_url, into=into)


class TestEdits:
    @pytest.fixture
    def pictures(self, tmp_path):
        sizes = [(1280, 720), (800, 800)]
        return [attached(tmp_path, picture("PNG", size), f"{size}.png") for size in sizes]

    @pytest.mark.parametrize("field", ["image[]", "image"])
    @pytest.mark.parametrize("model", [ALL, VIP, OFFICIAL])
    def test_pictures_go_along(self, ours, simulator, tmp_path, pictures, model, field):
        asked = edit(*pictures, model=model, prompt="join them [[sim: plain]]", **{"image[]": field})
        answer = perform(ours, simulator, tmp_path / "in", asked)
        assert len(answer.pictures) == 1
        (logged,) = simulator.calls()["calls"]
        assert (logged["path"], logged["references"], logged["status"]) == ("/v1/images/edits", 2, 200)

    def test_the_second_picture_is_the_second(self, ours, simulator, tmp_path, pictures):
        asked = edit(*pictures, model=ALL, prompt="modify image 2: a frame [[sim: plain]]")
        drawn = perform(ours, simulator, tmp_path / "in", asked).pictures[0]
        assert drawn.width == drawn.height

    def test_a_mask(self, ours, simulator, tmp_path, pictures):
        mask = attached(tmp_path, picture("PNG", (1280, 720), "RGBA"), "mask.png")
        asked = edit(*pictures, mask=mask, prompt="a hat [[sim: plain]]", size="1280x720", quality="low")
        answer = perform(ours, simulator, tmp_path / "in", asked)
        assert (answer.pictures[0].width, answer.pictures[0].height) == (1280, 720)
        assert answer.usage["input_tokens_details"]["image_tokens"] > 0

    @pytest.mark.parametrize(
        ("fault", "kind"), [("413", ErrorKind.TOO_LARGE), ("reset", ErrorKind.CONNECTION_BROKEN)]
    )
    def test_faults_are_those_of_any_call(self, ours, simulator, tmp_path, pictures, fault, kind):
        with pytest.raises(ProviderError) as caught:
            perform(ours, simulator, tmp_path / "in", edit(*pictures, prompt=sim(fault)))
        assert caught.value.kind is kind
        assert simulator.calls()["total"] == 1


class TestStreams:
    @pytest.mark.parametrize("previews", [0, 1, 2, 3])
    def test_previews_come_first(self, ours, simulator, tmp_path, previews):
        told: list[int] = []
        asked = request(
            OFFICIAL,
            "a tea tin [[sim: plain]]",
            size="1024x1024",
            quality="low",
            stream=True,
            partial_images=previews,
        )
        answer = ours.send(
            connection_to(simulator), asked, base_url=simulator.base_url, into=tmp_path,
            on_partial=lambda partial: told.append(partial.index),
        )  # fmt: skip
        assert told == list(range(previews))
        assert (len(answer.pictures), len(answer.partials)) == (1, previews)
        assert answer.usage["output_tokens"] == 196 + 100 * previews
        assert simulator.calls()["total"] == 1

    def test_an_edit_streams_too(self, ours, simulator, tmp_path):
        reference = attached(tmp_path, picture("PNG", (1024, 1024)))
        asked = edit(reference, prompt="a hat [[sim: plain]]", quality="low", stream=True, partial_images=1)
        answer = perform(ours, simulator, tmp_path / "in", asked)
        assert (len(answer.pictures), len(answer.partials)) == (1, 1)

    def stream(self, gateway, simulator, into, fault, seconds=None) -> Answer:
        asked = request(
            OFFICIAL,
            f"a tin [[sim: plain, fast, {fault}]]",
            seconds,
            quality="low",
            stream=True,
            partial_images=3,
        )
        return perform(gateway, simulator, into, asked)

    @pytest.mark.parametrize("previews", [0, 2])
    def test_fewer_previews_than_asked_for(self, ours, simulator, tmp_path, previews):
        answer = self.stream(ours, simulator, tmp_path, f"partials {previews}")
        assert (len(answer.pictures), len(answer.partials)) == (1, previews)

    @pytest.mark.parametrize(
        ("fault", "kind"),
        [
            ("stream-cut 2", ErrorKind.CONNECTION_BROKEN),
            ("stream-hang 2", ErrorKind.TIMED_OUT),
            ("stream-error 2", None),
        ],
    )
    def test_a_stream_that_fails_keeps_its_previews(self, ours, simulator, tmp_path, fault, kind):
        with pytest.raises(ProviderError) as caught:
            self.stream(ours, simulator, tmp_path, fault, 1.5)
        error = caught.value
        assert kind in (None, error.kind)
        assert (error.billed, error.retry, len(error.kept)) == (Billed.UNKNOWN, Retry.NEVER, 2)
        log = simulator.calls()
        assert (log["total"], log["billed"]) == (1, 1)


class TestNanoBanana:
    @pytest.mark.parametrize(("size", "pixels"), [("2752x1536", (2752, 1536)), ("896x1200", (896, 1200))])
    def test_the_size_asked_for_is_the_size_that_comes(self, ours, simulator, tmp_path, size, pixels):
        picture = call(ours, simulator, tmp_path, NANO, "a tea tin [[sim: plain]]", size=size).pictures[0]
        assert (picture.width, picture.height) == pixels
        assert simulator.calls()["billed_usd"] == "0.090000"

    def test_an_edit_takes_the_shape_of_its_last_picture(self, ours, simulator, tmp_path):
        sizes = [(900, 300), (300, 530)]
        references = [attached(tmp_path, picture("PNG", size), f"{size}.png") for size in sizes]
        asked = edit(*references, model=NANO, prompt="join [[sim: plain]]")
        drawn = perform(ours, simulator, tmp_path / "in", asked).pictures[0]
        assert (drawn.width, drawn.height) == (1536, 2752)

    def test_the_last_of_several_drafts_counts(self, ours, simulator, tmp_path):
        answer = call(ours, simulator, tmp_path, NANO, "a tin [[sim: plain, drafts 3]]", size="1024x1024")
        assert len(answer.pictures) == 1
        assert len(list(tmp_path.iterdir())) == 1

    def test_words(self, ours, simulator, tmp_path):
        assert call(ours, simulator, tmp_path, NANO, sim("text")).is_words

    @pytest.mark.parametrize(
        ("reason", "kind"),
        [
            ("IMAGE_SAFETY", ErrorKind.MODERATION),
            ("PROHIBITED_CONTENT", ErrorKind.MODERATION),
            ("NO_IMAGE", ErrorKind.NO_IMAGE),
        ],
    )
    def test_a_refusal_with_status_200(self, ours, simulator, tmp_path, reason, kind):
        with pytest.raises(ProviderError) as caught:
            call(ours, simulator, tmp_path, NANO, sim(f"finish {reason}"))
        assert (caught.value.kind, caught.value.billed) == (kind, Billed.UNKNOWN)


class TestChat:
    @pytest.mark.parametrize("shape", ["prose", "link", "twice", "data-url", "parts", "images"])
    def test_one_picture_whatever_the_shape(self, ours, simulator, tmp_path, shape):
        answer = perform(ours, simulator, tmp_path, talk(f"a tin [[sim: plain, chat {shape}]]"))
        assert len(answer.pictures) == 1

    def test_several_pictures(self, ours, simulator, tmp_path):
        assert len(perform(ours, simulator, tmp_path, talk("a tin [[sim: plain, pictures 3]]")).pictures) == 3

    def test_a_conversation(self, ours, simulator, tmp_path):
        asked = talk("a cafe in the afternoon sun [[sim: plain]]")
        first = perform(ours, simulator, tmp_path / "1", asked)
        drawn = Attachment(first.pictures[0].path, "image/png")
        said = [
            Message("user", "a cafe"),
            Message("assistant", "![image](https://r2cdn.example.invalid/a.png)"),
        ]
        answer = perform(
            ours, simulator, tmp_path / "2", talk("now rainy [[sim: plain]]", *said, references=(drawn,))
        )
        assert len(answer.pictures) == 1
        assert [call["path"] for call in simulator.calls()["calls"]] == ["/v1/chat/completions"] * 2

    def test_words_are_an_answer_and_were_billed(self, ours, simulator, tmp_path):
        answer = perform(ours, simulator, tmp_path, talk("hello, who are you?"))
        assert answer.is_words
        assert answer.text
        assert list(tmp_path.iterdir()) == []
        assert simulator.calls()["billed"] == 1

    @pytest.mark.parametrize("shape", [{}, {"shape": "16:9"}])
    def test_the_wish_for_a_picture_can_be_put_first(self, ours, simulator, tmp_path, shape):
        asked = talk(image_intent("who are you? [[sim: plain]]"), **shape)
        drawn = perform(ours, simulator, tmp_path, asked).pictures[0]
        if shape:
            assert (drawn.width, drawn.height) == (1672, 941)

    def test_words_come_from_the_picture_endpoints_too(self, ours, simulator, tmp_path):
        assert call(ours, simulator, tmp_path, ALL, sim("text")).is_words


NO, YES, UNKNOWN = Billed.NO, Billed.YES, Billed.UNKNOWN
FAULTS = [
    ("500", ErrorKind.UPSTREAM_ERROR, NO),
    ("502", ErrorKind.UNREADABLE_ANSWER, UNKNOWN),
    ("503", ErrorKind.UPSTREAM_ERROR, NO),
    ("504", ErrorKind.GATEWAY_TIMEOUT, UNKNOWN),
    ("524", ErrorKind.GATEWAY_TIMEOUT, UNKNOWN),
    ("429", ErrorKind.BUSY, NO),
    ("429 retry-after 3", ErrorKind.BUSY, NO),
    ("balance", ErrorKind.BALANCE, NO),
    ("401", ErrorKind.BAD_KEY, NO),
    ("403", ErrorKind.FORBIDDEN, NO),
    ("key-type", ErrorKind.WRONG_KEY_TYPE, NO),
    ("404", ErrorKind.WRONG_ADDRESS, NO),
    ("413", ErrorKind.TOO_LARGE, NO),
    ("moderation", ErrorKind.MODERATION, NO),
    ("451", ErrorKind.MODERATION, NO),
    ("shell", ErrorKind.UPSTREAM_ERROR, NO),
    ("reset", ErrorKind.CONNECTION_BROKEN, UNKNOWN),
    ("close", ErrorKind.CONNECTION_BROKEN, UNKNOWN),
    ("cut 50%", ErrorKind.CONNECTION_BROKEN, UNKNOWN),
    ("cut 0%", ErrorKind.CONNECTION_BROKEN, UNKNOWN),
    ("empty", ErrorKind.NO_IMAGE, UNKNOWN),
    ("html", ErrorKind.UNREADABLE_ANSWER, UNKNOWN),
    ("badjson", ErrorKind.UNREADABLE_ANSWER, UNKNOWN),
    ("endless", ErrorKind.ANSWER_TOO_LARGE, UNKNOWN),
    ("garbage", ErrorKind.NOT_A_PICTURE, UNKNOWN),
]
# Nano Banana refuses with status 200, and a chat's picture comes by a link, so it is paid for.
BILLED_OTHERWISE = {("nano", "moderation"): UNKNOWN, ("chat", "garbage"): YES}
LINK_FAULTS = [
    ("url-404", ErrorKind.PICTURE_LINK_FAILED),
    ("url-expired", ErrorKind.PICTURE_LINK_FAILED),
    ("url-html", ErrorKind.PICTURE_LINK_FAILED),
    ("url-endless", ErrorKind.PICTURE_LINK_FAILED),
    ("url-redirect http://169.254.169.254/", ErrorKind.PICTURE_LINK_FAILED),
    ("url-redirect http://127.0.0.1:9/", ErrorKind.PICTURE_LINK_FAILED),
    ("url-to http://169.254.169.254/x.png", ErrorKind.PICTURE_LINK_FAILED),
    ("url-to http://[::1]/x.png", ErrorKind.PICTURE_LINK_FAILED),
    ("url-to http://2130706433/x.png", ErrorKind.PICTURE_LINK_FAILED),
    ("url-to file:///etc/passwd", ErrorKind.NOT_A_PICTURE),
    ("garbage", ErrorKind.NOT_A_PICTURE),
]


class TestFaults:
    def failure(self, gateway, simulator, into, prompt, **fields) -> ProviderError:
        with pytest.raises(ProviderError) as caught:
            call(gateway, simulator, into, ALL, prompt, **fields)
        assert set(into.iterdir()) == set(caught.value.kept)
        return caught.value

    @pytest.mark.parametrize(("fault", "kind", "billed"), FAULTS, ids=[fault for fault, *_ in FAULTS])
    def test_every_fault_has_its_kind_and_one_call(self, ours, simulator, tmp_path, fault, kind, billed):
        error = self.failure(ours, simulator, tmp_path, sim(fault))
        assert (error.kind, error.billed) == (kind, billed)
        log = simulator.calls()
        assert log["total"] == 1
        if log["billed"]:  # nothing that was billed is said to be free, or repeated
            assert billed is not Billed.NO
            assert error.retry is Retry.NEVER

    @pytest.mark.parametrize("way", ["edit", "chat", "stream", "nano"])
    @pytest.mark.parametrize(("fault", "kind", "billed"), FAULTS, ids=[fault for fault, *_ in FAULTS])
    def test_every_fault_is_the_same_on_every_way(self, ours, simulator, tmp_path, way, fault, kind, billed):
        asked = {
            "edit": edit(attached(tmp_path / "out", picture()), model=ALL, prompt=sim(fault)),
            "chat": talk(sim(fault)),
            "stream": request(OFFICIAL, sim(fault), quality="low", stream=True),
            "nano": request(NANO, sim(fault), size="1024x1024"),
        }[way]
        with pytest.raises(ProviderError) as caught:
            perform(ours, simulator, tmp_path / "in", asked)
        log = simulator.calls()
        assert log["total"] == 1
        assert log["billed"] == 0 or caught.value.billed is not Billed.NO
        assert (caught.value.kind, caught.value.billed) == (kind, BILLED_OTHERWISE.get((way, fault), billed))
        assert set((tmp_path / "in").iterdir()) == set(caught.value.kept)

    @pytest.mark.parametrize(("fault", "kind"), LINK_FAULTS, ids=[fault for fault, _ in LINK_FAULTS])
    def test_a_picture_behind_a_bad_link_was_paid_for(self, ours, simulator, tmp_path, fault, kind):
        error = self.failure(ours, simulator, tmp_path, sim(fault), response_format="url")
        assert error.kind is kind
        assert error.billed is not Billed.NO
        log = simulator.calls()
        assert (log["total"], log["billed"]) == (1, 1)

    def test_a_hanging_provider_is_left_after_the_time_limit(self, ours, simulator, tmp_path):
        error = self.failure(ours, simulator, tmp_path, sim("hang"), timeout_seconds=0.4)
        assert (error.kind, error.billed) == (ErrorKind.TIMED_OUT, UNKNOWN)
        assert simulator.calls()["total"] == 1

    def test_retry_after_reaches_the_caller(self, ours, simulator, tmp_path):
        error = self.failure(ours, simulator, tmp_path, sim("429 retry-after 3"))
        assert error.retry_after_seconds == 3

    def test_a_wrong_key(self, ours, simulator, tmp_path):
        with pytest.raises(ProviderError) as caught:
            call(ours, simulator, tmp_path, ALL, key="sk-wrong-key-000000")
        assert caught.value.kind is ErrorKind.BAD_KEY
        assert "sk-wrong-key-000000" not in caught.value.provider_message

    def test_an_opt_in_field_that_the_provider_refuses_is_named(self, ours, simulator, tmp_path):
        error = self.failure(ours, simulator, tmp_path, "a tea tin", size="1024x1024")
        assert (error.kind, error.billed) == (ErrorKind.REFUSED_PARAMETER, NO)
        assert error.values["field"] == error.refused_field == "size"


class TestManyAtOnce:
    def test_a_hundred_calls_from_a_hundred_threads(self, ours, simulator, tmp_path):
        answers: list[Answer] = []

        def one(number: int) -> None:
            prompt = f"tin {number} [[sim: plain, slow 0.2s]]"
            answers.append(call(ours, simulator, tmp_path / str(number), ALL, prompt))

        threads = [threading.Thread(target=one, args=(number,)) for number in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(answers) == 100
        log = simulator.calls()
        assert (log["total"], log["billed"]) == (100, 100)
        assert len({answer.pictures[0].path for answer in answers}) == 100
