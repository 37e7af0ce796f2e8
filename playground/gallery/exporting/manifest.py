"""What is in an archive, told by the picture: for people and spreadsheets (CSV), and for programs (JSON)."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from playground.costs.export import csv_line
from playground.runs.models import Output
from playground.runs.setups import Setup, words_of

CSV, JSON = "manifest.csv", "manifest.json"
VERSION = 1


@dataclass
class Packed:
    """What became of one picture: its name and bytes in the archive, or why it is not there."""

    name: str = ""
    bytes: int = 0
    sha256: str = ""
    problem: str = ""


def rows(outputs: Iterable[Output], packed: Mapping[int, Packed]) -> Iterator[tuple[Output, dict[str, Any]]]:
    """Written in English, as files that travel are."""
    for output in outputs:
        yield output, _row(output, packed[output.pk])


def _row(output: Output, packed: Packed) -> dict[str, Any]:
    generation, picture = output.generation, getattr(output, "picture", None)
    return {
        "file": packed.name, "problem": packed.problem, "label": generation.label, "run": generation.run.number,
        "made": output.created_at.isoformat(timespec="seconds"), "simulated": generation.simulated,
        "model": generation.model_id, "mode": generation.run.mode, "prompt": words_of(generation),
        "prompt_sent": generation.prompt_sent, "parameters": generation.parameters,
        "size_asked": generation.size_asked, "size": str(output.size), "format": output.format,
        "bytes": output.byte_size, "seconds": generation.seconds,
        "cost": None if output.cost is None else str(output.cost),
        "favourite": bool(picture and picture.is_favourite), "rating": picture.rating if picture else 0,
        "tags": [tag.name for tag in picture.tags.all()] if picture else [],
        "collections": [one.name for one in picture.collections.all()] if picture else [],
        "references": [each.upload.sha256 for each in generation.run.references.all()],
        "sha256": output.sha256, "file_bytes": packed.bytes, "file_sha256": packed.sha256,
    }  # fmt: skip


def as_csv(found: Iterable[tuple[Output, dict[str, Any]]]) -> Iterator[bytes]:
    """With a mark at its start, by which spreadsheets know that it is UTF-8."""
    is_first = True
    for _output, row in found:
        if is_first:
            yield ("\ufeff" + csv_line(row)).encode()
            is_first = False
        yield csv_line(map(_cell, row.values())).encode()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return "; ".join(value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value


def as_json(found: Iterable[tuple[Output, dict[str, Any]]]) -> Iterator[bytes]:
    """One picture a line, each with the set-up that the studio opens."""
    yield f'{{"darkroom_export": {VERSION}, "pictures": ['.encode()
    between = "\n"
    for output, row in found:
        row["setup"] = Setup.of(output.generation).as_dict()
        yield (between + json.dumps(row, ensure_ascii=False)).encode()
        between = ",\n"
    yield b"\n]}\n"
