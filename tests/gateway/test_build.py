"""What is really sent: exactly the fields that a model takes, never the others."""

import json

import pytest

from playground.catalog import Endpoint, default
from playground.gateway import Call, Connection, ImageRequest, InvalidRequestError, build
from tests.gateway.vectors import VECTORS
from tests.gateway.wire import KEY, connection, request

FIELDS = VECTORS["request_fields"]


def test_all_gets_its_shape_as_words_and_says_which_form_it_wants():
    call = build(request("gpt-image-2-all", "a Shiba Inu under a cherry tree", shape="16:9"))
    assert call == Call(
        "POST",
        "/v1/images/generations",
        {
            "model": "gpt-image-2-all",
            "prompt": "Landscape 16:9, a Shiba Inu under a cherry tree",
            "response_format": "b64_json",
        },
    )


def test_vip_gets_its_size_as_a_field():
    body = build(request("gpt-image-2-vip", size="2048x1152")).json_body
    assert body == {
        "model": "gpt-image-2-vip",
        "prompt": "a tea tin",
        "response_format": "b64_json",
        "size": "2048x1152",
    }


def test_the_official_model_never_gets_response_format():
    asked = request(
        "gpt-image-2", size="2048x1152", quality="low", output_format="jpeg", output_compression=85
    )
    assert build(asked).json_body == {
        "model": "gpt-image-2",
        "prompt": "a tea tin",
        "size": "2048x1152",
        "quality": "low",
        "output_format": "jpeg",
        "output_compression": 85,
    }


@pytest.mark.parametrize("model", sorted(FIELDS))
def test_a_bare_request_has_exactly_the_fields_that_are_always_sent(model):
    assert set(build(request(model)).json_body) == set(FIELDS[model]["generations"]["always"])


@pytest.mark.parametrize(
    ("model", "parameter"), [("gpt-image-2-all", "size"), ("gpt-image-2-vip", "quality")]
)
def test_an_opt_in_field_is_sent_only_when_asked_for(model, parameter):
    value = {"size": "1024x1024", "quality": "low"}[parameter]
    assert parameter not in build(request(model)).json_body
    assert build(request(model, **{parameter: value})).json_body[parameter] == value


@pytest.mark.parametrize("name", VECTORS["never_send"])
@pytest.mark.parametrize("model", [model.id for model in default().models])
def test_fields_that_do_harm_are_refused_before_anything_is_sent(model, name):
    with pytest.raises(InvalidRequestError):
        build(request(model, **{name: 1}))


@pytest.mark.parametrize("model", [model.id for model in default().models])
def test_no_field_is_empty_and_the_body_is_json(model):
    body = build(request(model)).json_body
    assert None not in body.values()
    assert "" not in body.values()
    assert json.loads(json.dumps(body)) == body


@pytest.mark.parametrize("vector", VECTORS["prompt_prefix_vectors"])
def test_size_words_stand_at_the_start_of_the_prompt(vector):
    shape = {"shape": vector["ratio"]} if vector["ratio"] else {}
    assert build(request("gpt-image-2-all", vector["prompt"], **shape)).json_body["prompt"] == vector["sent"]


def test_what_the_provider_would_refuse_is_not_built():
    with pytest.raises(InvalidRequestError) as caught:
        build(request("gpt-image-2", size="1792x936"))
    assert caught.value.problems[0].field == "size"
    assert caught.value.problems[0].message in caught.value.sentence


def test_an_endpoint_that_the_model_lacks_is_refused():
    with pytest.raises(InvalidRequestError):
        build(ImageRequest(default().get("gpt-image-2"), Endpoint.CHAT, "hello"))


def test_the_key_is_not_in_the_repr_of_a_connection():
    assert KEY not in repr(connection())
    assert isinstance(connection(), Connection)
