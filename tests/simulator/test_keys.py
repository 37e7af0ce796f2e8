"""Keys: types that serve some models only, and balances that go down by what is billed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.simulator import keys
from playground.simulator.keys import KeySpecError
from tests.simulator.conftest import speaking

FLAT, BY_TOKEN = "gpt-image-2-all", "gpt-image-2"
LOW = {"size": "1024x1024", "quality": "low"}


def use(api, key):
    api.http.headers["Authorization"] = f"Bearer {key}"


def left(api, ending):
    listed = api.http.get("/_sim/keys").json()["keys"]
    (found,) = [key for key in listed if key["ending"] == ending]
    return found["balance"] and Decimal(found["balance"])


def test_a_balance_goes_down_by_what_is_billed():
    with speaking(keys=("sk-mine-0001::0.10",)) as api:
        use(api, "sk-mine-0001")
        assert api.draw(FLAT).status_code == 200
        assert left(api, "0001") == Decimal("0.07")
        usage = api.draw(BY_TOKEN, **LOW).json()["usage"]
        cost = Decimal(usage["input_tokens"] * 5 + usage["output_tokens"] * 30) / 1_000_000
        assert left(api, "0001") == Decimal("0.07") - cost


def test_an_empty_balance_is_a_429_that_says_so_and_free():
    with speaking(keys=("sk-mine-0001::0.05",)) as api:
        use(api, "sk-mine-0001")
        assert [api.draw(FLAT).status_code for _ in range(3)] == [200, 429, 429]
        answer = api.draw(FLAT)
        assert answer.json() == {
            "error": {
                "message": "insufficient balance",
                "type": "shell_api_error",
                "param": "",
                "code": "insufficient_user_quota",
            }
        }
        assert "Retry-After" not in answer.headers
        assert api.running.calls()["billed"] == 1


def test_refusals_leave_the_balance_and_broken_connections_do_not():
    with speaking(keys=("sk-mine-0001::0.09",)) as api:
        use(api, "sk-mine-0001")
        api.draw(FLAT, quality="high")
        api.draw(FLAT, "x [[sim: 503]]")
        assert left(api, "0001") == Decimal("0.09")
        api.draw(FLAT, "x [[sim: 504]]")
        assert left(api, "0001") == Decimal("0.06")


def test_a_cheap_call_may_still_be_paid_when_a_dear_one_may_not():
    with speaking(keys=("sk-mine-0001::0.02",)) as api:
        use(api, "sk-mine-0001")
        assert api.draw(FLAT).status_code == 429
        assert api.draw(BY_TOKEN, **LOW).status_code == 200


def test_a_reset_fills_the_balances_up():
    with speaking(keys=("sk-mine-0001::0.03",)) as api:
        use(api, "sk-mine-0001")
        api.draw(FLAT)
        assert api.draw(FLAT).status_code == 429
        api.running.reset()
        assert api.draw(FLAT).status_code == 200


@pytest.mark.parametrize("kind", ["per-call", "usage-priority", "token-priority"])
def test_a_type_serves_what_it_is_for(kind):
    with speaking(keys=(f"sk-mine-0001:{kind}",)) as api:
        use(api, "sk-mine-0001")
        assert api.draw(FLAT).status_code == 200
        assert api.draw("gpt-image-2-vip").status_code == 200
        expected = 403 if kind == "per-call" else 200
        assert api.draw(BY_TOKEN, **LOW).status_code == expected


def test_only_the_given_keys_and_the_practice_keys_are_good():
    with speaking(key=None, keys=("sk-mine-0001",)) as api:
        use(api, "sk-mine-0001")
        assert api.draw(FLAT).status_code == 200
        use(api, "sk-mine-0002")
        assert api.draw(FLAT).status_code == 401
        assert api.http.get("/_sim").json()["key_required"] is True


@pytest.mark.parametrize("options", [{}, {"key": None}])
def test_the_practice_keys_meet_every_refusal(options):
    with speaking(**options) as api:
        for key, model, status in (
            ("sk-practice-token", BY_TOKEN, 200),
            ("sk-practice-per-call", FLAT, 200),
            ("sk-practice-per-call", BY_TOKEN, 403),
            ("sk-practice-empty", FLAT, 429),
            ("sk-practice-wrong", FLAT, 401),
        ):
            use(api, key)
            assert api.draw(model, **(LOW if model == BY_TOKEN else {})).status_code == status, key
        use(api, "sk-practice-poor")
        assert [api.draw(FLAT).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_a_key_can_be_set_while_it_runs(api):
    assert api.http.post("/_sim/keys", json={"key": "sk-later-7777:per-call:0.03"}).json() == {
        "ending": "7777",
        "type": "per-call",
        "balance": "0.030000",
    }
    use(api, "sk-later-7777")
    assert [api.draw(FLAT).status_code for _ in range(2)] == [200, 429]
    assert api.http.post("/_sim/keys", json={"key": "a:b:c"}).status_code == 400
    assert api.http.post("/_sim/keys", json={}).status_code == 400


def test_keys_are_shown_as_their_last_characters_only(api):
    for key in (api.running.key, "sk-something-wrong", "short"):
        use(api, key)
        api.draw(FLAT)
    assert [call["key_ending"] for call in api.running.calls()["calls"]] == [api.running.key[-4:], "rong", ""]
    for path in ("/_sim/keys", "/_sim/calls", "/_sim"):
        text = api.http.get(path).text
        assert api.running.key not in text
        assert "sk-something" not in text


def test_an_edit_a_chat_and_the_native_call_are_paid_from_the_same_balance():
    with speaking(keys=("sk-mine-0001::1.00",)) as api:
        use(api, "sk-mine-0001")
        chat = {"model": FLAT, "messages": [{"role": "user", "content": "a cafe"}]}
        assert api.http.post("/v1/chat/completions", json=chat).status_code == 200
        native = {"contents": [{"parts": [{"text": "a kettle"}]}]}
        assert (
            api.http.post("/v1beta/models/gemini-3-pro-image:generateContent", json=native).status_code == 200
        )
        assert left(api, "0001") == Decimal("0.88")


@pytest.mark.parametrize(
    ("quirks", "key", "model", "status"),
    [
        (("key-type-is-401",), "sk-practice-per-call", BY_TOKEN, 401),
        (("key-type-is-400",), "sk-practice-per-call", BY_TOKEN, 400),
        (("balance-is-402",), "sk-practice-empty", FLAT, 402),
        (("balance-is-403",), "sk-practice-empty", FLAT, 403),
        (("vip-wants-per-call-key",), "sk-practice-token", "gpt-image-2-vip", 403),
        (("vip-wants-per-call-key",), "sk-practice-per-call", "gpt-image-2-vip", 200),
        (("vip-wants-per-call-key",), "sk-practice-token", FLAT, 200),
    ],
)
def test_quirks_settle_what_the_sources_leave_open(quirks, key, model, status):
    with speaking(quirks=quirks) as api:
        use(api, key)
        assert api.draw(model).status_code == status


def test_directives_answer_with_the_same_status():
    with speaking(quirks=("balance-is-402", "key-type-is-401")) as api:
        assert api.draw(FLAT, "x [[sim: balance]]").status_code == 402
        assert api.draw(FLAT, "x [[sim: key-type]]").status_code == 401


@pytest.mark.parametrize(
    "spec", ["", ":per-call", "a b", "é", "sk-a:prepaid", "sk-a::-1", "sk-a::nan", "sk-a::much", "a:b:c:d"]
)
def test_what_is_no_key_is_said_so(spec):
    with pytest.raises(KeySpecError):
        keys.parse(spec)


@given(st.text())
def test_any_text_is_a_key_or_is_said_to_be_none(spec):
    try:
        assert keys.parse(spec).secret
    except KeySpecError as error:
        assert str(error).endswith(".")
