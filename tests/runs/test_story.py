"""A picture's own story: what other programs find in it, what it never tells, and how the set-up comes back."""

import io
import json
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from playground.runs import storage, uploads, work
from playground.runs.embedding import Packet, plan_with
from playground.runs.models import Output, Run
from playground.runs.setups import LONGEST_PROMPT, Aim, Setup, SetupError
from playground.runs.story import OURS, Story, holds_brought, setup_in, told
from tests import files
from tests.factories import (
    ALL,
    OFFICIAL,
    answer,
    claim,
    connection,
    image_bytes,
    picture,
    run,
    upload,
    worker_row,
)

pytestmark = pytest.mark.django_db
IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
DC, XMP, RDF = (
    "{http://purl.org/dc/elements/1.1/}",
    "{http://ns.adobe.com/xap/1.0/}",
    "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}",
)
NASTY = "A <tin> & a “茶叶罐” \x0b\x1f\x7f\ufffe]]>\r\n\t{a|b} 🫖 %s"


def exported(output: Output) -> bytes:
    with io.BytesIO(files.kept(output.file)) as source:
        return b"".join(told(source, output).pieces(source))


def facts(content: bytes) -> dict[str, str]:
    """What the packet says, by name, as any reader of XMP finds it."""
    packet = Image.open(io.BytesIO(content)).info["xmp"]
    description = ElementTree.fromstring(packet).find(f".//{RDF}Description")  # noqa: S314  # our own
    return {each.tag: "".join(each.itertext()) for each in description}


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
def test_it_tells_what_was_asked_and_that_ai_made_it(workspace, format):
    output = picture(
        workspace,
        content=image_bytes(64, 48, format=format),
        model=OFFICIAL,
        prompt="A tea tin",
        size="1024x1024",
    )
    said = facts(exported(output))
    assert said[f"{DC}description"] == said[f"{IPTC}AIPromptInformation"] == "A tea tin"
    assert said[f"{DC}title"] == said[f"{{{OURS}}}label"] == output.generation.label
    assert said[f"{IPTC}DigitalSourceType"].endswith("/digitalsourcetype/trainedAlgorithmicMedia")
    assert said[f"{{{OURS}}}model"] == OFFICIAL and said[f"{{{OURS}}}size"] == "64x48"
    assert said[f"{{{OURS}}}settings"] == "size: 1024x1024"
    assert said[f"{XMP}CreatorTool"].startswith("Darkroom")
    assert abs((datetime.fromisoformat(said[f"{XMP}CreateDate"]) - output.created_at).total_seconds()) < 1
    assert json.loads(said[f"{{{OURS}}}setup"]) == Setup.of(output.generation).as_dict()


def test_a_simulated_picture_says_that_it_is(workspace):
    content = exported(picture(workspace))
    assert "simulated" in facts(content)[f"{XMP}CreatorTool"]
    assert facts(content)[f"{{{OURS}}}simulated"] == "True"
    assert "simulated" in Image.open(io.BytesIO(content)).text["Disclaimer"]


def test_a_real_one_does_not_and_names_no_connection(workspace, settings):
    settings.SIMULATED = False
    connection(workspace, "Secret connection", "https://gateway.example", key="sk-secret-0123456789")
    output = picture(workspace)
    content = exported(output)
    assert output.generation.connection is not None and not output.generation.simulated
    for word in (
        b"simulated",
        b"Secret",
        b"gateway.example",
        b"sk-secret",
        b"req-1",
        workspace.slug.encode(),
    ):
        assert word not in content, word


class TestWhatAPersonBrought:
    def answered(self, asked: Run, colour: int) -> Output:
        attempt = claim(asked.generations.select_related("run").get(), worker_row())
        content = image_bytes(64, 48, colour=(colour, 1, 2))
        work.keep_answer(attempt.generation, attempt, answer(storage.incoming(attempt.pk), content))
        return Output.objects.with_story().get(generation__run=asked)

    def test_makes_it_a_composite(self, workspace):
        output = self.answered(run(workspace, ALL, references=[upload(workspace)]), 3)
        assert facts(exported(output))[f"{IPTC}DigitalSourceType"].endswith(
            "/compositeWithTrainedAlgorithmicMedia"
        )

    def test_still_does_in_an_edit_of_an_edit(self, workspace):
        edit = self.answered(run(workspace, ALL, references=[upload(workspace)]), 3)
        second = self.answered(run(workspace, ALL, references=[uploads.take_output(edit)]), 4)
        assert holds_brought(second.generation.run)

    def test_is_not_in_an_edit_of_what_was_made_here(self, workspace):
        made = picture(workspace)
        edit = self.answered(run(workspace, ALL, references=[uploads.take_output(made)]), 5)
        assert not holds_brought(edit.generation.run)
        assert facts(exported(edit))[f"{IPTC}DigitalSourceType"].endswith("/trainedAlgorithmicMedia")


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
def test_the_set_up_comes_back(workspace, format):
    prompt = NASTY.replace("\x00", "")
    output = picture(workspace, content=image_bytes(64, 48, format=format), prompt=prompt)
    assert setup_in(io.BytesIO(exported(output))) == Setup.of(output.generation)
    assert Setup.of(output.generation).prompt == prompt


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
def test_the_longest_prompt_comes_back_too(workspace, format):
    prompt = ("一只茶叶罐<&>" * LONGEST_PROMPT)[:LONGEST_PROMPT]
    output = picture(workspace, content=image_bytes(64, 48, format=format), prompt=prompt)
    content = exported(output)
    assert setup_in(io.BytesIO(content)).prompt == prompt
    assert facts(content)[f"{DC}description"] == (prompt[:2000] if format == "jpeg" else prompt)


def test_a_file_that_is_built_in_no_known_way_leaves_as_it_is(workspace):
    output = picture(workspace)
    source = io.BytesIO(b"\x89PNG\r\n\x1a\nand then nothing")
    assert b"".join(told(source, output).pieces(source)) == source.getvalue()


class TestReading:
    def carrying(self, packet: str | bytes, format: str = "png") -> io.BytesIO:
        packet = packet.encode() if isinstance(packet, str) else packet
        source = io.BytesIO(files.flat(format=format.upper()))
        return io.BytesIO(b"".join(plan_with(source, format, Packet(packet, packet, packet)).pieces(source)))

    def test_no_story_is_no_story(self):
        for content in (files.flat(), files.photo_with_place(), files.SVG, b"", files.polyglot()):
            assert setup_in(io.BytesIO(content)) is None

    def test_another_programs_story_is_none(self):
        assert (
            setup_in(self.carrying("<x:xmpmeta xmlns:x='adobe:ns:meta/'><setup>{}</setup></x:xmpmeta>"))
            is None
        )

    def test_a_program_that_wrote_it_anew_may_call_it_otherwise(self):
        inner = '{"darkroom": 1, "prompt": "A tin"}'.replace('"', "&quot;")
        assert setup_in(self.carrying(f'<a xmlns:d="{OURS}"><b d:setup="{inner}"/></a>')) == Setup("A tin")
        assert setup_in(self.carrying(f'<a xmlns:q="{OURS}"><q:setup>{inner}</q:setup></a>')) == Setup(
            "A tin"
        )

    def test_entities_are_not_read(self):
        bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]>'
        assert setup_in(self.carrying(f'{bomb}<a xmlns:d="{OURS}"><d:setup>&c;</d:setup></a>')) is None

    @pytest.mark.parametrize(
        "packet", ["", "<", "<a>" * 100_000, b"\xff\xfe\x00", "<a/>" * 3, f'<a xmlns="{OURS}">']
    )
    def test_what_is_no_xml_is_no_story(self, packet):
        assert setup_in(self.carrying(packet)) is None

    def test_a_set_up_that_is_wrong_is_said_to_be(self):
        with pytest.raises(SetupError, match="newer"):
            setup_in(self.carrying(f'<a xmlns:d="{OURS}"><d:setup>{{"darkroom": 7}}</d:setup></a>'))

    @given(st.text(), st.dictionaries(st.text(min_size=1, max_size=20), st.text(max_size=20), max_size=3))
    def test_any_words_come_back_as_they_were_or_are_refused(self, prompt, parameters):
        story = Story(
            Setup(prompt, (Aim(ALL, parameters),)),
            "1A",
            ALL,
            "64x48",
            datetime(2026, 11, 21, tzinfo=UTC),
            False,
            False,
        )
        for format in ("png", "jpeg"):
            source = io.BytesIO(files.flat(format=format.upper()))
            made = b"".join(plan_with(source, format, story.packet, story.texts).pieces(source))
            try:
                assert setup_in(io.BytesIO(made)) == story.setup
            except SetupError:
                assert "\x00" in f"{prompt}{parameters}" or "\\x00" in repr(parameters)
