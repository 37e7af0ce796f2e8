"""Doors between a worker and the simulator, each of which breaks the wire at one stage of a call, or passes everything.

A worker opens one connection for each call, so a door serves one call for each connection. It remembers what passed:
when, how far, and the SHA-256 of every picture that it handed over, so that what was kept can be compared with it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

HELD_SECONDS = 30  # a wire that says nothing more is closed after this, when nobody waits any longer
SLOW_SECONDS = 1.2
PIECE = 64 * 1024
_TAG = re.compile(rb"cut-(\d+)")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)
_LINK = re.compile(r"https?://[^\s\"')]+")


@dataclass
class Passage:
    """One call as its door saw it. Moments are of the machine's monotonic clock; None: it did not come so far."""

    tag: int
    began: float
    stage: str = "sending"  # sending, sent, answering, done
    status: int = 0
    body_bytes: int = 0
    done: float | None = None  # when the last byte had been handed over
    pictures: list[str] = field(default_factory=list)


class BrokenWireError(Exception):
    """The door has broken the wire; nothing more is to be done with it."""


class Door:
    """Listens while its `with` block lasts. `break_at` says at which stage it breaks the wire, and how."""

    def __init__(self, upstream_port: int, break_at: str = "") -> None:
        self.break_at = break_at
        self.passages: list[Passage] = []
        self._upstream = ("127.0.0.1", upstream_port)
        self._links: dict[str, int] = {}
        self._closing = threading.Event()
        self._fillers: list[socket.socket] = []
        self._listener = socket.socket()
        if break_at.startswith("sending"):
            # So small that a large request can't vanish into buffers.
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._listener.bind(("127.0.0.1", 0))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Door:
        if self.break_at == "connect: refused":
            return self  # bound, but nobody listens
        if self.break_at == "connect: no answer":
            self._listener.listen(0)
            self._fill()
            return self
        self._listener.listen(512)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        for end in (self._listener, *self._fillers):
            end.close()

    def _fill(self) -> None:
        """Take the places in the queue of connections, so that no further one is answered."""
        self._fillers = [socket.socket() for _ in range(4)]
        for filler in self._fillers:
            filler.setblocking(False)
            filler.connect_ex(self._listener.getsockname())

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        # Whatever the other end does, as a process that is killed does anything, ends this call and no other.
        with client, suppress(OSError, BrokenWireError, ValueError):
            client.settimeout(HELD_SECONDS)
            self._pass(client)

    def _pass(self, client: socket.socket) -> None:
        head, rest = _head_of(client)
        if head.startswith(b"GET "):
            self._pass_link(client, head)
            return
        passage = Passage(0, time.monotonic())
        self.passages.append(passage)
        request = head + b"".join(self._body(client, head, rest, passage))
        passage.tag = int(found[1]) if (found := _TAG.search(request)) else 0
        with socket.create_connection(self._upstream, timeout=HELD_SECONDS) as upstream:
            upstream.sendall(request)
            passage.stage = "sent"
            if self.break_at == "sent: broken":
                _reset(client)
            self._answer(client, upstream, passage)

    def _body(self, client: socket.socket, head: bytes, rest: bytes, passage: Passage) -> Iterator[bytes]:
        """The request's body, as it is read: some doors read slowly, and some stop."""
        left = _length(head) - len(rest)
        passage.tag = int(found[1]) if (found := _TAG.search(rest)) else 0
        yield rest
        pause = SLOW_SECONDS * PIECE / max(left, PIECE) if self.break_at == "sending: slow" else 0.0
        while left > 0:
            piece = client.recv(min(PIECE, left))
            if not piece:
                raise BrokenWireError
            if self.break_at == "sending: broken":
                _reset(client)
            if self.break_at == "sending: stalled":
                self._hold()
            left -= len(piece)
            time.sleep(pause * len(piece) / PIECE)
            yield piece

    def _answer(self, client: socket.socket, upstream: socket.socket, passage: Passage) -> None:
        head, rest = _head_of(upstream)
        passage.status = int(head.split(b" ", 2)[1])
        if self.break_at == "sent: silence":
            self._hold()
        if self.break_at == "answer: head broken":
            client.sendall(head[: len(head) // 2])
            _reset(client)
        passage.stage = "answering"
        client.sendall(head)
        body = self._answer_body(client, upstream, rest, _length(head), passage)
        passage.done, passage.stage = time.monotonic(), "done"
        self._note_pictures(passage, body)
        if self.break_at == "answer: last byte, then broken":
            time.sleep(0.05)  # a reset takes back what the other end has not read yet
            _reset(client)

    def _answer_body(
        self, client: socket.socket, upstream: socket.socket, rest: bytes, length: int, passage: Passage
    ) -> bytes:
        body, stops_at = bytearray(), length // 2 if self.break_at.startswith("answer: body") else length
        piece = rest
        while True:
            client.sendall(piece[: stops_at - len(body)])
            body += piece
            passage.body_bytes = min(len(body), stops_at)
            if len(body) >= stops_at and stops_at < length:
                if self.break_at == "answer: body stalled":
                    self._hold()
                _reset(client)
            if len(body) >= length:
                return bytes(body)
            piece = upstream.recv(PIECE)
            if not piece:
                raise BrokenWireError

    def _note_pictures(self, passage: Passage, body: bytes) -> None:
        if passage.status != 200:
            return
        for item in json.loads(body)["data"]:
            if text := item.get("b64_json"):
                content = base64.b64decode(text.partition(",")[2] or text)
                passage.pictures.append(hashlib.sha256(content).hexdigest())
            elif found := _LINK.search(item.get("url") or ""):
                self._links["/" + found[0].split("/", 3)[3]] = passage.tag

    def _pass_link(self, client: socket.socket, head: bytes) -> None:
        """A picture that is fetched by its link: handed over when its last byte is."""
        passage = Passage(
            self._links.get(head.split(b" ")[1].decode(), 0), time.monotonic(), "answering", 200
        )
        with socket.create_connection(self._upstream, timeout=HELD_SECONDS) as upstream:
            upstream.sendall(head)
            answer, rest = _head_of(upstream)
            client.sendall(answer)
            body = self._answer_body(client, upstream, rest, _length(answer), passage)
        passage.done = time.monotonic()
        passage.pictures.append(hashlib.sha256(body).hexdigest())
        self.passages.append(passage)

    def _hold(self) -> None:
        """Say nothing, until nobody can be waiting any more."""
        self._closing.wait(HELD_SECONDS)
        raise BrokenWireError


def _head_of(end: socket.socket) -> tuple[bytes, bytes]:
    """The head with the empty line behind it, and what came along of the body."""
    read = b""
    while b"\r\n\r\n" not in read:
        piece = end.recv(PIECE)
        if not piece:
            raise BrokenWireError
        read += piece
    head, _, rest = read.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", rest


def _length(head: bytes) -> int:
    found = _LENGTH.search(head)
    return int(found[1]) if found else 0


def _reset(end: socket.socket) -> None:
    """Break the connection: the other end sees a reset."""
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.close()
    raise BrokenWireError


@contextmanager
def doors(upstream_port: int, *kinds: str) -> Iterator[dict[str, Door]]:
    """One door of each kind, by name; an empty name passes everything."""
    with ExitStack() as stack:
        yield {kind: stack.enter_context(Door(upstream_port, kind)) for kind in kinds}
