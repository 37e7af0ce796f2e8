"""Reading a stream of server-sent events in little memory: previews as they come, then the finished picture.

Each event's data is one JSON object, read by a `Spill` of its own. An event with `.partial_image` in its type
is a preview; the first other event that holds a picture, or an error, ends the stream. Whatever else comes
(comments, "[DONE]", events that nobody knows) is passed over.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path

from playground.gateway.answer import Partial, Picture
from playground.gateway.blobs import EVENT, PICTURE, TooLargeError
from playground.gateway.reading import Found, Reader, picture_in
from playground.gateway.results import is_picture, picture_of, saved
from playground.gateway.spill import MAX_BODY_BYTES, MalformedError, Spill

logger = logging.getLogger(__name__)

MAX_PARTIALS = 8  # nobody can ask for more than three
MAX_EVENTS = 2000  # a sign of life every second would be fewer
_MAX_LINE_BYTES = 1024  # of a line that is no data
_BEGINNING_BYTES = 4000

_LINE_END = re.compile(rb"\r\n|\n|\r")
_FINAL = re.compile(r'"type"\s*:\s*"[\w.]{1,60}\.completed"')

OnPartial = Callable[[Partial], None]


class StreamEndedError(Exception):
    """The stream is over, and neither a picture nor an error had come."""


class EventStream:
    """Feed it the body until `found` is there, then ask `finish()`; or `salvage()`, when the body broke off."""

    def __init__(
        self,
        folder: Path,
        read: Reader,
        *,
        max_body_bytes: int = MAX_BODY_BYTES,
        on_partial: OnPartial | None = None,
    ) -> None:
        self.bytes_received = 0
        self.partials: list[Picture] = []
        self.found: Found | None = None
        self._folder = folder
        self._read = read
        self._max_body_bytes = max_body_bytes
        self._on_partial = on_partial
        self._beginning = bytearray()
        self._line = bytearray()
        self._is_data = False  # this line is data, and what comes of it belongs to the event
        self._after_return = False  # a "\n" would belong to the line end before it
        self._name = ""
        self._event: Spill | None = None
        self._events = 0
        self._was_understood = False

    # What is asked of it.

    def feed(self, chunk: bytes) -> None:
        self.bytes_received += len(chunk)
        if self.bytes_received > self._max_body_bytes:
            raise TooLargeError("body")
        self._beginning += chunk[: _BEGINNING_BYTES - len(self._beginning)]
        position = 0
        while position < len(chunk) and self.found is None:
            position = self._step(chunk, position)

    def finish(self) -> Found:
        """What the stream brought. Raises StreamEndedError, or MalformedError if it was no stream at all."""
        if self.found is None:
            self._end_line()
            self._dispatch()
        if self.found is not None:
            return self.found
        if self._was_understood:
            raise StreamEndedError
        raise MalformedError("the answer is neither JSON nor a stream of events")

    def salvage(self) -> Found | None:
        """The finished picture, if it had arrived whole before the stream broke off: it is paid for."""
        if self.found is None and self._event is not None:
            is_final = self._name.endswith(".completed") or _FINAL.search(self._event.beginning())
            whole = tuple(blob for blob in self._event.blobs if is_picture(blob))
            self._dispatch(keep_broken=bool(is_final))
            if self.found is None and is_final and whole:
                self.found = Found(sources=whole)
        return self.found if self.found is not None and self.found.sources else None

    def beginning(self) -> str:
        return self._beginning.decode("utf-8", errors="replace")

    def discard(self, keep: Collection[Path] = ()) -> None:
        """Remove every file but these."""
        if self._event is not None:
            self._event.discard(keep)
        for picture in self.partials:
            if picture.path not in keep:
                picture.path.unlink(missing_ok=True)

    # Lines.

    def _step(self, chunk: bytes, position: int) -> int:
        """Take the rest of a line, and its end where that is there; returns the place behind it."""
        end = _LINE_END.search(chunk, position)
        stop = end.start() if end else len(chunk)
        if stop > position:
            self._after_return = False
            self._take(chunk[position:stop])
        if end is None:
            return stop
        if not (self._after_return and end[0] == b"\n"):
            self._end_line()
        self._after_return = end[0] == b"\r" and end.end() == len(chunk)
        return end.end()

    def _take(self, piece: bytes) -> None:
        if self._is_data:
            self._data(piece)
        elif len(self._line) < _MAX_LINE_BYTES:
            self._line += piece
            if self._line.startswith(b"data:"):
                self._is_data = True
                self._data(bytes(self._line[5:]))
                self._line.clear()
            del self._line[_MAX_LINE_BYTES:]

    def _end_line(self) -> None:
        line, self._line = bytes(self._line), bytearray()
        if self._is_data:
            self._is_data = False
            self._data(b"\n")
        elif line.startswith(b"event:"):
            self._name = line[6:].decode("utf-8", errors="replace").strip()
        elif not line:
            self._dispatch()

    def _data(self, piece: bytes) -> None:
        if self._event is None:
            prefix = PICTURE if self._name.endswith(".completed") else EVENT
            self._event = Spill(self._folder, max_body_bytes=self._max_body_bytes, prefix=prefix)
        self._event.feed(piece)

    # Events.

    def _dispatch(self, *, keep_broken: bool = False) -> None:
        """The event is complete: what is it? One that is no JSON is dropped, with its files unless they are kept."""
        event, name, self._event, self._name = self._event, self._name, None, ""
        if event is None:
            return
        self._events += 1
        if self._events > MAX_EVENTS:
            event.discard()
            raise TooLargeError("number of events")
        try:
            body = event.finish()
        except MalformedError:
            if keep_broken:
                self._event = event
            else:
                event.discard()
            return
        self._was_understood = True
        kind = str(body.get("type") or name)
        if kind.endswith(".partial_image"):
            self._preview(body, event)
        else:
            self._other({**body, "type": kind}, event)

    def _other(self, body: Mapping[str, object], event: Spill) -> None:
        found = self._read(body, event)
        complaint = body.get("error") or (body if body["type"] == "error" else None)
        if found.sources:
            self.found, self._event = found, event  # its files are kept or removed with the rest
            return
        event.discard()
        if complaint is not None:
            self.found = replace(found, complaint=complaint)

    def _preview(self, body: Mapping[str, object], event: Spill) -> None:
        source = picture_in(body, event)
        blob = saved(source, self._folder) if len(self.partials) < MAX_PARTIALS else None
        picture = picture_of(blob) if blob is not None else None
        event.discard()  # what became a picture was renamed, and stays
        if picture is None:
            if blob is not None:
                blob.path.unlink(missing_ok=True)
            return
        self.partials.append(picture)
        index = body.get("partial_image_index")
        self._tell(Partial(index if isinstance(index, int) else len(self.partials) - 1, picture))

    def _tell(self, partial: Partial) -> None:
        if self._on_partial is None:
            return
        try:
            self._on_partial(partial)
        except Exception:
            # A preview is for looking at while one waits. Whoever can't show it must not lose the picture for it.
            logger.exception("A preview could not be handed over.")
            self._on_partial = None
