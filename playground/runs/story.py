"""A picture's own story, in the file itself: what was asked, of which model, with which settings, and that AI made it.

    plan = told(file, output)                  # the same picture with its story beside the pixels
    setup = setup_in(file)                     # from such a file, whoever brings it: the set-up, or None

The story is an XMP packet: what other programs look for (IPTC's source type, the prompt as description), and the whole
set-up as JSON under a name of our own. It knows no key, no connection and no address.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import IO
from xml.parsers import expat
from xml.sax.saxutils import escape

from django.utils import timezone

from playground.runs import embedding
from playground.runs.embedding import MOST_PACKET_BYTES, MalformedError, Packet, Plan
from playground.runs.models import Output, Reference, Run
from playground.runs.setups import Setup

OURS = "urn:darkroom:story/1.0/"
SOFTWARE = "Darkroom"
SIMULATED = "simulated: no model drew it, and nothing was billed"
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
MADE, MADE_FROM_BROUGHT = "trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"
SHORT_WORDS = 2_000
DEEPEST = 50
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Darkroom"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
    'xmlns:xmpNote="http://ns.adobe.com/xmp/note/" '
    f'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:darkroom="{OURS}">%s'
    '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
)


@dataclass(frozen=True)
class Story:
    """What a picture says of itself."""

    setup: Setup
    label: str
    model: str
    size: str
    made: datetime
    is_simulated: bool
    holds_brought: bool

    @classmethod
    def of(cls, output: Output) -> "Story":
        """Of a picture whose generation and run are at hand."""
        generation = output.generation
        return cls(
            Setup.of(generation), generation.label, generation.model_id, str(output.size), output.created_at,
            generation.simulated, holds_brought(generation.run),
        )  # fmt: skip

    @property
    def packet(self) -> Packet:
        setup = [("darkroom:setup", self.setup.to_json())]
        more = _packet(setup)
        main = [*self._facts(SHORT_WORDS), ("xmpNote:HasExtendedXMP", Packet.guid(more))]
        return Packet(_packet([*self._facts(), *setup]), _packet(main), more)

    @property
    def texts(self) -> list[tuple[str, str]]:
        """The same in a few words, by the keywords that PNG knows."""
        said = {
            "Title": self.label,
            "Description": self.setup.prompt,
            "Source": self.model,
            "Software": SOFTWARE,
        }
        return list(
            (said | ({"Disclaimer": f"This picture is {SIMULATED}."} if self.is_simulated else {})).items()
        )

    def _facts(self, longest: int | None = None) -> list[tuple[str, str]]:
        prompt = self.setup.prompt[:longest]
        aim = self.setup.targets[0]
        settings = "; ".join(f"{name}: {value}" for name, value in aim.parameters.items())
        facts = [
            ("dc:title", self.label),
            ("dc:description", prompt),
            ("xmp:CreatorTool", f"{SOFTWARE} ({SIMULATED})" if self.is_simulated else SOFTWARE),
            ("xmp:CreateDate", timezone.localtime(self.made).isoformat(timespec="seconds")),
            (
                "Iptc4xmpExt:DigitalSourceType",
                SOURCE_TYPES + (MADE_FROM_BROUGHT if self.holds_brought else MADE),
            ),
            ("Iptc4xmpExt:AISystemUsed", f"{self.model} (simulated)" if self.is_simulated else self.model),
            ("Iptc4xmpExt:AIPromptInformation", prompt),
            ("darkroom:label", self.label),
            ("darkroom:model", self.model),
            ("darkroom:size", self.size),
            ("darkroom:settings", settings[:SHORT_WORDS]),
        ]
        return [*facts, ("darkroom:simulated", "True")] if self.is_simulated else facts


def _packet(facts: list[tuple[str, str]]) -> bytes:
    return (_PACKET % "".join(_element(name, value) for name, value in facts)).encode()


def _element(name: str, value: str) -> str:
    said = escape(_NOT_IN_XML.sub(_escaped if name == "darkroom:setup" else "", value))
    if name in ("dc:title", "dc:description"):
        said = f'<rdf:Alt><rdf:li xml:lang="x-default">{said}</rdf:li></rdf:Alt>'
    return f"<{name}>{said}</{name}>"


def _escaped(found: re.Match[str]) -> str:
    """A character that JSON may hold and XML may not, as JSON writes it too."""
    return f"\\u{ord(found[0]):04x}"


def holds_brought(run: Run) -> bool:
    """Whether a picture that somebody brought along is in it; also by way of pictures that were made here from one."""
    made, seen = {each.upload.taken_from_id for each in run.references.all()}, set[int | None]()
    for _depth in range(DEEPEST):
        if None in made:
            return True
        made -= seen
        if not made:
            return False
        seen |= made
        rows = Reference.objects.filter(run__generations__outputs__in=made).order_by()
        made = set(rows.values_list("upload__taken_from", flat=True))
    return True


def told(source: IO[bytes], output: Output, picture_format: str = "") -> Plan:
    """The file with the picture's story; as it is where it is built in a way that no story can be put into.

    `picture_format` is the file's, where it is another encoding than the one that came.
    """
    story = Story.of(output)
    try:
        return embedding.plan_with(source, picture_format or output.format, story.packet, story.texts)
    except MalformedError:
        return embedding.plan_as_it_is(source)


# -- Reading: everything in it may be anything ----------------------------------------------------------------------


def setup_in(source: IO[bytes]) -> Setup | None:
    """The set-up that a picture carries, None where it has none. Raises SetupError for one that can't be read."""
    for packet in embedding.packets_in(source):
        text = _setup_text(packet)
        if text is not None:
            return Setup.read(text)
    return None


class _RefusedError(Exception):
    """What no XMP has: a document type, with which entities would come."""


class _Finder:
    """Hears a packet as it is parsed, and keeps what stands under our name. No tree is built."""

    def __init__(self) -> None:
        self.is_inside = False
        self.found: list[str] | None = None

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if f"{OURS} setup" in attributes and self.found is None:
            self.found = [attributes[f"{OURS} setup"]]
        if name == f"{OURS} setup" and self.found is None:
            self.is_inside, self.found = True, []

    def end(self, name: str) -> None:
        self.is_inside = self.is_inside and name != f"{OURS} setup"

    def hear(self, text: str) -> None:
        if self.is_inside and self.found is not None:
            self.found.append(text)

    @staticmethod
    def refuse(*_of: object) -> None:
        raise _RefusedError


def _setup_text(packet: bytes) -> str | None:
    if len(packet) > MOST_PACKET_BYTES:
        return None
    finder, parser = _Finder(), expat.ParserCreate("utf-8", " ")
    parser.StartDoctypeDeclHandler = finder.refuse
    parser.StartElementHandler, parser.EndElementHandler = finder.begin, finder.end
    parser.CharacterDataHandler = finder.hear
    try:
        parser.Parse(packet, True)
    except (expat.ExpatError, _RefusedError, ValueError):
        return None
    return None if finder.found is None else "".join(finder.found)
