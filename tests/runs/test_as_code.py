"""A call as a program: each is run for real, against the simulator, and sends what was sent."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from playground import catalog
from playground.runs.as_code import KEY, snippets_of
from playground.runs.models import Attempt
from tests.factories import ALL, OFFICIAL, VIP, mask, queued, run, upload

pytestmark = pytest.mark.django_db
NASTY = """A "tea" tin's $HOME `id` \\n {x} %s
灯塔 </script> ${y} 'q' EOF BODY [[sim: plain, size 96x64]]"""
RUNNERS = {"curl": ["sh"], "openai": [sys.executable], "httpx": [sys.executable], "javascript": ["node"]}


def perform(snippet, folder: Path, key: str) -> None:
    """Run the program in this folder, as a person would."""
    program = RUNNERS[snippet.slug]
    if shutil.which(program[0]) is None:
        pytest.skip(f"there is no {program[0]} here")
    (folder / snippet.file).write_text(snippet.code)
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), KEY: key}
    done = subprocess.run([*program, snippet.file], cwd=folder, env=env, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()


def perform_all(generation, provider, folder: Path) -> list[dict]:
    """What the simulator received of each program."""
    found = []
    for snippet in snippets_of(generation):
        provider.reset()
        place = folder / snippet.slug
        shutil.copytree(folder / "files", place) if (folder / "files").exists() else place.mkdir()
        perform(snippet, place, provider.key)
        calls = provider.calls()["calls"]
        assert [call["status"] for call in calls if call["method"] == "POST"] == [200], snippet.slug
        made = place / ("answer.json" if snippet.slug == "curl" else "picture")
        assert made.stat().st_size > 100
        if snippet.slug != "curl":
            with Image.open(made) as picture:
                assert picture.size == (96, 64)
        found.append(next(call for call in calls if call["method"] == "POST"))
    return found


@pytest.mark.parametrize(
    "model, parameters",
    [
        (ALL, {"shape": "16:9"}),
        (VIP, {"size": "2048x1152"}),
        (OFFICIAL, {"size": "1024x1024", "quality": "low", "partial_images": 2}),
    ],
)
def test_every_program_runs_and_says_the_same(workspace, provider, tmp_path, model, parameters):
    generation = queued(workspace, model, prompt=NASTY, **parameters)
    received = perform_all(generation, provider, tmp_path)
    assert len(received) == 4
    assert {call["prompt"] for call in received} == {generation.prompt_sent}
    assert len({str(sorted(call["fields"].items())) for call in received}) == 1


def test_pictures_and_a_mask_go_along_in_their_order(workspace, provider, tmp_path):
    first, second = upload(workspace, 96, 64), upload(workspace, 64, 96, name="second.png")
    made = run(workspace, OFFICIAL, prompt=NASTY, references=[first, second], mask=mask(first))
    generation = made.generations.select_related("run__mask__upload").get()
    files = tmp_path / "files"
    files.mkdir()
    for number, name in enumerate((made.mask.upload.png_file or first.sent_file, second.sent_file), 1):
        shutil.copy(default_storage.path(name), files / f"image-{number}.png")
    shutil.copy(default_storage.path(made.mask.file), files / "mask.png")
    for call in perform_all(generation, provider, tmp_path):
        assert [file["width"] for file in call["reference_files"]] == [96, 64]
        assert call["mask_file"] and call["prompt"].replace("\r\n", "\n") == NASTY  # as forms write them


def test_a_picture_in_a_chat_is_read_where_it_stands(workspace, provider, tmp_path):
    brought = upload(workspace, 96, 64)
    chat = catalog.Endpoint.CHAT
    generation = run(workspace, ALL, prompt=NASTY, references=[brought], endpoint=chat).generations.get()
    for snippet in snippets_of(generation):
        provider.reset()
        folder = tmp_path / snippet.slug
        folder.mkdir()
        shutil.copy(default_storage.path(brought.sent_file), folder / f"image-1.{brought.sent_format}")
        perform(snippet, folder, provider.key)
        call = next(call for call in provider.calls()["calls"] if call["method"] == "POST")
        assert (call["status"], call["references"]) == (200, 1), snippet.slug
        assert NASTY in call["prompt"]


def test_no_program_holds_the_key_and_each_goes_where_the_call_went(workspace, paid_provider):
    generation = queued(workspace)
    Attempt.objects.create(
        generation=generation, number=1, connection="x", base_url="https://second.example/", simulated=False,
        outcome="refused", billed="no", sent_at=generation.created_at, finished_at=generation.created_at,
    )  # fmt: skip
    for snippet in snippets_of(generation):
        assert paid_provider.key not in snippet.code and KEY in snippet.code
        assert "https://second.example/v1" in snippet.code


def test_a_model_that_was_taken_out_has_no_program(workspace):
    generation = queued(workspace)
    generation.model_id = "gone"
    assert snippets_of(generation) == []
