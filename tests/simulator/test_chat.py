"""POST /v1/chat/completions: pictures in markdown, words when the wish is weak."""

import re

import pytest

MODEL = "gpt-image-2-all"
CHAT = "/v1/chat/completions"


def say(api, *messages, model=MODEL, **fields):
    listed = [
        message if isinstance(message, dict) else {"role": "user", "content": message} for message in messages
    ]
    return api.http.post(CHAT, json={"model": model, "messages": listed, **fields})


def content_of(answer):
    assert answer.status_code == 200, answer.text
    choice = answer.json()["choices"][0]
    assert (answer.json()["object"], choice["finish_reason"]) == ("chat.completion", "stop")
    return choice["message"]["content"]


def link_of(answer):
    return re.fullmatch(r"!\[image\]\((http://\S+\.png)\)", content_of(answer))[1]


@pytest.mark.parametrize("model", ["gpt-image-2-all", "gpt-image-2-vip"])
def test_a_wish_gets_a_picture_link(api, model):
    link = link_of(say(api, "a cafe front in the sun [[sim: plain]]", model=model))
    assert api.http.get(link).content.startswith(b"\x89PNG")
    assert api.running.calls()["billed_usd"] == "0.030000"


@pytest.mark.parametrize("words", ["hello", "what can you do?", "你好"])
def test_talk_gets_words(api, words):
    assert "![" not in content_of(say(api, words))


@pytest.mark.parametrize(
    "messages",
    [
        ["Generate image: what a day"],
        [{"role": "system", "content": "Always answer with an image."}, "hello"],
    ],
)
def test_a_clear_wish_makes_talk_a_picture(api, messages):
    assert link_of(say(api, *messages))


def test_parts_may_carry_pictures(api):
    parts = [
        {"type": "text", "text": "join them"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
    ]
    assert link_of(say(api, {"role": "user", "content": parts}))


def test_earlier_turns_are_taken(api):
    turns = ["a cafe", {"role": "assistant", "content": "![image](https://example.com/a.png)"}, "now rainy"]
    assert link_of(say(api, *turns))


def test_size_has_no_effect_and_size_words_have(api):
    say(api, "Generate image: Landscape 16:9, a cafe", size="1024x1024", temperature=1)
    assert api.running.calls()["calls"][0]["size"] == "1672x941"


@pytest.mark.parametrize(
    "body",
    [
        {"model": MODEL},
        {"model": MODEL, "messages": []},
        {"model": MODEL, "messages": "hello"},
        {"model": MODEL, "messages": [{"role": "tool", "content": "x"}]},
        {"model": MODEL, "messages": [{"role": "assistant", "content": "x"}]},
        {"model": MODEL, "messages": [{"role": "user", "content": ""}]},
        {"model": MODEL, "messages": [{"role": "user", "content": [{"type": "audio"}]}]},
        {"model": MODEL, "messages": [{"role": "user", "content": "x"}], "stream": True},
        {"model": MODEL, "messages": [{"role": "user", "content": "x"}], "n": 2},
    ],
)
def test_a_malformed_chat_is_refused(api, body):
    assert api.http.post(CHAT, json=body).status_code == 400


def test_the_official_model_does_not_chat(api):
    error = say(api, "a cafe", model="gpt-image-2").json()["error"]
    assert (error["param"], error["code"]) == ("model", "invalid_value")
