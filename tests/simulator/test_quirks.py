"""Newer behaviours, one by one: off by default, and what each of them does when it is on."""

from pathlib import Path

import pytest

from playground.catalog import default
from playground.simulator import quirks
from tests.simulator.conftest import picture_of, plain, speaking
from tests.simulator.test_edits import edit, picture

ALL, VIP, OFFICIAL = "gpt-image-2-all", "gpt-image-2-vip", "gpt-image-2"


def test_size_may_be_taken_and_ignored_on_all():
    with speaking(quirks=("all-ignores-size",)) as api:
        assert api.size(ALL, size="1024x1536") == "1254x1254"


def test_size_may_be_a_target_on_edits_of_all_too():
    with speaking(quirks=("all-accepts-size",)) as api:
        assert picture_of(edit(api, ALL, size="1024x1536"), api.http).size == (1024, 1536)
        assert picture_of(edit(api, ALL, pictures=[picture(600, 600)]), api.http).size == (1254, 1254)


@pytest.mark.parametrize(
    ("quirk", "good", "bad"),
    [("edits-want-image-brackets", "image[]", "image"), ("edits-want-plain-image", "image", "image[]")],
)
@pytest.mark.parametrize("model", [ALL, VIP, OFFICIAL])
def test_edits_may_take_one_spelling_only(quirk, good, bad, model):
    with speaking(quirks=(quirk,)) as api:
        assert edit(api, model, field=good).status_code == 200
        answer = edit(api, model, field=bad)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, bad)
        assert api.running.calls()["billed"] == 1


def test_vip_may_send_base64_whatever_is_asked():
    with speaking(quirks=("vip-ignores-response-format",)) as api:
        assert set(api.draw(VIP, response_format="url").json()["data"][0]) == {"b64_json"}
        assert set(api.draw(ALL, response_format="url").json()["data"][0]) == {"url"}


def test_the_first_picture_may_set_the_canvas_on_vip():
    pictures = [plain("red", 1600, 1200), plain("red", 1200, 1600)]
    with speaking(quirks=("vip-first-sets-canvas",)) as api:
        assert picture_of(edit(api, VIP, "modify image 2", pictures), api.http).size == (1600, 1200)
    with speaking() as api:
        assert picture_of(edit(api, VIP, "modify image 2", pictures), api.http).size == (1200, 1600)


def test_background_and_format_may_be_taken_on_vip():
    with speaking(quirks=("vip-accepts-background", "vip-ignores-format")) as api:
        found = api.picture(VIP, background="transparent", output_format="jpeg", prompt="a cup [[sim: fast]]")
        assert (found.format, found.mode) == ("PNG", "RGBA")


def test_the_usage_may_tell_cached_tokens():
    with speaking(quirks=("usage-has-cached-tokens",)) as api:
        usage = edit(api, OFFICIAL, quality="low", size="1024x1024").json()["usage"]
        cached = usage["input_tokens_details"]["cached_tokens_details"]
        assert cached["image_tokens"] == usage["input_tokens_details"]["image_tokens"] // 2
        (call,) = api.running.calls()["calls"]
        uncached = usage["input_tokens_details"]
        full = (
            uncached["text_tokens"] * 5e-6 + uncached["image_tokens"] * 8e-6 + usage["output_tokens"] * 30e-6
        )
        assert float(call["usd"]) < full


def test_a_blocked_picture_may_be_billed():
    with speaking(quirks=("image-safety-is-billed",)) as api:
        assert api.draw(OFFICIAL, "x [[sim: 451]]").status_code == 451
        assert api.running.calls()["billed"] == 1


@pytest.mark.parametrize("status", [403, 451])
def test_moderation_may_have_another_status(status):
    with speaking(quirks=(f"moderation-is-{status}",)) as api:
        assert api.draw(OFFICIAL, "x [[sim: moderation]]").status_code == status
        assert api.running.calls()["billed"] == 0


def test_the_code_of_a_mask_without_alpha_may_name_the_mask():
    with speaking(quirks=("mask-error-names-the-mask",)) as api:
        assert edit(api, OFFICIAL, mask=picture()).json()["error"]["code"] == "invalid_mask_image_format"


# The table


def test_every_quirk_is_met_in_a_test():
    """A name that no test switches on would be a promise that nobody keeps."""
    texts = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    met = {name for name in quirks.NAMES if f'"{name}"' in texts}
    assert set(quirks.NAMES) - met - {"moderation-is-451"} == set()


def test_names_are_unique_and_every_quirk_says_when_and_by_whom():
    assert len(set(quirks.NAMES)) == len(quirks.NAMES)
    for quirk in quirks.QUIRKS:
        assert quirk.effect
        assert quirk.source
        assert quirk.since >= quirks.FOUNDING


def test_no_quirk_is_on_by_itself_for_the_founding_models():
    for name in (ALL, VIP, OFFICIAL):
        assert quirks.of_model(default().get(name), frozenset()) == frozenset()
