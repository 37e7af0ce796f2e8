"""Helpers that speak plain HTTP to a simulator, and the pictures that come back."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx
import pytest
from PIL import Image

from tests.simulators import RunningSimulator, simulator, simulator_of_session, simulator_thread

__all__ = ["simulator", "simulator_of_session"]

GENERATIONS = "/v1/images/generations"


class Speaker:
    """Posts to one simulator with its key."""

    def __init__(self, running: RunningSimulator) -> None:
        self.running = running
        self.http = httpx.Client(base_url=running.base_url, headers=running.headers, timeout=30, verify=False)  # noqa: S501

    def close(self) -> None:
        self.http.close()

    def draw(self, model: str, prompt: str = "a tea tin [[sim: plain]]", **fields) -> httpx.Response:
        return self.http.post(GENERATIONS, json={"model": model, "prompt": prompt, **fields})

    def picture(self, model: str, prompt: str = "a tea tin [[sim: plain]]", **fields) -> Image.Image:
        return picture_of(self.draw(model, prompt, **fields), self.http)

    def size(self, model: str, prompt: str = "a tea tin", **fields) -> str:
        found = self.picture(model, prompt + " [[sim: plain]]", **fields)
        return f"{found.width}x{found.height}"


def picture_of(answer: httpx.Response, http: httpx.Client) -> Image.Image:
    return Image.open(io.BytesIO(bytes_of(answer, http)))


def bytes_of(answer: httpx.Response, http: httpx.Client) -> bytes:
    assert answer.status_code == 200, answer.text
    datum = answer.json()["data"][0]
    if "b64_json" in datum:
        return base64.b64decode(datum["b64_json"].removeprefix("data:image/png;base64,"), validate=True)
    return http.get(datum["url"], headers={"Authorization": ""}).raise_for_status().content


@contextmanager
def speaking(**options) -> Iterator[Speaker]:
    """A speaker to a simulator of its own."""
    with simulator_thread(**options) as running, closing(Speaker(running)) as speaker:
        yield speaker


@pytest.fixture
def api(simulator):
    with closing(Speaker(simulator)) as speaker:
        yield speaker


# Pictures to send


def encoded(picture: Image.Image, form: str = "PNG") -> bytes:
    out = io.BytesIO()
    picture.save(out, form, quality=95)
    return out.getvalue()


def plain(colour, width: int = 900, height: int = 600, form: str = "PNG") -> bytes:
    """A picture of one colour."""
    return encoded(Image.new("RGB", (width, height), colour), form)


def gradient(width: int, height: int) -> Image.Image:
    """A picture in which no two neighbours are alike, so that a shift by one pixel shows."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (across, down, Image.blend(across, down, 0.5)))


def data_url(data: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
