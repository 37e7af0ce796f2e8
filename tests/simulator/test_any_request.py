"""Whatever is sent, the answer is a refusal with an error body or a picture, never an accident."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.simulator.conftest import GENERATIONS, plain

CHAT, EDITS = "/v1/chat/completions", "/v1/images/edits"
MODELS = st.sampled_from(
    ["gpt-image-2-all", "gpt-image-2-vip", "gpt-image-2", "gpt-image-2.5-flare-vip", "x"]
)
NAMES = st.sampled_from(
    ["size", "quality", "n", "response_format", "output_format", "output_compression", "background", "stream"]
    + ["partial_images", "moderation", "user", "input_fidelity", "mask", "image", "temperature"]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
)
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=4), SCALARS, max_size=2)
FIELDS = st.dictionaries(
    NAMES, VALUES | st.sampled_from(["auto", "low", "1024x1024", "png", "url"]), max_size=4
)
WITH_API = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PARTS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["text", "image_url", "audio"]) | SCALARS,
        "text": VALUES,
        "image_url": st.fixed_dictionaries(
            {}, optional={"url": VALUES | st.just("data:image/png;base64,AAAA")}
        )
        | SCALARS,
    },
)
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "role": st.sampled_from(["user", "assistant", "system"]) | SCALARS,
            "content": VALUES | st.lists(PARTS, max_size=3),
        },
    )
    | SCALARS,
    max_size=3,
)


def is_in_order(answer):
    assert answer.status_code in (200, 400, 429), (answer.status_code, answer.text[:300])
    if answer.status_code != 200:
        assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


@WITH_API
@given(MODELS, FIELDS)
def test_any_fields_of_a_generation(api, model, fields):
    is_in_order(api.http.post(GENERATIONS, json={"model": model, "prompt": "x [[sim: plain]]", **fields}))


@WITH_API
@given(MODELS, MESSAGES | SCALARS, FIELDS)
def test_any_messages_of_a_chat(api, model, messages, fields):
    is_in_order(api.http.post(CHAT, json={"model": model, "messages": messages, **fields}))


@WITH_API
@given(MODELS, st.dictionaries(NAMES, st.text(max_size=12), max_size=4), st.binary(max_size=60))
def test_any_form_of_an_edit(api, model, fields, noise):
    files = [
        ("image[]", ("a.png", plain("red", 64, 64), "image/png")),
        ("mask", ("m.png", noise, "image/png")),
    ]
    data = {"model": model, "prompt": "x [[sim: plain]]", **fields}
    is_in_order(api.http.post(EDITS, data=data, files=files))
    is_in_order(api.http.post(EDITS, data=data, files=[("image", ("a.png", noise, "image/png"))]))


@WITH_API
@given(st.text(max_size=40))
def test_any_directive(api, words):
    """Odd directives are ignored and noted; known ones cannot be guessed by chance."""
    body = json.dumps({"model": "gpt-image-2-all", "prompt": f"x [[sim: plain, ~{words}]]"})
    is_in_order(api.http.post(GENERATIONS, content=body, headers={"Content-Type": "application/json"}))
