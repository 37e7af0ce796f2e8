"""Invented pictures, as many as somebody wants to try the gallery with: rows like those of real runs, and a few files.

The pictures are the simulator's plates, kept once each with real small versions; all rows share them. Nothing is sent
or billed, and every row says that it is simulated. Keys grow with the dates, as they do in life.
"""

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from PIL import Image

from playground import catalog
from playground.accounts.models import Workspace
from playground.gallery import marks, shelving
from playground.runs import storage
from playground.runs.models import Attempt, Billed, Generation, Output, Run, State
from playground.runs.thumbnails import make_thumbnails

PLATES = Path("playground/simulator/plates")
EDGES = (1024, 2048, 3840)
FRAMES = (1, 2, 3, 4)  # of a run
RUNS_AT_ONCE = 500
PICTURES_OF_A_PLATE = 40  # at least, because a large plate takes a second to encode
DAYS = 730
MARKED = 0.01
TAGS = ("keep", "client", "too dark", "封面")
COLLECTIONS = ("Spring catalogue", "Posters")
_MODES = (Run.Mode.TEXT, Run.Mode.TEXT, Run.Mode.TEXT, Run.Mode.EDIT)
_THINGS = [
    "lighthouse",
    "pear",
    "teapot",
    "heron",
    "ship",
    "bottle",
    "vase",
    "dune",
    "ridge",
    "bowl",
    "arch",
    "lantern",
    "fox",
    "orchard",
    "harbour",
    "bicycle",
    "tram",
    "violin",
    "umbrella",
    "kettle",
    "owl",
    "glacier",
    "market",
    "piano",
    "staircase",
    "greenhouse",
    "windmill",
    "canoe",
    "carousel",
    "telescope",
]
_PLACES = [
    "windowsill",
    "cliff",
    "table",
    "shore",
    "attic",
    "courtyard",
    "snow",
    "rooftop",
    "library",
    "platform",
    "garden",
    "desert",
]
_LIGHTS = ["dawn", "dusk", "noon", "fog", "rain", "candlelight", "neon", "moonlight", "storm", "overcast"]
_STYLES = [
    "watercolour",
    "photograph",
    "etching",
    "woodcut",
    "oil",
    "pencil",
    "polaroid",
    "poster",
    "collage",
    "render",
]
_THINGS_ZH = [
    "灯塔",
    "梨子",
    "茶壶",
    "白鹭",
    "帆船",
    "花瓶",
    "沙丘",
    "山水",
    "拱门",
    "灯笼",
    "狐狸",
    "果园",
    "海港",
    "雨伞",
    "猫头鹰",
    "冰川",
    "钢琴",
    "温室",
    "风车",
    "望远镜",
]
_PLACES_ZH = ["窗台", "悬崖", "木桌", "海边", "阁楼", "庭院", "雪地", "屋顶", "图书馆", "花园"]
_STYLES_ZH = ["水彩画", "摄影", "版画", "木刻", "油画", "铅笔画", "海报", "拼贴"]


@dataclass(frozen=True)
class Plate:
    """A kept file that rows share: the columns of its output."""

    columns: dict[str, Any]


def seed(
    workspace: Workspace,
    count: int,
    *,
    chance: int = 1,
    said: Callable[[int], None] = lambda done: None,
    plates: Sequence[Plate] = (),
) -> None:
    """Write so many pictures, the oldest first. `said` hears how many there are after each transaction."""
    choose = random.Random(chance)  # noqa: S311  # it invents pictures
    plates = plates or keep_plates(1 + count // PICTURES_OF_A_PLATE)
    done, first_number = 0, workspace.last_run_number
    moment, step = timezone.now() - timedelta(days=DAYS), timedelta(days=DAYS) / max(count, 1)
    while done < count:
        wanted = _sizes_of_runs(choose, count - done)
        with transaction.atomic(), _dates_as_given(Run, Generation, Output):
            runs = _runs(workspace, wanted, first_number, moment, step, choose)
            outputs = _outputs(runs, wanted, plates, choose)
            shelving.put_up(outputs)
            first_number += len(runs)
            Workspace.objects.filter(pk=workspace.pk).update(last_run_number=first_number)
        _mark(workspace, [output.pk for output in outputs if choose.random() < MARKED], choose)
        done += len(outputs)
        moment += step * len(outputs)
        said(done)


def keep_plates(most: int) -> list[Plate]:
    """The files, each kept once; a repeat finds the same bytes."""
    plates = []
    with storage.workbench() as folder:
        for position, source in enumerate(sorted((settings.BASE_DIR / PLATES).glob("*.webp"))[:most]):
            plates.append(_keep_plate(source, EDGES[position % len(EDGES)], folder / source.stem))
    return plates


def _keep_plate(source: Path, edge: int, folder: Path) -> Plate:
    folder.mkdir()
    with Image.open(source) as plate:
        scale = edge / max(plate.size)
        size = (round(plate.width * scale), round(plate.height * scale))
        path = folder / "original.jpeg"
        plate.convert("RGB").resize(size, Image.Resampling.BILINEAR).save(path, "JPEG", quality=80)
    return keep_file(path, folder, "jpeg", size)


def keep_file(path: Path, folder: Path, picture_format: str, size: tuple[int, int]) -> Plate:
    """A picture of these pixels, moved to its place and given its small versions."""
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    made = make_thumbnails(path, sha256, folder)
    columns: dict[str, Any] = {
        "sha256": sha256, "file": storage.original_name(sha256, picture_format), "byte_size": path.stat().st_size,
        "format": picture_format, "width": size[0], "height": size[1], "thumbnails": list(made.widths),
        "placeholder": made.placeholder,
    }  # fmt: skip
    storage.keep(path, columns["file"])
    return Plate(columns)


def _sizes_of_runs(choose: random.Random, left: int) -> list[int]:
    """How many frames each of the next runs has."""
    sizes: list[int] = []
    while left > 0 and len(sizes) < RUNS_AT_ONCE:
        sizes.append(min(choose.choice(FRAMES), left))
        left -= sizes[-1]
    return sizes


def prompt(choose: random.Random) -> str:
    """Invented words, one in three of them Chinese."""
    if choose.random() < 1 / 3:
        thing, other = choose.sample(_THINGS_ZH, 2)
        place, style = choose.choice(_PLACES_ZH), choose.choice(_STYLES_ZH)
        return f"{place}上的{thing}和{other}，{style}，第{choose.randrange(100_000)}号"
    thing, other = choose.sample(_THINGS, 2)
    place, light, style = choose.choice(_PLACES), choose.choice(_LIGHTS), choose.choice(_STYLES)
    return f"A {thing} and a {other} on the {place} at {light}, {style}, number {choose.randrange(100_000)}"


def _runs(
    workspace: Workspace,
    sizes: Sequence[int],
    first_number: int,
    moment: datetime,
    step: timedelta,
    choose: random.Random,
) -> list[Run]:
    runs = []
    for number, size in enumerate(sizes, first_number + 1):
        mode = choose.choice(_MODES)
        runs.append(
            Run(workspace=workspace, number=number, created_at=moment, mode=mode, prompt=prompt(choose))
        )
        moment += step * size
    return Run.objects.bulk_create(runs)


def _outputs(
    runs: Sequence[Run], sizes: Sequence[int], plates: Sequence[Plate], choose: random.Random
) -> list[Output]:
    models = catalog.default().offered(timezone.localdate())[:3]
    frames = [
        _frame(run, position, models[position % len(models)], choose)
        for run, size in zip(runs, sizes, strict=True)
        for position in range(size)
    ]
    frames = Generation.objects.bulk_create(frames)
    Attempt.objects.bulk_create(_attempt(frame) for frame in frames)
    return Output.objects.bulk_create(
        Output(
            workspace_id=frame.run.workspace_id,
            generation=frame,
            created_at=frame.created_at,
            **choose.choice(plates).columns,
        )
        for frame in frames
    )


def _frame(run: Run, position: int, model: "catalog.Model", choose: random.Random) -> Generation:
    cost = Decimal(choose.choice((30, 30, 30, 52, 63, 211))) / 1000
    seconds = round(choose.uniform(18, 190), 1)
    return Generation(
        run=run, position=position, letter="ABCD"[position], model_id=model.id, prompt_sent=run.prompt,
        simulated=True, estimate_low=cost, estimate_high=cost, cost=cost, billed=Billed.YES, state=State.SUCCEEDED,
        seconds=seconds, created_at=run.created_at, started_at=run.created_at,
        finished_at=run.created_at + timedelta(seconds=seconds),
    )  # fmt: skip


def _attempt(frame: Generation) -> Attempt:
    return Attempt(
        generation=frame, number=1, connection="simulator", base_url="http://127.0.0.1", simulated=True,
        outcome=Attempt.Outcome.ANSWERED, billed=Billed.YES, cost=frame.cost, sent_at=frame.created_at,
        finished_at=frame.finished_at, status=200,
    )  # fmt: skip


def _mark(workspace: Workspace, ids: Sequence[int], choose: random.Random) -> None:
    """Stars, ratings, tags and collections on some of them."""
    some = [pk for pk in ids if choose.random() < 0.5]
    marks.favour(workspace, some)
    marks.rate(workspace, ids[::3], choose.randint(1, 5))
    marks.tag(workspace, ids[1::3], choose.choice(TAGS))
    marks.collect(workspace, ids[2::3], choose.choice(COLLECTIONS))


@contextmanager
def _dates_as_given(*models: Any) -> Iterator[None]:
    """Let rows be written with a date of the past."""
    fields = [model._meta.get_field("created_at") for model in models]
    for each in fields:
        each.auto_now_add = False
    try:
        yield
    finally:
        for each in fields:
            each.auto_now_add = True
