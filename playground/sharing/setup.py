"""The set-up of a shown picture, for a visitor's own Darkroom: without what the link does not show."""

from dataclasses import replace

from playground.runs.models import Output
from playground.runs.setups import Setup
from playground.sharing.models import Link

# Where the studio of a visitor's own installation is, unless it was told otherwise.
AT_HOME = "http://127.0.0.1:8000/"


def setup_of(output: Output, link: Link) -> Setup:
    """The prompt; the model and its settings, and which pictures went along, where the link shows those.

    What a person called files and frames stays here.
    """
    whole = Setup.of(output.generation)
    named = [
        replace(each, name=f"image {number}", note="") for number, each in enumerate(whole.references, 1)
    ]
    return replace(
        whole,
        label="",
        mask="",
        targets=whole.targets if link.shows_models else (),
        references=tuple(named) if link.shows_references else (),
    )


def as_address(setup: Setup) -> str:
    """What opens it in a Darkroom on the visitor's own machine; nothing where that would be too long for an address."""
    return f"{AT_HOME}{setup.query}" if setup.query else ""
