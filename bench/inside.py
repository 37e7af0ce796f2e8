"""What a bench asks of an installation, run with that installation's settings: `python -m bench.inside NAME JSON`.

Prints one line of JSON. Each function here is one question.
"""

import hashlib
import json
import os
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.files.storage import default_storage  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Count, Max, Min  # noqa: E402
from django.utils import timezone  # noqa: E402
from PIL import Image  # noqa: E402

from bench import judging  # noqa: E402
from bench.spending import invent  # noqa: E402
from playground import catalog  # noqa: E402
from playground.accounts.connections import reopen  # noqa: E402
from playground.accounts.models import Connection, Workspace  # noqa: E402
from playground.chat.places import Base  # noqa: E402
from playground.chat.services import Wish, say  # noqa: E402
from playground.costs import budgets  # noqa: E402
from playground.costs.models import Entry  # noqa: E402
from playground.gallery import seeding  # noqa: E402
from playground.gallery.models import Collection, Tag  # noqa: E402
from playground.gallery.models import Picture as GalleryPicture  # noqa: E402
from playground.gateway import Answer, Picture, Timings  # noqa: E402
from playground.launch import start  # noqa: E402
from playground.runs import leases, services, states, storage, uploads, work  # noqa: E402
from playground.runs.models import (  # noqa: E402
    Attempt,
    Generation,
    Output,
    State,
    Upload,  # noqa: E402
    Worker,
)
from playground.votes import tallies  # noqa: E402
from playground.votes.models import Ballot  # noqa: E402


def prepare() -> None:
    """As `manage.py up` does it."""
    run = start.folders()
    call_command("migrate", interactive=False, verbosity=0)
    start.collect_static(run)


def invent_ledger(count: int) -> int:
    invent(count)
    return Entry.objects.count()


def ledger_spans() -> dict[str, str]:
    """Days to ask the Costs page for: from the first call on, and a year back."""
    today = timezone.localdate()
    first = Entry.objects.earliest("day").day
    return {"first": f"{first:%Y-%m-%d}", "year": f"{today - timedelta(days=365):%Y-%m-%d}"}


def seed_large(count: int, files: int) -> dict[str, float]:
    """So many pictures of 4K, of which so many are files of their own: PNG, with a grain as cameras and models draw."""
    plates = []
    with storage.workbench() as folder:
        for number, source in enumerate(sorted((settings.BASE_DIR / seeding.PLATES).glob("*.webp"))[:files]):
            place = folder / str(number)
            place.mkdir()
            with Image.open(source) as plate:
                size = (3840, 2160) if plate.width >= plate.height else (2160, 3840)
                large = np.asarray(plate.convert("RGB").resize(size, Image.Resampling.BICUBIC), np.int16)
            grain = np.random.default_rng(number).integers(-1, 2, large.shape, np.int16)
            path = place / "large.png"
            Image.fromarray(np.clip(large + grain, 0, 255).astype(np.uint8)).save(
                path, "PNG", compress_level=1
            )
            plates.append(seeding.keep_file(path, place, "png", size))
    seeding.seed(Workspace.objects.local(), count, plates=plates)
    sizes = [plate.columns["byte_size"] for plate in plates]
    return {"files": len(sizes), "mean_bytes": sum(sizes) / len(sizes)}


def invent_votes(count: int) -> int:
    judging.invent(count)
    return Ballot.objects.count()


def times_of_adding_up(rounds: int) -> list[float]:
    """Seconds of each time that all votes were added up anew, as after every vote."""
    times = []
    for _round in range(rounds):
        tallies._remembered.clear()
        began = time.perf_counter()
        tallies.count(Workspace.objects.local(), tallies.Question())
        times.append(time.perf_counter() - began)
    return times


def scoreboard_places() -> dict[str, Any]:
    """What to ask the scoreboard for: a year back, a tag and a collection."""
    year = timezone.localdate() - timedelta(days=365)
    return {
        "year": f"{year:%Y-%m-%d}",
        "tag": Tag.objects.first().pk,
        "collection": Collection.objects.first().pk,
    }


def is_anybody_working() -> bool:
    return leases.is_anybody_working()


def ask(count: int, prompt: str, model: str, parameters: dict[str, Any]) -> list[int]:
    """Start runs of eight frames until so many are asked for; returns the numbers of the runs."""
    found = catalog.default().get(model)
    numbers = []
    while count > 0:
        target = services.Target(found, parameters, min(8, count))
        run, _ = services.start_run(
            Workspace.objects.local(),
            person=None,
            prompt=prompt,
            targets=[target],
            submission_key=uuid.uuid4(),
        )
        numbers.append(run.number)
        count -= 8
    return numbers


def outcome(within_seconds: float) -> dict[str, Any]:
    """Wait until every generation has ended, then tell how."""
    ends = time.monotonic() + within_seconds
    while Generation.objects.unfinished().exists() and time.monotonic() < ends:
        time.sleep(0.25)
    times = Generation.objects.aggregate(
        first=Min("started_at"), last=Max("started_at"), end=Max("finished_at")
    )
    ended = Generation.objects.values_list("state").annotate(Count("pk"))
    attempts = Generation.objects.annotate(count=Count("attempts")).aggregate(Max("count"))
    return {
        "states": dict(ended),
        "claim_seconds": (times["last"] - times["first"]).total_seconds(),
        "seconds": (times["end"] - times["first"]).total_seconds(),
        "most_attempts": attempts["count__max"],
        "answered": Attempt.objects.filter(outcome=Attempt.Outcome.ANSWERED).count(),
        "with_thumbnails": Output.objects.exclude(thumbnails=[]).count(),
    }


def bill() -> dict[str, str]:
    """What the ledger comes to, and what is still held of budgets."""
    total = sum(Entry.objects.values_list("change", flat=True))
    return {"ledger": str(total), "held": str(budgets.held(Workspace.objects.local()))}


def something_to_poll() -> dict[str, int]:
    """Twelve runs, one of them still queued; the revision now, and the one before the last change."""
    numbers = [ask(4, "A lighthouse in fog", "gpt-image-2", {"size": "1024x1024"})[0] for _ in range(12)]
    workspace = Workspace.objects.get(slug=Workspace.LOCAL)
    assert states.cancel(Generation.objects.select_related("run").filter(run__number=numbers[-1])[0])
    after = Workspace.objects.get(slug=Workspace.LOCAL)
    return {"before": workspace.revision, "revision": after.revision, "newest": numbers[-1]}


def time_to_ready(count: int, prompt: str, model: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """Ask for one picture after the other; for each, when (seconds since 1970) the database had it ready."""
    found = catalog.default().get(model)
    ready = []
    for number in range(count):
        run, _ = services.start_run(
            Workspace.objects.local(),
            person=None,
            prompt=f"{prompt} {number}",
            targets=[services.Target(found, parameters)],
            submission_key=uuid.uuid4(),
        )
        ready.append(_when_ready(run.generations.get().pk))
    return ready


def _when_ready(generation_id: int) -> dict[str, Any]:
    """Look every two milliseconds, with as little work as a look can be."""
    ends = time.monotonic() + 120
    with connection.cursor() as cursor:
        while time.monotonic() < ends:
            cursor.execute("SELECT state FROM runs_generation WHERE id = %s", [generation_id])
            state = cursor.fetchone()[0]
            if state not in (State.QUEUED, State.RUNNING):
                break
            time.sleep(0.002)
    now = time.time()
    output = Output.objects.get(generation=generation_id)
    if state != State.SUCCEEDED or len(output.thumbnails) == 0:
        raise SystemExit(f"generation {generation_id} ended {state} with thumbnails {output.thumbnails}")
    attempt = Attempt.objects.get(generation=generation_id)
    return {"ready": now, "file": output.file, "bytes": output.byte_size, "request_id": attempt.request_id}


def talk(turns: int) -> str:
    """A conversation of so many turns, each with its picture, a branch at every tenth; where it is."""
    workspace, worker, base = Workspace.objects.local(), _this_worker(), Base()
    model = catalog.default().get("gpt-image-2-all")
    for number in range(1, turns + 1):
        base = _turn(
            workspace, worker, base, model, f"Turn {number}: a little more light from the left, please"
        )
        if number % 10 == 0 and number < turns - 1:
            _turn(workspace, worker, base, model, f"Turn {number}, another way")
    assert base.conversation is not None
    return base.conversation.get_absolute_url()


def _turn(workspace: Workspace, worker: Worker, base: Base, model: catalog.Model, prompt: str) -> Base:
    references = [services.Brought(base.upload)] if base.upload else []
    endpoint = catalog.Endpoint.CHAT if references else catalog.Endpoint.GENERATIONS
    wish = Wish(prompt, [services.Target(model, {}, endpoint=endpoint)], uuid.uuid4(), references)
    turn = say(workspace, base, wish, person=None)
    generation = turn.run.generations.select_related("run").get()
    way = reopen(None, simulated=True)
    attempt = states.claim(generation, worker, way, way.base_urls[0])
    assert attempt is not None
    work.keep_answer(generation, attempt, _drawn(storage.incoming(attempt.pk), generation.pk))
    return Base.on(turn, Generation.objects.get(pk=generation.pk))


def _this_worker() -> Worker:
    now = timezone.now()
    return Worker.objects.create(host=leases.this_host(), pid=os.getpid(), started_at=now, beat_at=now)


def _drawn(folder: Path, number: int) -> Answer:
    """An answer with a picture of its own colour."""
    path = folder / "picture.png"
    Image.new("RGB", (480, 320), (number % 256, number // 256 % 256, 40)).save(path)
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    picture = Picture(path, sha256, len(content), "png", 480, 320, False)
    return Answer((picture,), 200, Timings(0.01, 1.0, 1.5), len(content))


def ask_through(kinds: list[dict[str, Any]], seed: int) -> dict[str, list[int]]:
    """Ask for calls of these kinds, mixed, each kind in a workspace of its own whose one connection leads to its door.

    Each prompt ends in a tag that nothing else has; returns the tags of each kind.
    """
    workspaces = {kind["name"]: _workspace_of(kind) for kind in kinds}
    wanted = [kind for kind in kinds for _ in range(kind["count"])]
    random.Random(seed).shuffle(wanted)
    tags: dict[str, list[int]] = {kind["name"]: [] for kind in kinds}
    first = Generation.objects.count() + 1
    for tag, kind in enumerate(wanted, first):
        _ask_for(kind, workspaces[kind["name"]], tag)
        tags[kind["name"]].append(tag)
    return tags


def _workspace_of(kind: dict[str, Any]) -> Workspace:
    slug = f"bench-{Workspace.objects.count()}"
    workspace = Workspace.objects.create(slug=slug, name=kind["name"])
    row = Connection(workspace=workspace, name="Door", stored_base_urls=[kind["address"]])
    row.keep_key("sk-practice-token")
    row.save()
    return workspace


def _ask_for(kind: dict[str, Any], workspace: Workspace, tag: int) -> None:
    brought = [services.Brought(_noise(workspace, number)) for number in range(kind["references"])]
    endpoint = catalog.Endpoint.EDITS if brought else catalog.Endpoint.GENERATIONS
    target = services.Target(catalog.default().get(kind["model"]), kind["parameters"], 1, endpoint)
    services.start_run(
        workspace,
        person=None,
        prompt=f"A tea tin [[sim: {kind['directives']}]] cut-{tag}",
        targets=[target],
        references=brought,
        submission_key=uuid.uuid4(),
    )


def _noise(workspace: Workspace, number: int) -> Upload:
    """A reference of more than a megabyte, which is sent as it is."""
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        data = random.Random(number).randbytes(3 * 640 * 640)
        Image.frombytes("RGB", (640, 640), data).save(file, "PNG", compress_level=0)
        file.flush()
        return uploads.take_file(workspace, Path(file.name), f"noise-{number}.png")


def became() -> list[dict[str, Any]]:
    """What the rows say of each call by its tag, and what lies where they say that pictures are."""
    rows = Generation.objects.select_related("run").prefetch_related("attempts", "outputs").order_by("pk")
    return [
        {
            "tag": int(generation.run.prompt.rpartition("-")[2]),
            "state": generation.state,
            "failure": generation.failure,
            "billed": generation.billed,
            "attempts": [[one.pk, one.outcome, one.billed] for one in generation.attempts.all()],
            "kept": [_sha256(output.file) for output in generation.outputs.all()],
            "said": [output.sha256 for output in generation.outputs.all()],
        }
        for generation in rows
    ]


def _sha256(name: str) -> str:
    with default_storage.open(name) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def gallery_places() -> dict[str, Any]:
    """Where a bench of the gallery looks: pictures half way and nearly all the way down, a tag, days."""
    pictures = GalleryPicture.objects.order_by("pk")
    first, last = pictures[0], pictures.reverse()[0]
    middle = pictures.filter(pk__gte=(first.pk + last.pk) // 2)[0]
    return {
        "deep": middle.pk,
        "deepest": first.pk + (last.pk - first.pk) // 50,
        "tag": Tag.objects.all()[0].pk,
        "collection": Collection.objects.all()[0].pk,
        "model": middle.model,
        "day": middle.made_on.isoformat(),
        "month": (middle.made_on - timedelta(days=200)).isoformat(),
    }


def main() -> None:
    question: Callable[..., Any] = globals()[sys.argv[1]]
    sys.stdout.write(json.dumps(question(**json.loads(sys.argv[2]))) + "\n")


if __name__ == "__main__":
    main()
