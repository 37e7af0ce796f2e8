"""What tests of pages post, and how they read what comes back."""

import re
import uuid
from html import unescape
from typing import Any

from django.http import HttpResponse

from tests.factories import ALL

HTMX = {"HX-Request": "true"}


def form(
    prompt: str = "A pear on a plate", models: tuple[str, ...] = (ALL,), **fields: Any
) -> dict[str, Any]:
    """What a browser posts for this set-up; a control such as `gpt-image-2__size` by its name in the page."""
    return {"submission_key": str(uuid.uuid4()), "prompt": prompt, "models": list(models)} | fields


def source(answer: HttpResponse) -> str:
    return answer.content.decode()


def said(answer: HttpResponse) -> str:
    """The page's words as they are read: no tags, no entities, single spaces."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", source(answer))))


def checked(answer: HttpResponse, name: str) -> list[str]:
    """The values of the checkboxes or radios of this name that are on."""
    fields = re.findall(
        rf'<input type="(?:checkbox|radio)" name="{re.escape(name)}" value="([^"]*)"( checked)?',
        source(answer),
    )
    return [value for value, on in fields if on]


def selected(answer: HttpResponse, name: str) -> str:
    """What the select of this name shows."""
    options = re.search(
        rf'<select[^>]*name="{re.escape(name)}"[^>]*>(.*?)</select>', source(answer), re.DOTALL
    )
    assert options, f"no select {name}"
    chosen = re.search(r'value="([^"]*)" selected', options[1])
    assert chosen, f"nothing selected in {name}"
    return chosen[1]


def field(answer: HttpResponse, name: str) -> str:
    """The tag of the input or textarea of this name."""
    found = re.search(rf'<(?:input|textarea)[^>]*name="{re.escape(name)}"[^>]*>', source(answer))
    assert found, f"no field {name}"
    return found[0]


def frames(answer: HttpResponse) -> dict[int, str]:
    """The frames in the answer: generation id -> its look (done, failed ...)."""
    found = re.findall(r'<figure class="frame[^"]*" id="frame-(\d+)" data-state="(\w+)"', source(answer))
    return {int(pk): look for pk, look in found}
