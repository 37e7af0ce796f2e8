"""A note beside the bytes of an answer that arrived whole, so that it outlives the process that received it.

Written before the database hears of the answer. Whoever finds the note (the sweep, after a crash or while the
database was away) can keep the pictures without asking the provider again. Where the process was killed before it
could write the note, whole pictures are enough: what was said beside them (the tokens, say) is lost.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from playground.gateway import Answer, Picture, Timings, left_behind

NOTE = "answer.json"
_DRAFT = f"{NOTE}.draft"
_ROOM_BYTES = 32 * 1024
OK = 200  # the status of every answer that holds a picture


def reserve(folder: Path) -> None:
    """Take the room for the note before the call is sent, so that a disk that fills up meanwhile can't forbid it."""
    (folder / _DRAFT).write_bytes(bytes(_ROOM_BYTES))


def give_back(folder: Path) -> None:
    """No answer came: its note needs no room."""
    (folder / _DRAFT).unlink(missing_ok=True)


def write(folder: Path, answer: Answer) -> None:
    """Leave the note; on disk when this returns."""
    record = asdict(answer) | {"pictures": _named(answer.pictures), "partials": _named(answer.partials)}
    draft = folder / _DRAFT
    draft.touch()
    with draft.open("r+", encoding="utf-8") as file:  # over the room that was reserved
        json.dump(record, file)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / NOTE)


def read(folder: Path) -> Answer | None:
    """The answer that arrived in this folder; None if none arrived whole."""
    try:
        record = json.loads((folder / NOTE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    pictures = _found(folder, record.pop("pictures"))
    partials = _found(folder, record.pop("partials", []))  # a note of an older version has none
    timings = Timings(**record.pop("timings"))
    links = tuple(record.pop("unfetched_links"))
    return Answer(pictures=pictures, partials=partials, timings=timings, unfetched_links=links, **record)


def find(folder: Path, links: Sequence[str]) -> Answer | None:
    """The same, or what can be told of one that arrived whole just before its process was killed: the pictures.

    Where `links` lead to further pictures than lie here, they are fetched instead.
    """
    if (folder / NOTE).exists():
        return read(folder)
    pictures = left_behind(folder)
    if not pictures or len(pictures) < len(links):
        return None
    answer = Answer(pictures=pictures, status=OK, timings=Timings(), bytes_received=0)
    write(folder, answer)
    return answer


def _named(pictures: Sequence[Picture]) -> list[dict[str, Any]]:
    return [asdict(picture) | {"path": picture.path.name} for picture in pictures]


def _found(folder: Path, records: Sequence[dict[str, Any]]) -> tuple[Picture, ...]:
    return tuple(Picture(**record | {"path": folder / record["path"]}) for record in records)
