"""A call's body, made while it is sent: files are read in slices, so no picture is ever whole in memory."""

from __future__ import annotations

import binascii
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playground.catalog import Problem
from playground.gateway.errors import InvalidRequestError
from playground.gateway.request import Attachment, Call, Woven

_SLICE_BYTES = 48 * 1024  # a multiple of 3, so that the base64 of slices is the base64 of the whole


@contextmanager
def content_of(call: Call) -> Iterator[dict[str, Any]]:
    """The body as httpx's arguments; its files are open inside the block.

    Raises InvalidRequestError for a file that is gone: nothing was sent then.
    """
    with ExitStack() as opened:
        try:
            content = _content(call, opened)
        except OSError as error:
            message = "A picture that goes along is not there any more."
            raise InvalidRequestError([Problem("reference_gone", "references", message)]) from error
        yield content


def _content(call: Call, opened: ExitStack) -> dict[str, Any]:
    if not call.files:
        body = JsonBody.of(call.json_body)
        headers = {"Content-Type": "application/json", "Content-Length": str(body.length)}
        return {"content": iter(body), "headers": headers}
    files = []
    for part in call.files:
        file = opened.enter_context(part.attachment.path.open("rb"))
        files.append((part.name, (part.file_name, file, part.attachment.media_type)))
    # httpx reads the files in slices, and writes the boundary and the length itself.
    return {"data": {name: _spelt(value) for name, value in call.form.items()}, "files": files}


@dataclass(frozen=True)
class _FileAsBase64:
    path: Path
    byte_size: int

    @property
    def length(self) -> int:
        return (self.byte_size + 2) // 3 * 4

    def __iter__(self) -> Iterator[bytes]:
        left = self.byte_size
        with self.path.open("rb") as file:
            while left:
                data = file.read(min(_SLICE_BYTES, left))
                if not data:
                    raise OSError(f"{self.path.name} became shorter while it was sent")
                left -= len(data)
                yield binascii.b2a_base64(data, newline=False)


@dataclass(frozen=True)
class JsonBody:
    """JSON text of known length, with files as base64 in it."""

    parts: tuple[bytes | _FileAsBase64, ...]

    @classmethod
    def of(cls, tree: object) -> JsonBody:
        """Each `Woven` in the tree becomes one JSON string. Raises OSError where a file is gone."""
        token, woven = secrets.token_hex(8), list[Woven]()

        def stand_in(value: object) -> str:
            if not isinstance(value, Woven):
                raise TypeError(f"no JSON: {type(value).__name__}")
            woven.append(value)
            return f"{token}-{len(woven) - 1}"

        text = json.dumps(tree, ensure_ascii=False, default=stand_in)
        parts: list[bytes | _FileAsBase64] = []
        for index, piece in enumerate(re.split(rf'"{token}-(\d+)"', text)):
            if index % 2:
                parts += [b'"', *map(_part, woven[int(piece)].parts), b'"']
            else:
                parts.append(_utf8(piece))
        return cls(tuple(parts))

    @property
    def length(self) -> int:
        return sum(len(part) if isinstance(part, bytes) else part.length for part in self.parts)

    def __iter__(self) -> Iterator[bytes]:
        for part in self.parts:
            if isinstance(part, bytes):
                yield part
            else:
                yield from part


def _part(part: str | Attachment) -> bytes | _FileAsBase64:
    if isinstance(part, Attachment):
        return _FileAsBase64(part.path, part.path.stat().st_size)
    return _utf8(json.dumps(part, ensure_ascii=False)[1:-1])


def _spelt(text: str) -> str:
    return _utf8(text).decode()


def _utf8(text: str) -> bytes:
    """A lone surrogate, which JSON can spell and UTF-8 cannot, becomes a question mark."""
    return text.encode("utf-8", errors="replace")
