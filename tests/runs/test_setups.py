"""The set-up as a document: what it says of a run, what it never says, and what it refuses to read."""

import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.runs import services
from playground.runs.models import Generation, Run
from playground.runs.setups import LONGEST_TOKEN, MOST_BYTES, Aim, Named, Setup, SetupError
from tests.factories import ALL, OFFICIAL, VIP, connection, mask, picture, queued, run, upload

FULL = {
    "darkroom": 1, "prompt": "A tin", "mode": "mask", "label": "7",
    "targets": [{"model": OFFICIAL, "parameters": {"size": "1024x1024", "n": 1}, "variants": 2, "endpoint": "edits"}],
    "references": [{"sha256": "ab" * 32, "name": "tin.png", "note": "the tin"}], "mask": {"sha256": "cd" * 32},
}  # fmt: skip


@pytest.mark.django_db
class TestOfWhatWasAsked:
    def test_it_says_what_a_frame_was_asked_with(self, workspace):
        generation = queued(workspace, VIP, prompt="A tea tin", size="2048x1152")
        assert Setup.of(generation) == Setup(
            "A tea tin",
            (Aim(VIP, {"size": "2048x1152"}, 1, "generations"),),
            label=generation.label,
        )

    def test_it_says_what_a_run_was_asked_with_and_not_what_was_sent_again(self, workspace):
        asked = run(workspace, ALL, VIP, variants=2, prompt="A tea tin")
        first = asked.generations.first()
        services.another(first, uuid.uuid4())
        setup = Setup.of(Run.objects.get(pk=asked.pk))
        assert [(aim.model, aim.variants) for aim in setup.targets] == [(ALL, 2), (VIP, 2)]
        assert (setup.label, setup.mode) == (str(asked.number), "text")

    def test_pictures_are_named_by_their_bytes(self, workspace):
        tin = upload(workspace, name="my tin.png")
        masked = mask(tin)
        asked = run(workspace, OFFICIAL, references=[tin], mask=masked)
        setup = Setup.of(asked)
        assert setup.references == (Named(tin.sha256, "my tin.png"),)
        assert (setup.mask, setup.mode) == (masked.sha256, "mask")

    def test_no_key_connection_or_address_is_in_it(self, workspace, settings):
        settings.SIMULATED = False
        connection(workspace, "Secret connection", "https://gateway.example", key="sk-secret-0123456789")
        text = Setup.of(run(workspace, ALL, VIP)).to_json()
        for word in ("Secret", "gateway.example", "sk-secret", "http"):
            assert word not in text


class TestReading:
    def test_what_is_written_is_read(self):
        setup = Setup.read(json.dumps(FULL))
        assert setup.as_dict() == FULL
        assert Setup.read(setup.to_json()) == setup
        assert Setup.of_token(setup.query.removeprefix("?setup=")) == setup

    def test_an_address_holds_only_so_much(self):
        long = Setup("茶" * LONGEST_TOKEN)
        assert long.query == ""
        assert Setup.read(long.to_json()) == long

    @pytest.mark.parametrize("bad, words", [
        ("", "can’t be read as JSON"), ("[1]", "no set-up of Darkroom"), ("{}", "no set-up of Darkroom"),
        ('{"darkroom": true}', "no set-up of Darkroom"), ('{"darkroom": 2}', "newer Darkroom"),
        ("[" * 100_000, "can’t be read as JSON"), (" " * (MOST_BYTES + 1), "too large"), (b"\xff\xfe\x00", "JSON"),
    ])  # fmt: skip
    def test_what_is_none_is_refused_in_a_sentence(self, bad, words):
        with pytest.raises(SetupError, match=words):
            Setup.read(bad)

    @pytest.mark.parametrize("name, value", [
        ("prompt", 7), ("prompt", "\x00"), ("prompt", "\ud800"), ("prompt", "a" * 64_001), ("mode", "doctor"),
        ("mode", {}), ("targets", {}), ("targets", [7]), ("targets", [{}] * 27), ("label", []),
        ("references", [{}]), ("references", [{"sha256": "x" * 64}]), ("references", [{"sha256": "ab" * 32}] * 17),
        ("mask", {"sha256": 1}), ("mask", "ab" * 32), ("price", 1),
    ])  # fmt: skip
    def test_a_part_that_is_wrong_is_named(self, name, value):
        with pytest.raises(SetupError, match=f"“{name}”"):
            Setup.read(json.dumps(FULL | {name: value}))

    @pytest.mark.parametrize("name, value", [
        ("model", ""), ("model", 1), ("variants", 0), ("variants", 9), ("variants", True), ("variants", "2"),
        ("endpoint", "models"), ("parameters", []), ("parameters", {str(n): n for n in range(41)}),
    ])  # fmt: skip
    def test_a_target_that_is_wrong_names_its_part(self, name, value):
        with pytest.raises(SetupError, match=f"“{name}”"):
            Setup.read(json.dumps(FULL | {"targets": [{"model": ALL, name: value}]}))

    @pytest.mark.parametrize("value", [None, [], {}, "x" * 401, 10**9, float("inf"), float("nan")])
    def test_a_setting_is_a_word_or_a_number(self, value):
        with pytest.raises(SetupError, match="“size”"):
            Setup.read(json.dumps(FULL | {"targets": [{"model": ALL, "parameters": {"size": value}}]}))

    @pytest.mark.parametrize("token", ["%", "A", "äöü", "e30", "x" * (LONGEST_TOKEN + 1), "e30=="])
    def test_a_link_that_is_damaged_is_refused(self, token):
        with pytest.raises(SetupError):
            Setup.of_token(token)

    json_values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=20,
    )

    @given(st.dictionaries(st.sampled_from(sorted(FULL)), json_values))
    def test_any_document_is_read_or_refused(self, document):
        try:
            setup = Setup.read(json.dumps(FULL | document))
        except SetupError as error:
            assert str(error)
        else:
            assert Setup.read(setup.to_json()) == setup

    @given(st.binary(max_size=300) | st.text(max_size=300))
    def test_any_text_is_read_or_refused(self, text):
        with pytest.raises(SetupError):
            Setup.read(text)


@pytest.mark.django_db
def test_a_picture_of_the_gallery_is_a_generation_with_a_set_up(workspace):
    output = picture(workspace, prompt="A tea tin")
    assert Setup.of(Generation.objects.get(outputs=output)).prompt == "A tea tin"
