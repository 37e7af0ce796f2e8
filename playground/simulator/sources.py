"""From what clients send to pictures that can be drawn from: files of a form, data URLs, our own links.

Nothing is ever fetched from elsewhere: a link that is not our own is a scene chosen by its address.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import io
from urllib.parse import urlsplit

from PIL import Image

from playground.catalog import Size
from playground.simulator import uploads
from playground.simulator.calls import Facts
from playground.simulator.errors import Refusal
from playground.simulator.orders import Source
from playground.simulator.shelf import Kept
from playground.simulator.state import Simulator
from playground.simulator.uploads import BROKEN, Form, Upload

STAND_IN = Size(1024, 1024)
Found = tuple[Source, Size]


async def of_form(sim: Simulator, form: Form) -> tuple[tuple[Source, ...], Kept | None]:
    """The pictures of a form and its mask, on the shelf; raises Refusal where one cannot be decoded."""
    return await sim.easel.run(_of_form, sim, form)


def _of_form(sim: Simulator, form: Form) -> tuple[tuple[Source, ...], Kept | None]:
    for upload in (*form.pictures, *([form.mask] if form.mask else [])):
        uploads.verify(upload)
    sources = tuple(Source(sim.shelf.keep(upload.data)) for upload in form.pictures)
    return sources, sim.shelf.keep(form.mask.data) if form.mask else None


async def describe(form: Form) -> tuple[list[Facts], Facts | None]:
    """What the call log says of the files of a form."""
    return await asyncio.to_thread(
        lambda: (
            [uploads.describe(upload) for upload in form.pictures],
            uploads.describe(form.mask) if form.mask else None,
        )
    )


async def of_address(sim: Simulator, address: str, *, newest: bool) -> Found | None:
    """The picture at an address of a chat message and its size; None where there is none to be seen.

    A dead link of ours raises Refusal in the `newest` message; in an earlier turn it is as if it were not there.
    """
    if address.startswith("data:"):
        data = decoded(address.partition(",")[2])
        return None if data is None else await of_bytes(sim, data)
    link = sim.links.find(urlsplit(address).path)
    if link is None:
        return Source(scene=address), STAND_IN
    if sim.links.is_expired(link, sim.now()):
        if newest:
            raise Refusal(
                400, f"Failed to download image from {address}.", param="messages", code="invalid_image_url"
            )
        return None
    encoded, link.origin = await sim.easel.picture(link.order, link.origin)
    return await of_bytes(sim, encoded)


def facts(address: str) -> Facts:
    """What the call log says of a picture in a message: its hash and length, or its link."""
    if not address.startswith("data:"):
        return {"url": address}
    data = decoded(address.partition(",")[2])
    return {"url": "data:"} if data is None else facts_of(data)


def facts_of(data: bytes) -> Facts:
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


async def of_bytes(sim: Simulator, data: bytes) -> Found | None:
    """The picture in these bytes, None where they are none."""
    return await sim.easel.run(_of_bytes, sim, data)


def _of_bytes(sim: Simulator, data: bytes) -> Found | None:
    try:
        uploads.verify(Upload(data, ""))
        with Image.open(io.BytesIO(data)) as picture:
            return Source(sim.shelf.keep(data)), Size(*picture.size)
    except (Refusal, *BROKEN):
        return None


def stand_in(data: bytes) -> Found:
    """A scene for a picture of a kind that cannot be read here, chosen by its bytes."""
    return Source(scene=hashlib.sha256(data).hexdigest()), STAND_IN


def decoded(text: str) -> bytes | None:
    """The bytes of standard base64; None for anything else."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
