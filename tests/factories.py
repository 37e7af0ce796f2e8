"""Rows and pictures for tests, made as the product makes them.

generation = queued(workspace)                             # a run of one frame, waiting
generation, attempt = running(workspace, worker_row())     # claimed, its call is on its way
output = picture(workspace, 1024, 768)                     # drawn, kept, with thumbnails
brought = upload(workspace)                                # a picture that somebody brought along
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from PIL import Image

from playground import catalog, gateway
from playground.accounts.connections import reopen
from playground.accounts.models import Connection, User, Workspace
from playground.gateway import Answer, Picture, Timings
from playground.runs import services, states, storage, uploads, work
from playground.runs.history import Said
from playground.runs.leases import this_host
from playground.runs.models import Attempt, Generation, Mask, Output, Run, Upload, Worker

ALL, VIP, OFFICIAL = "gpt-image-2-all", "gpt-image-2-vip", "gpt-image-2"
# A flat little picture costs the simulator next to nothing.
PROMPT = "A tea tin on a windowsill [[sim: plain, size 96x64]]"


def run(
    workspace: Workspace,
    *models: str,
    prompt: str = PROMPT,
    variants: int = 1,
    person: User | None = None,
    references: Sequence[Upload] = (),
    mask: Mask | None = None,
    endpoint: catalog.Endpoint | None = None,
    history: Sequence[Said] | None = None,
    **parameters: str | int,
) -> Run:
    """A run as the composer starts it; with references it is an edit, with a history a turn of a conversation."""
    endpoint = endpoint or (catalog.Endpoint.EDITS if references else catalog.Endpoint.GENERATIONS)
    targets = [
        services.Target(catalog.default().get(model), parameters, variants, endpoint)
        for model in models or (ALL,)
    ]
    return services.start_run(
        workspace, person=person, prompt=prompt, targets=targets, submission_key=uuid.uuid4(),
        references=[services.Brought(each) for each in references], mask=mask, history=history,
    )[0]  # fmt: skip


def queued(workspace: Workspace, model: str = ALL, *, prompt: str = PROMPT, **parameters: Any) -> Generation:
    """The one frame of a new run."""
    return run(workspace, model, prompt=prompt, **parameters).generations.select_related("run").get()


def worker_row(*, pid: int | None = None, host: str | None = None) -> Worker:
    """A worker that beats now; this very process unless another is named."""
    now = timezone.now()
    return Worker.objects.create(
        host=this_host() if host is None else host,
        pid=os.getpid() if pid is None else pid,
        started_at=now,
        beat_at=now,
    )


def running(
    workspace: Workspace, worker: Worker, model: str = ALL, **options: str | int
) -> tuple[Generation, Attempt]:
    """A frame that this worker holds, whose call is on its way."""
    generation = queued(workspace, model, **options)
    attempt = claim(generation, worker)
    assert attempt is not None
    return generation, attempt


def answered_no(
    generation: Generation, error: str = "busy", *, billed: str = "no", worker: Worker | None = None
) -> Generation:
    """The frame, taken by a worker, whose call came back so; that the frame has failed is not said yet."""
    attempt = claim(generation, worker or worker_row())
    assert attempt is not None
    outcome = {"no": "refused", "unknown": "unknown", "yes": "useless"}[billed]
    rows = Attempt.objects.filter(pk=attempt.pk)
    rows.update(outcome=outcome, billed=billed, error=error, finished_at=attempt.sent_at)
    return attempt.generation


def way_of(generation: Generation) -> tuple[gateway.Connection, str]:
    """The connection that the frame was priced for, and its first address."""
    way = reopen(generation.connection, simulated=generation.simulated)
    return way, way.base_urls[0]


def claim(generation: Generation, worker: Worker) -> Attempt | None:
    """Let this worker take the frame, as it does before its call."""
    return states.claim(generation, worker, *way_of(generation))


def connection(
    workspace: Workspace,
    name: str = "Main",
    *base_urls: str,
    key: str = "sk-test-0123456789abcdef",
    **fields: object,
) -> Connection:
    """A connection as the owner enters it."""
    row = Connection(
        workspace=workspace,
        name=name,
        stored_base_urls=list(base_urls) or ["https://api.example"],
        position=workspace.connections.count() + 1,
        **fields,
    )
    row.keep_key(key)
    row.save()
    return row


def image_bytes(
    width: int,
    height: int,
    *,
    format: str = "png",
    mode: str = "RGB",
    colour: tuple[int, ...] | int | None = None,
) -> bytes:
    """A picture of one colour, in memory."""
    if colour is None:
        colour = {"RGB": (180, 90, 40), "RGBA": (180, 90, 40, 128)}.get(mode, 1)
    file = io.BytesIO()
    Image.new(mode, (width, height), colour).save(file, format)
    return file.getvalue()


def answer(
    folder: Path, *images: bytes, cost: dict | None = None, size: tuple[int, int] = (64, 48)
) -> Answer:
    """What the gateway hands over once these pictures arrived in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = []
    for number, content in enumerate(images or (image_bytes(*size),)):
        with Image.open(io.BytesIO(content)) as image:
            kind, width, height, bands = image.format.lower(), *image.size, image.getbands()
        path = folder / f"picture-{number}.{kind}"
        path.write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        pictures.append(Picture(path, sha256, len(content), kind, width, height, "A" in bands))
    return Answer(
        pictures=tuple(pictures), status=200, timings=Timings(0.01, 1.5, 2.25), bytes_received=12_345,
        usage=cost, request_id="req-1", reported={"size": "64x48"},
    )  # fmt: skip


def picture(
    workspace: Workspace, width: int = 64, height: int = 48, *, content: bytes = b"", **options
) -> Output:
    """A frame that was drawn: its picture is kept, with thumbnails."""
    generation, attempt = running(workspace, worker_row(), **options)
    content = content or image_bytes(width, height, colour=(generation.pk % 256, 90, 40))
    work.keep_answer(generation, attempt, answer(storage.incoming(attempt.pk), content))
    return generation.outputs.get()


def upload(
    workspace: Workspace, width: int = 64, height: int = 48, *, content: bytes = b"", name: str = "tin.png"
) -> Upload:
    """A picture that somebody brought along."""
    content = content or image_bytes(width, height, colour=(40, 90, 180))
    with tempfile.NamedTemporaryFile(suffix=".upload") as file:
        file.write(content)
        file.flush()
        return uploads.take_file(workspace, Path(file.name), name)


def mask(of: Upload, box: tuple[int, int, int, int] = (8, 8, 24, 20)) -> Mask:
    """A mask whose box may change."""
    drawn = Image.new("RGBA", (of.sent_width, of.sent_height), (0, 0, 0, 255))
    drawn.paste((0, 0, 0, 0), box)
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        drawn.save(file, "PNG")
        file.flush()
        return uploads.take_mask(of, Path(file.name))[0]


def arrivals() -> list[str]:
    """What lies in the folder that answers arrive in."""
    root = settings.INCOMING_ROOT
    return sorted(str(path.relative_to(root)) for path in root.rglob("*")) if root.exists() else []
