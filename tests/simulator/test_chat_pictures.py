"""Pictures in a chat: those of the newest message are changed, else the newest of the turns before."""

import hashlib
import io
import re

import pytest
from PIL import Image, ImageStat

from tests.simulator.conftest import data_url, encoded, gradient, picture_of, plain, speaking
from tests.simulator.test_chat import CHAT, content_of, link_of, say

RED, GREEN, BLUE = (200, 40, 40), (40, 180, 60), (40, 60, 200)


def user(text, *addresses):
    parts = [{"type": "text", "text": text}] if text else []
    parts += [{"type": "image_url", "image_url": {"url": address}} for address in addresses]
    return {"role": "user", "content": parts}


def assistant(address, words=""):
    return {"role": "assistant", "content": f"{words}![image]({address})"}


def fetched(api, answer):
    return Image.open(io.BytesIO(api.http.get(link_of(answer)).raise_for_status().content)).convert("RGB")


def main_colour(picture):
    mean = ImageStat.Stat(picture.crop((0, 0, picture.width, picture.height // 2))).mean
    return max(range(3), key=mean.__getitem__)


@pytest.mark.parametrize("model", ["gpt-image-2-all", "gpt-image-2-vip"])
def test_the_picture_of_the_message_is_changed_as_it_says(api, model):
    sent = gradient(800, 600)
    result = fetched(api, say(api, user("in black and white", data_url(encoded(sent))), model=model))
    red, green, _ = result.getpixel((200, 100))
    assert red == green
    assert result.width / result.height == pytest.approx(4 / 3, rel=0.01)


def test_a_data_url_may_be_a_jpeg(api):
    address = data_url(plain(GREEN, form="JPEG"), "jpeg")
    assert main_colour(fetched(api, say(api, user("a little brighter", address)))) == 1


def test_several_pictures_are_a_fusion_in_their_order(api):
    addresses = [data_url(plain(one)) for one in (RED, GREEN, BLUE)]
    assert main_colour(fetched(api, say(api, user("modify image 3", *addresses)))) == 2
    assert main_colour(fetched(api, say(api, user("modify image 1", *addresses)))) == 0


def test_a_turn_changes_the_picture_of_the_turn_before(api):
    first = say(api, "Generate image: a cafe front in afternoon sun")
    link, before = link_of(first), fetched(api, first)
    turns = ["Generate image: a cafe front in afternoon sun", assistant(link), "Now at night, same building"]
    after = fetched(api, say(api, *turns))
    assert after.size == before.size
    assert ImageStat.Stat(after.convert("L")).mean[0] < 0.6 * ImageStat.Stat(before.convert("L")).mean[0]


def test_turns_add_up(api):
    sent = data_url(plain(RED))
    first = link_of(say(api, user("make it green", sent)))
    second = fetched(api, say(api, user("make it green", sent), assistant(first), "brighter"))
    assert main_colour(second) == 1


@pytest.mark.parametrize(
    "turn",
    [assistant(data_url(plain(GREEN)), "Here: "), user("look", data_url(plain(GREEN)))],
)
def test_a_picture_in_an_earlier_turn_is_seen(api, turn):
    messages = [turn, {"role": "assistant", "content": "Nice."}, "a little brighter"]
    assert main_colour(fetched(api, say(api, *messages))) == 1


def test_the_newest_picture_counts(api):
    older, newer = data_url(plain(RED)), data_url(plain(GREEN))
    assert main_colour(fetched(api, say(api, user("x", older), assistant(newer), "brighter"))) == 1
    assert main_colour(fetched(api, say(api, assistant(newer), user("brighter", older)))) == 0


def test_a_quirk_closes_the_eyes_to_earlier_turns():
    with speaking(quirks=("chat-ignores-history",)) as api:
        turns = [assistant(data_url(plain(GREEN))), "Generate image: a dune at noon"]
        assert main_colour(fetched(api, say(api, *turns))) != 1
        assert main_colour(fetched(api, say(api, user("brighter", data_url(plain(GREEN)))))) == 1


def test_models_born_later_look_at_the_last_message_only(api):
    turns = [assistant(data_url(plain(GREEN))), "Generate image: a dune at noon"]
    assert main_colour(fetched(api, say(api, *turns, model="gpt-image-2.5-all"))) != 1


def test_size_words_win_over_the_shape_of_the_picture(api):
    sent = data_url(plain(RED, 800, 800))
    assert fetched(api, say(api, user("Generate image: Landscape 16:9, at night", sent))).size == (1672, 941)


def test_a_picture_makes_talk_a_wish(api):
    assert link_of(say(api, user("can you make it night?", data_url(plain(RED)))))


def test_more_than_sixteen_pictures_are_refused(api):
    tiny = data_url(plain(RED, 8, 8))
    answer = say(api, user("join", *[tiny] * 17))
    assert (answer.status_code, "maximum 16" in answer.text) == (400, True)


def test_a_link_of_ours_that_died_is_refused_in_the_message_and_passed_over_in_earlier_turns():
    now = [1_800_000_000.0]
    with speaking(clock=lambda: now[0]) as api:
        link = link_of(say(api, "a cafe"))
        now[0] += 24 * 3600
        refused = say(api, user("now rainy", link))
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_image_url")
        assert link_of(say(api, assistant(link), "now rainy"))


def test_a_foreign_link_is_never_fetched_and_something_stands_in(api):
    """The port is our own: a request for it would be seen as a call that is open."""
    address = f"{api.running.base_url}/elsewhere/picture.png"
    one, again = (fetched(api, say(api, user("at night", address))) for _ in range(2))
    assert ImageStat.Stat(one.convert("L")).mean[0] < 110
    assert one.size == again.size


@pytest.mark.parametrize("model", ["gpt-image-2-all"])
@pytest.mark.parametrize("start", ["Generate image:", "generate an image of", "生成图片："])
def test_the_start_makes_a_question_a_picture(api, start, model):
    assert link_of(say(api, f"{start} hello, who are you?", model=model))


# What became of the other shapes that clients have met


def shaped(api, shape, **more):
    return say(api, f"a cafe [[sim: chat {shape}, plain]]", **more)


def test_the_answer_may_come_in_other_shapes(api):
    assert content_of(shaped(api, "prose")).startswith("Here it is:\n\n![image](http")
    assert re.fullmatch(r"http://\S+\.png", content_of(shaped(api, "link")))
    links = re.findall(r"\((http\S+?)\)", content_of(shaped(api, "twice")))
    assert len(links) == 2
    assert len(set(links)) == 1
    assert content_of(shaped(api, "data-url")).startswith("![image](data:image/png;base64,iVBOR")
    text, picture = content_of(shaped(api, "parts"))
    assert (text["type"], picture["type"]) == ("text", "image_url")
    assert picture_of(shaped(api, "images"), api.http).format == "PNG"


def test_the_answer_may_hold_several_pictures_for_one_price(api):
    content = content_of(say(api, "a cafe [[sim: pictures 3, plain]]"))
    assert len(set(re.findall(r"\((http\S+?)\)", content))) == 3
    body = api.draw("gpt-image-2-all", "a tin [[sim: pictures 2, plain]]", response_format="b64_json").json()
    assert len(body["data"]) == 2
    assert api.running.calls()["billed_usd"] == "0.060000"


def test_faults_hold_for_chat_too(api):
    def fault(directive):
        return say(api, f"a cafe [[sim: {directive}]]")

    assert fault("503").status_code == 503
    assert fault("moderation").json()["error"]["code"] == "moderation_blocked"
    assert content_of(fault("empty")) == ""
    assert "![" not in content_of(fault("text"))
    assert fault("url-404").status_code == 200
    assert api.http.get(link_of(fault("url-404"))).status_code == 404


def test_words_cost_what_a_picture_costs_unless_a_quirk_says_free(api):
    say(api, "hello")
    assert api.running.calls()["billed_usd"] == "0.030000"
    with speaking(quirks=("words-are-free",)) as free:
        assert content_of(say(free, "hello"))
        assert content_of(say(free, "a cafe [[sim: text]]"))
        assert free.running.calls()["billed"] == 0


def test_the_log_has_the_conversation_with_hashes_for_pictures(api):
    sent = plain(RED)
    turns = [
        {"role": "system", "content": "Draw an image."},
        assistant(data_url(sent)),
        user("at night", data_url(sent)),
    ]
    say(api, *turns)
    (call,) = api.running.calls()["calls"]
    assert [message["role"] for message in call["messages"]] == ["system", "assistant", "user"]
    assert call["messages"][2]["pictures"] == [
        {"sha256": hashlib.sha256(sent).hexdigest(), "bytes": len(sent)}
    ]
    assert (call["prompt"], call["references"]) == ("at night", 1)
    assert "iVBOR" not in api.http.get("/_sim/calls").text


def test_a_message_that_makes_no_sense_is_logged_all_the_same(api):
    api.http.post(CHAT, json={"model": "gpt-image-2-all", "messages": [7, {"role": "user", "content": [3]}]})
    (call,) = api.running.calls()["calls"]
    assert (call["status"], len(call["messages"])) == (400, 2)
