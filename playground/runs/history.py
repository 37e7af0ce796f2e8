"""The turns before a prompt, as a chat sends them along: words always, pictures as far as they fit.

    history = [Said("user", "A cafe"), Said("assistant", "", (Shown(upload.pk, output.pk),))]
    start_run(workspace, ..., history=history)          # kept with the run, so that a retry sends the same

A picture goes as the link that its provider gave it, while that lives and the call goes through the connection that
it came by. Else it goes as a data URL of our prepared copy. A request has a limit, which is the catalog's where one is
published: the pictures of the prompt itself come first, then the newest of those before. From the first one that does
not fit, the older copies stay here; their words, and links, go. Models of this kind look at the last message's pictures
alone (vendor, November 2026), so nothing that is asked for is lost by it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from playground.catalog import MEGABYTE, Endpoint, Model
from playground.gateway import Attachment, Message
from playground.runs.attachments import attachment_of
from playground.runs.models import Generation, History, PictureLink, Upload
from playground.runs.turns import turn

# The one figure that the vendor names for base64 in JSON; for channels whose limit is not published.
REQUEST_MEGABYTES = 20
# A link that dies while the provider reaches for it is as good as none.
LINK_MARGIN = timedelta(minutes=10)


@dataclass(frozen=True)
class Shown:
    """A picture of an earlier turn: our copy of it, and the output where it was drawn here."""

    upload: int
    output: int | None = None


@dataclass(frozen=True)
class Said:
    """One message of an earlier turn, from "user" or "assistant"."""

    role: str
    text: str
    pictures: tuple[Shown, ...] = ()

    def record(self) -> dict[str, Any]:
        """As JSON; `read` makes it whole again."""
        pictures = [{"upload": one.upload, "output": one.output} for one in self.pictures]
        return {"role": self.role, "text": self.text, "pictures": pictures}

    @classmethod
    def read(cls, record: dict[str, Any]) -> "Said":
        return cls(record["role"], record["text"], tuple(Shown(**one) for one in record["pictures"]))


def history_of(generation: Generation) -> list[Said]:
    """What was said before the run of this generation; nothing where it is no turn of a conversation."""
    kept = History.objects.filter(run=generation.run_id).values_list("messages", flat=True).first()
    return [Said.read(record) for record in kept or []]


def messages_of(
    generation: Generation, references: Sequence[Attachment], folder: Path
) -> tuple[Message, ...]:
    """The messages before the prompt; `folder` takes copies of pictures where storage is elsewhere.

    Only a chat has any: an edit is told by its picture alone. Takes a turn at the database.
    """
    if generation.endpoint != Endpoint.CHAT or generation.model is None:
        return ()
    with turn():
        said = history_of(generation)
        sources = _Sources.of(said, generation)
    room = _room(generation.model, generation.prompt, said, references)
    return tuple(reversed(list(_fitted(reversed(said), sources, room, folder))))


@dataclass(frozen=True)
class _Sources:
    """What may be sent of each picture: a link by the output, our copy by the upload."""

    links: dict[int, str]
    uploads: dict[int, Upload]

    @classmethod
    def of(cls, said: Iterable[Said], generation: Generation) -> "_Sources":
        shown = [picture for message in said for picture in message.pictures]
        links = PictureLink.objects.filter(
            output__in=[one.output for one in shown if one.output],
            until__gt=timezone.now() + LINK_MARGIN,
            # Another provider could not open it, and is not to have it.
            output__generation__connection=generation.connection_id,
            output__generation__simulated=generation.simulated,
        )
        return cls(
            dict(links.values_list("output", "url")),
            Upload.objects.in_bulk([one.upload for one in shown]),
        )


def _room(model: Model, prompt: str, said: Sequence[Said], references: Sequence[Attachment]) -> int:
    """The bytes that are left for pictures of earlier turns."""
    most = (model.limits.request_megabytes or REQUEST_MEGABYTES) * MEGABYTE
    words = sum(len(text.encode("utf-8", "replace")) for text in (prompt, *(one.text for one in said)))
    return most - words - sum(_as_base64(one.path.stat().st_size) for one in references)


def _as_base64(byte_size: int) -> int:
    return (byte_size + 2) // 3 * 4


def _fitted(said: Iterable[Said], sources: _Sources, room: int, folder: Path) -> Iterable[Message]:
    """The messages, newest first, each with those of its pictures that go along."""
    for message in said:
        pictures: list[Attachment | str] = []
        for shown in message.pictures:
            link, upload = sources.links.get(shown.output or 0), sources.uploads.get(shown.upload)
            if link:
                pictures.append(link)
            elif upload:
                room -= _as_base64(upload.sent_byte_size)
                if room >= 0:
                    pictures.append(attachment_of(upload, folder))
        yield Message(message.role, message.text, tuple(pictures))
