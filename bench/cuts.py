"""Is anything sent twice, or lost, when wires are cut and workers are killed at every stage of a call?

First the wire breaks (see `bench.doors`) while the worker lives. Then workers are killed, at random moments and at
chosen stages, and started again until all is at rest. At the end three books are compared: what the simulator
received and billed, what the doors handed over whole, and what the rows say. Exits with 1 where they differ.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.darkroom import LONGEST_CALL_SECONDS, Darkroom, darkroom, wait_until
from bench.doors import Door, Passage, doors
from bench.tables import note, show
from playground.launch import processes

MODEL, HASTY, LINKED = "gpt-image-2", "gpt-image-2-hasty", "gpt-image-2-all"
SEED = int(os.environ.get("BENCH_SEED", "7"))
# The same model for somebody who waits two seconds: nobody should wait minutes for a time-out.
HASTY_MODEL = f"""
[models.{HASTY}]
like = "{MODEL}"
since = 2026-04-21
[models.{HASTY}.timing]
timeout_seconds = 2
heavy_timeout_seconds = 2
connect_timeout_seconds = 1
"""
PARAMETERS = {"size": "1024x1024", "quality": "low", "output_format": "png"}
STAGE_WITHIN_SECONDS = 6
READ_WITHIN_SECONDS = 1.0  # by then a living worker has read what was handed over
PNG_END = b"IEND\xaeB`\x82"


@dataclass(frozen=True)
class Kind:
    """Calls that meet the same door and the same simulator."""

    name: str
    door: str = ""
    directives: str = "plain, fast"
    model: str = MODEL
    references: int = 0
    share: int = 1


CUT = (
    Kind("connect: refused", "connect: refused"),
    Kind("connect: no answer", "connect: no answer", model=HASTY),
    Kind("sending: broken", "sending: broken", references=2),
    Kind("sending: stalled", "sending: stalled", model=HASTY, references=2),
    Kind("sent: broken", "sent: broken"),
    Kind("sent: silence", "sent: silence", model=HASTY),
    Kind("answer: head broken", "answer: head broken"),
    Kind("answer: body broken", "answer: body broken"),
    Kind("answer: body stalled", "answer: body stalled", model=HASTY),
    Kind("answer: last byte, then broken", "answer: last byte, then broken"),
)
KILLED = (
    Kind("connecting", "connect: no answer", model=HASTY),
    Kind("sending slowly", "sending: slow", references=2, share=2),
    Kind("drawing slowly", directives="plain, slow 1.5s", share=3),
    Kind("answering slowly", directives="plain, fast, drip 1.5s", share=3),
    Kind("refused, then drawn", directives="plain, 503 x1"),
    Kind("behind a link", directives="plain, fast, url-slow 1s", model=LINKED, share=2),
    Kind("quick", share=4),
)


def main(quick: bool = False) -> None:
    with darkroom() as room, doors(room.simulator_port, *{kind.door for kind in (*CUT, *KILLED)}) as opened:
        models = room.data / "hasty.toml"
        models.write_text(HASTY_MODEL)
        room.environment["PLAYGROUND_MODELS"] = str(models)
        room.simulator(speed=20)
        scene = Scene(room, opened)
        cut = scene.ask(CUT, 20 if quick else 120)
        scene.rest()
        killed = scene.ask(KILLED, 40 if quick else 480)
        kills = [scene.kill(stage) for stage in _plan(1 if quick else 3)]
        scene.rest()
        books = Books(room, opened, kills)
    _tell(books, cut, killed)
    if books.is_broken:
        print("A promise is broken.", file=sys.stderr)
        raise SystemExit(1)


def _tell(books: "Books", cut: dict[str, list[int]], killed: dict[str, list[int]]) -> None:
    head = (
        "", "calls", "recorded", "received", "billed", "arrived", "kept", "lost", "sent twice", "done", "free",
        "unknown", "untrue",
    )  # fmt: skip
    show("The wire breaks, the worker lives", head, [books.row(*one) for one in cut.items()])
    show("The worker is killed", head, [books.row(*one) for one in killed.items()])
    show("Kills, by what was waited for", ("", "kills", "seen", "in flight", "whole"), _by_stage(books.kills))
    note(f"Seed {SEED}. recorded: attempts in the database; received, billed: by the simulator's log.")
    note("arrived: whole, to a worker that lived, or on the disk of one that was killed.")
    note("kept: of those, the same bytes by SHA-256; lost: not kept; sent twice: billed more than once.")
    note("done, free, unknown: how the rows say it ended; untrue: rows that the simulator's log contradicts.")


# --- Killing ----------------------------------------------------------------------------------------------------


@dataclass
class Kill:
    """One kill: what was waited for, whether it was seen, and what lay on the disk when the process was gone."""

    stage: str
    at: float
    was_seen: bool
    in_flight: int
    whole: list[int] = field(default_factory=list)  # attempts


class Scene:
    """An installation whose workers are started and killed."""

    def __init__(self, room: Darkroom, opened: dict[str, Door]) -> None:
        self.room, self.doors = room, opened
        self.began, self.last = 0.0, 0  # when this worker was started, and the last attempt before it
        self._chance = random.Random(SEED)

    def ask(self, kinds: Sequence[Kind], count: int) -> dict[str, list[int]]:
        """Write so many calls down; returns their tags by the kind's name."""
        weight = sum(kind.share for kind in kinds)
        wanted = [
            asdict(kind) | {
                "count": count * kind.share // weight,
                "address": self.doors[kind.door].address,
                "parameters": {} if kind.model == LINKED else PARAMETERS,
            }
            for kind in kinds
        ]  # fmt: skip
        found: dict[str, list[int]] = self.room.inside("ask_through", kinds=wanted, seed=SEED)
        return found

    def rest(self) -> None:
        """Let a worker work until nothing is unfinished, and stop it."""
        worker = self._start(calls=100)
        wait_until(lambda: not self.unfinished(), within_seconds=180, what="coming to rest")
        self.room.end(worker)

    def kill(self, stage: str) -> Kill:
        """Start a worker, wait until the stage is seen (or a random moment), and end it without a word."""
        self.began, self.last = time.monotonic(), self.count("SELECT max(id) FROM runs_attempt")
        worker = self._start(calls=8)
        wait_until(
            lambda: self.fresh() or not self.unfinished(), within_seconds=30, what="a worker's first call"
        )
        was_seen = self._wait_for(stage)
        in_flight = self.count(_CALLS + "TRUE")
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        self.room.end(worker)
        return Kill(stage, time.monotonic(), was_seen, in_flight, list(self.whole()))

    def _start(self, calls: int) -> "subprocess.Popen[bytes]":
        return self.room.run(processes.worker(LONGEST_CALL_SECONDS), WORKER_CALLS=str(calls))

    def _wait_for(self, stage: str) -> bool:
        if stage == RANDOM:
            time.sleep(self._chance.uniform(0, 2))
            return True
        ends = time.monotonic() + (STAGE_WITHIN_SECONDS if self.unfinished() else 0)
        while time.monotonic() < ends:
            if STAGES[stage](self):
                return True
        return False

    # What can be seen from outside.

    def count(self, question: str) -> int:
        address = f"file:{self.room.data / 'playground.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=20)) as database:
            return int(database.execute(question, {"last": self.last}).fetchone()[0])

    def unfinished(self) -> int:
        return self.count("SELECT count(*) FROM runs_generation WHERE state IN ('queued', 'running')")

    def fresh(self) -> list[Passage]:
        """What passes the doors since this worker was started."""
        return [one for door in self.doors.values() for one in door.passages if one.began > self.began]

    def folders(self, after: int = 0) -> Iterable[Path]:
        """Where answers arrive, for the attempts after this one."""
        return (one for one in (self.room.data / "incoming").glob("*") if int(one.name) > after)

    def whole(self) -> Iterable[int]:
        """The attempts whose answers lie whole on the disk, noted or not."""
        return (int(folder.name) for folder in self.folders() if is_noted(folder) or is_whole(folder))


def is_noted(folder: Path) -> bool:
    return (folder / "answer.json").exists()


def is_whole(folder: Path) -> bool:
    """Asked while the worker may rename what it writes."""
    for path in folder.glob("picture-*"):
        try:
            if path.read_bytes().endswith(PNG_END):
                return True
        except FileNotFoundError:
            continue
    return False


RANDOM = "a random moment"
_CALLS = """
    SELECT count(*) FROM runs_attempt a JOIN runs_generation g ON g.id = a.generation_id
    WHERE a.id > :last AND g.state = 'running' AND
"""
STAGES: dict[str, Callable[[Scene], object]] = {
    "connecting": lambda scene: scene.count(
        _CALLS + "a.outcome = 'sent' AND g.model_id = 'gpt-image-2-hasty'"
    ),
    "sending": lambda scene: any(one.stage == "sending" for one in scene.fresh()),
    "drawing": lambda scene: any(one.stage == "sent" for one in scene.fresh()),
    "answering": lambda scene: any(one.stage == "answering" and one.body_bytes for one in scene.fresh()),
    "whole, not noted yet": lambda scene: any(
        is_whole(folder) and not is_noted(folder) for folder in scene.folders(scene.last)
    ),
    "noted, not written down yet": lambda scene: any(map(is_noted, scene.folders(scene.last))),
    "written down, not finished": lambda scene: scene.count(_CALLS + "a.outcome = 'answered'"),
    "between two tries": lambda scene: scene.count(_CALLS + "g.waiting_until IS NOT NULL"),
    "fetching a link": lambda scene: scene.count(_CALLS + "a.outcome = 'sent' AND a.links != '[]'"),
}


def _plan(rounds: int) -> list[str]:
    stages = [RANDOM, RANDOM, *STAGES] * rounds
    random.Random(SEED).shuffle(stages)
    return stages


def _by_stage(kills: list[Kill]) -> list[list[object]]:
    rows = []
    for stage in (RANDOM, *STAGES):
        found = [kill for kill in kills if kill.stage == stage]
        in_flight, whole = sum(kill.in_flight for kill in found), sum(len(kill.whole) for kill in found)
        rows.append([stage, len(found), sum(kill.was_seen for kill in found), in_flight, whole])
    return rows


# --- Comparing --------------------------------------------------------------------------------------------------


class Books:
    """What the simulator, the doors and the rows say of each call, side by side."""

    def __init__(self, room: Darkroom, opened: dict[str, Door], kills: list[Kill]) -> None:
        self.is_broken = False
        self._rows: dict[int, dict[str, Any]] = {row["tag"]: row for row in room.inside("became")}
        self._received: dict[int, list[dict[str, Any]]] = {}
        for call in room.calls(after=0)["calls"]:
            self._received.setdefault(int(call["prompt"].rpartition("-")[2]), []).append(call)
        self.kills = kills
        self._passages: dict[int, list[Passage]] = {}
        for passage in (one for door in opened.values() for one in door.passages):
            self._passages.setdefault(passage.tag, []).append(passage)

    def row(self, name: str, tags: list[int]) -> list[object]:
        """One line of the table; remembers whether it broke a promise."""
        rows = [self._rows[tag] for tag in tags]
        received = {tag: self._received.get(tag, []) for tag in tags}
        billed = {tag: sum(call["billed"] for call in calls) for tag, calls in received.items()}
        arrived = [row for row in rows if self._has_arrived(row)]
        kept = [row for row in arrived if self._is_kept(row)]
        twice = sum(times > 1 for times in billed.values())
        untrue = sum(not self._is_true(row, billed[row["tag"]]) for row in rows)
        self.is_broken |= bool(twice or untrue or len(arrived) > len(kept))
        ends = Counter("done" if row["state"] == "succeeded" else row["billed"] for row in rows)
        return [
            name, len(tags), sum(len(row["attempts"]) for row in rows), sum(map(len, received.values())),
            sum(billed.values()), len(arrived), len(kept), len(arrived) - len(kept), twice,
            ends["done"], ends["no"], ends["unknown"], untrue,
        ]  # fmt: skip

    def _has_arrived(self, row: dict[str, Any]) -> bool:
        """The last byte came to a worker that lived on, or lay on its disk when it was killed."""
        whole = {attempt for kill in self.kills for attempt in kill.whole}
        if any(attempt in whole for attempt, _outcome, _billed in row["attempts"]):
            return True
        return any(one.pictures and self._was_read(one) for one in self._passages.get(row["tag"], []))

    def _was_read(self, passage: Passage) -> bool:
        assert passage.done is not None
        end = next((kill.at for kill in self.kills if kill.at > passage.began), None)
        return end is None or end - passage.done > READ_WITHIN_SECONDS

    def _is_kept(self, row: dict[str, Any]) -> bool:
        """The bytes that were handed over, no others, are where the row says."""
        handed = {sha256 for one in self._passages.get(row["tag"], []) for sha256 in one.pictures}
        is_same = row["kept"] == row["said"] and set(row["kept"]) <= handed
        return row["state"] == "succeeded" and bool(row["kept"]) and is_same

    def _is_true(self, row: dict[str, Any], billed: int) -> bool:
        """Whether the row agrees with the simulator, call by call where they were received."""
        received = len(self._received.get(row["tag"], []))
        maybe = sum(one != "no" for _attempt, _outcome, one in row["attempts"])
        if received > len(row["attempts"]) or billed > maybe or maybe > 1:
            return False
        if row["state"] == "succeeded":
            return billed == 1 and self._is_kept(row)
        return row["state"] == "failed" and row["billed"] in ("unknown", "yes" if billed else "no")


if __name__ == "__main__":
    main(quick="--quick" in sys.argv)
