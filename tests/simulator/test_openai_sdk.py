"""OpenAI's own SDK: for gpt-image-2 it works as with OpenAI, for the reverse channels it fails as the contract says."""

import asyncio
import base64
import binascii
import io
from contextlib import closing

import openai
import pytest
from PIL import Image, ImageChops, ImageDraw

from tests.simulator.conftest import encoded, gradient, plain

OFFICIAL, REVERSE = "gpt-image-2", "gpt-image-2-all"
LOW = {"model": OFFICIAL, "size": "1024x1024", "quality": "low"}


@pytest.fixture
def client(simulator):
    with closing(
        openai.OpenAI(base_url=simulator.base_url + "/v1", api_key=simulator.key, max_retries=0)
    ) as found:
        yield found


def opened(text):
    return Image.open(io.BytesIO(base64.b64decode(text, validate=True)))


def file(data, name="picture.png"):
    return (name, data, "image/png")


def mask():
    alpha = Image.new("L", (1024, 1024), 255)
    ImageDraw.Draw(alpha).rectangle((200, 200, 600, 600), fill=0)
    painted = Image.new("RGB", (1024, 1024))
    painted.putalpha(alpha)
    return encoded(painted)


# gpt-image-2


def test_it_generates(client, simulator):
    found = client.images.generate(
        prompt="a tea tin", n=1, output_format="jpeg", output_compression=85, user="me", **LOW
    )
    assert opened(found.data[0].b64_json).size == (1024, 1024)
    assert opened(found.data[0].b64_json).format == "JPEG"
    assert (found.size, found.quality, found.output_format, found.background) == (
        "1024x1024",
        "low",
        "jpeg",
        "opaque",
    )
    assert found.usage.output_tokens == 196
    assert found.usage.input_tokens_details.image_tokens == 0
    assert found.usage.total_tokens == found.usage.input_tokens + 196
    assert simulator.calls()["billed"] == 1


@pytest.mark.parametrize("moderation", ["auto", "low"])
def test_every_documented_choice_is_taken(client, moderation):
    client.images.generate(
        model=OFFICIAL,
        prompt="x [[sim: plain]]",
        size="auto",
        quality="auto",
        background="auto",
        moderation=moderation,
    )


def test_the_request_id_is_where_the_sdk_looks_for_it(client, simulator):
    raw = client.images.with_raw_response.generate(prompt="x [[sim: plain]]", **LOW)
    assert raw.request_id == simulator.calls()["calls"][0]["request_id"]


def test_it_edits_one_picture(client, simulator):
    sent = gradient(1024, 1024)
    found = client.images.edit(image=file(encoded(sent)), prompt="make it mirrored", **LOW)
    result = opened(found.data[0].b64_json).convert("RGB")
    assert result.getpixel((100, 300)) == sent.getpixel((923, 300))
    assert simulator.calls()["calls"][0]["reference_files"][0]["field"] == "image"


def test_it_edits_several_pictures_in_order(client, simulator):
    pictures = [plain(colour, 400, 400) for colour in ("red", "green", "blue")]
    found = client.images.edit(image=[file(one) for one in pictures], prompt="join them", **LOW)
    assert found.usage.input_tokens_details.image_tokens == 3 * 1024
    files = simulator.calls()["calls"][0]["reference_files"]
    assert [one["field"] for one in files] == ["image[]"] * 3
    assert len({one["sha256"] for one in files}) == 3


def test_it_edits_with_a_mask(client, simulator):
    sent = gradient(1024, 1024)
    found = client.images.edit(image=file(encoded(sent)), mask=file(mask()), prompt="a vase of tulips", **LOW)
    apart = ImageChops.difference(sent, opened(found.data[0].b64_json).convert("RGB"))
    left, top, right, bottom = apart.getbbox()
    assert left >= 200
    assert top >= 200
    assert right <= 601
    assert bottom <= 601
    assert (right - left) * (bottom - top) > 150_000
    assert simulator.calls()["calls"][0]["mask_file"]["width"] == 1024


def test_it_streams(client):
    stream = client.images.generate(prompt="a dune", stream=True, partial_images=2, **LOW)
    found = list(stream)
    assert [event.type for event in found] == ["image_generation.partial_image"] * 2 + [
        "image_generation.completed"
    ]
    assert [event.partial_image_index for event in found[:2]] == [0, 1]
    assert opened(found[-1].b64_json).size == (1024, 1024)
    assert found[-1].usage.output_tokens == 196 + 200


def test_it_streams_edits(client):
    pictures = [file(plain("red", 400, 400)), file(plain("blue", 400, 400))]
    found = list(client.images.edit(image=pictures, prompt="join", stream=True, partial_images=1, **LOW))
    assert [event.type for event in found] == ["image_edit.partial_image", "image_edit.completed"]
    assert found[-1].usage.input_tokens_details.image_tokens == 2 * 1024


def test_an_error_in_the_stream_is_raised(client):
    stream = client.images.generate(prompt="x [[sim: stream-error 1]]", stream=True, partial_images=2, **LOW)
    assert next(stream).type == "image_generation.partial_image"
    with pytest.raises(openai.APIError, match="error while processing"):
        next(stream)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"size": "1000x1000"}, "size"),
        ({"background": "transparent"}, "background"),
        ({"response_format": "b64_json"}, "response_format"),
        ({"style": "vivid"}, "style"),
        ({"quality": "hd"}, "quality"),
        ({"extra_body": {"seed": 7}}, "seed"),
    ],
)
def test_a_bad_request_names_its_parameter(client, fields, param):
    with pytest.raises(openai.BadRequestError) as refused:
        client.images.generate(model=OFFICIAL, prompt="x", **fields)
    assert refused.value.param == param
    assert refused.value.request_id


def test_input_fidelity_is_refused_on_edits(client):
    with pytest.raises(openai.BadRequestError) as refused:
        client.images.edit(model=OFFICIAL, image=file(plain("red")), prompt="x", input_fidelity="high")
    assert refused.value.param == "input_fidelity"


@pytest.mark.parametrize(
    ("directive", "error"),
    [
        ("401", openai.AuthenticationError),
        ("key-type", openai.PermissionDeniedError),
        ("404", openai.NotFoundError),
        ("429", openai.RateLimitError),
        ("balance", openai.RateLimitError),
        ("500", openai.InternalServerError),
        ("503", openai.InternalServerError),
        ("moderation", openai.BadRequestError),
        ("close", openai.APIConnectionError),
    ],
)
def test_faults_are_the_errors_that_the_sdk_has_for_them(client, directive, error):
    with pytest.raises(error):
        client.images.generate(prompt=f"x [[sim: {directive}]]", **LOW)


def test_its_own_retries_get_through_a_busy_moment(simulator):
    with closing(
        openai.OpenAI(base_url=simulator.base_url + "/v1", api_key=simulator.key, max_retries=2)
    ) as client:
        client.images.generate(prompt="x [[sim: 429 x1 retry-after 0, plain]]", **LOW)
    log = simulator.calls()
    assert (log["total"], log["billed"]) == (2, 1)


def test_it_lists_the_models(client):
    assert {OFFICIAL, REVERSE} <= {model.id for model in client.models.list()}
    assert client.models.retrieve(OFFICIAL).id == OFFICIAL


def test_a_wrong_key_is_an_authentication_error(simulator):
    with (
        closing(
            openai.OpenAI(base_url=simulator.base_url + "/v1", api_key="sk-wrong", max_retries=0)
        ) as client,
        pytest.raises(openai.AuthenticationError),
    ):
        client.models.list()


# The reverse channels


@pytest.mark.parametrize(
    "fields",
    [{"size": "1024x1024"}, {"n": 1}, {"quality": "high"}, {"stream": True}, {"size": "auto", "n": 1}],
)
def test_what_the_sdk_is_used_to_send_is_refused(client, simulator, fields):
    with pytest.raises(openai.BadRequestError, match="parameter validation failed"):
        client.images.generate(model=REVERSE, prompt="a tea tin", **fields)
    assert simulator.calls()["billed"] == 0


def test_a_mask_is_refused(client):
    with pytest.raises(openai.BadRequestError, match="mask"):
        client.images.edit(
            model=REVERSE, image=file(encoded(gradient(1024, 1024))), mask=file(mask()), prompt="x"
        )


def test_its_base64_cannot_be_decoded_as_it_stands(client):
    found = client.images.generate(model=REVERSE, prompt="x [[sim: plain]]", response_format="b64_json")
    with pytest.raises(binascii.Error):
        base64.b64decode(found.data[0].b64_json, validate=True)
    assert found.data[0].b64_json.startswith("data:image/png;base64,")


def test_by_default_there_is_a_link_and_no_base64(client):
    found = client.images.generate(model=REVERSE, prompt="x [[sim: plain]]")
    assert found.data[0].b64_json is None
    assert found.data[0].url.startswith("http")


def test_the_chat_client_works(client):
    found = client.chat.completions.create(
        model=REVERSE, messages=[{"role": "user", "content": "a cafe [[sim: plain]]"}]
    )
    assert found.choices[0].message.content.startswith("![image](http")
    assert found.choices[0].finish_reason == "stop"


def test_the_chat_client_gets_words_for_a_weak_wish(client):
    found = client.chat.completions.create(model=REVERSE, messages=[{"role": "user", "content": "hello"}])
    assert "![" not in found.choices[0].message.content


def test_the_official_model_does_not_chat(client):
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model=OFFICIAL, messages=[{"role": "user", "content": "a cafe"}])


def test_the_asynchronous_client_works_too(simulator):
    async def generate():
        async with openai.AsyncOpenAI(base_url=simulator.base_url + "/v1", api_key=simulator.key) as client:
            return await asyncio.gather(
                *(client.images.generate(prompt=f"{n} [[sim: plain]]", **LOW) for n in range(8))
            )

    assert all(opened(found.data[0].b64_json).size == (1024, 1024) for found in asyncio.run(generate()))
