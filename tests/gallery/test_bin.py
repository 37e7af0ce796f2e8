"""The bin: out of sight, taken back whole, erased in time; bytes go when nothing points at them any more."""

import os
import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from playground.gallery import bin, marks
from playground.gallery.filters import Filter
from playground.gallery.models import Picture, Tag, Tally
from playground.gallery.pages import page_of
from playground.gallery.shelving import tallies_of
from playground.runs import storage, uploads
from playground.runs.asking import answer
from playground.runs.models import Output
from tests.factories import image_bytes, picture, run
from tests.gallery.test_sheet import shown
from tests.studio.pages import said, source

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=90)


@pytest.fixture
def old(workspace, monkeypatch):
    """Make a picture that came long ago, files and all."""

    def make(**options) -> Output:
        output = picture(workspace, **options)
        Output.objects.filter(pk=output.pk).update(created_at=timezone.now() - LONG_AGO)
        for name in files(output):
            age(name)
        return output

    return make


def files(output: Output) -> list[str]:
    return [output.file, *(storage.thumbnail_name(output.sha256, width) for width in output.thumbnails)]


def age(name: str) -> None:
    moment = (timezone.now() - LONG_AGO).timestamp()
    os.utime(default_storage.path(name), (moment, moment))


def there(output: Output) -> bool:
    found = {Path(default_storage.path(name)).exists() for name in files(output)}
    assert len(found) == 1
    return found.pop()


def put_long_ago(*outputs: Output) -> None:
    for output in outputs:
        bin.put(output.workspace, [output.pk])
    moment = timezone.now() - bin.KEPT - timedelta(hours=1)
    Output.objects.filter(binned_at__isnull=False).update(binned_at=moment)
    Picture.objects.filter(binned_at__isnull=False).update(binned_at=moment)


def test_what_is_in_the_bin_is_in_no_list_no_search_and_no_count(client, workspace):
    kept, binned = picture(workspace, prompt="A pear"), picture(workspace, prompt="A pear")
    client.post("/gallery/acts/", {"act": "bin", "o": [binned.pk]})
    for query in ("", "?q=pear", "?ratio=4:3", "?ratio=4:3&ratio=1:1"):
        assert shown(client.get(f"/gallery/{query}")) == [kept.pk], query
    assert answer(tallies_of(workspace))[Tally.ALL, ""].pictures == 1
    assert page_of(workspace).days[0].tally.pictures == 1
    assert f'data-act="use:{binned.pk}"' not in source(client.get("/studio/pick/"))
    assert f'id="p{binned.pk}"' in source(client.get("/gallery/bin/"))


def test_undo_brings_back_what_one_act_put_there_with_all_its_marks(client, workspace):
    first, second, other = (picture(workspace, prompt="A pear") for _ in range(3))
    marks.favour(workspace, [first.pk])
    marks.tag(workspace, [first.pk], "keep")
    client.post("/gallery/acts/", {"act": "bin", "o": [other.pk]})
    page = client.post("/gallery/acts/", {"act": "bin", "o": [first.pk, second.pk]}, follow=True)
    assert "2 pictures are in the bin, for 30 days." in said(page)
    undo = re.findall('action="(/gallery/bin/back/[^"]+)"', source(page))[-1]
    client.post(unescape(undo))
    assert shown(client.get("/gallery/")) == [second.pk, first.pk]
    tag = Tag.objects.get().pk
    assert answer(Filter(favourites=True, words="pear", tag=tag).walk(workspace).older(None, 9)) == [first.pk]
    assert answer(tallies_of(workspace))[Tally.ALL, ""].pictures == 2


def test_some_can_be_taken_back_by_hand(client, workspace):
    first, second = picture(workspace), picture(workspace)
    bin.put(workspace, [first.pk, second.pk])
    client.post("/gallery/bin/back/", {"o": [first.pk]})
    assert shown(client.get("/gallery/")) == [first.pk]


def test_a_stranger_takes_nothing_back_and_erases_nothing(client, elsewhere, workspace):
    theirs = picture(elsewhere)
    _count, moment = bin.put(elsewhere, [theirs.pk])
    client.post("/gallery/bin/back/", {"o": [theirs.pk]})
    client.post(f"/gallery/bin/back/?at={moment.isoformat().replace('+', '%2B')}")
    client.post("/gallery/bin/empty/")
    assert Picture.objects.get(pk=theirs.pk).binned_at and Output.objects.filter(pk=theirs.pk).exists()


def test_nothing_is_erased_before_its_time(client, old):
    output = old()
    bin.put(output.workspace, [output.pk])
    bin.erase_old()
    run = client.get(f"/runs/{output.generation.run.number}/")
    assert "In the bin" in said(run) and output.sha256 not in run.content.decode()
    assert Output.objects.filter(pk=output.pk).exists() and there(output)


def test_after_its_time_the_row_and_the_bytes_are_gone_and_the_books_are_not(client, old):
    output = old()
    put_long_ago(output)
    bin.erase_old()
    assert not Output.objects.filter(pk=output.pk).exists() and not there(output)
    generation = output.generation
    generation.refresh_from_db()
    assert (generation.state, str(generation.cost)) == ("succeeded", "0.030000")
    assert "Erased" in said(client.get(f"/runs/{generation.run.number}/"))
    assert client.get(output.url).status_code == 404


def test_bytes_that_another_picture_shares_stay(old):
    content = image_bytes(64, 48)
    first, second = old(content=content), old(content=content)
    put_long_ago(first)
    bin.erase_old()
    assert not Output.objects.filter(pk=first.pk).exists() and there(second)
    put_long_ago(second)
    bin.erase_old()
    assert not there(second)


def test_a_picture_that_a_run_was_made_from_stays_and_its_bytes_too(workspace, old):
    output = old()
    run(workspace, references=[uploads.take_output(output)])
    put_long_ago(output)
    bin.erase_old()
    assert Output.objects.filter(pk=output.pk).exists() and there(output)


def test_an_upload_that_nobody_used_goes_with_its_picture(old):
    output = old()
    uploads.take_output(output)
    put_long_ago(output)
    bin.erase_old()
    assert not there(output)


def test_a_picture_that_another_was_made_from_stays(workspace, old):
    output = old()
    fields = {"file": "x", "sha256": "1" * 64, "byte_size": 1, "format": "png", "width": 1, "height": 1}
    Output.objects.create(
        workspace=workspace, generation_id=output.generation_id, index=1, made_from=output, **fields
    )
    put_long_ago(output)
    bin.erase_old()
    assert Output.objects.filter(pk=output.pk).exists() and there(output)


def test_bytes_that_were_kept_again_a_moment_ago_stay(old):
    """A worker keeps bytes first and writes their row afterwards."""
    output = old()
    put_long_ago(output)
    Path(default_storage.path(output.file)).touch()
    bin.erase_old()
    assert Path(default_storage.path(output.file)).exists()


def test_a_file_that_is_gone_already_is_no_obstacle(old):
    output = old()
    put_long_ago(output)
    Path(default_storage.path(output.file)).unlink()
    bin.erase_old()
    assert not Output.objects.filter(pk=output.pk).exists()


def test_the_bin_can_be_emptied_at_once_but_for_what_has_just_come(client, workspace, old):
    output, new = old(), picture(workspace)
    bin.put(workspace, [output.pk, new.pk])
    assert "1 picture was erased." in said(client.post("/gallery/bin/empty/", follow=True))
    assert Output.objects.filter(pk=new.pk).exists() and not there(output)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL scans a table this small")
@pytest.mark.django_db
def test_it_is_read_in_the_order_of_its_index(workspace):
    plan = Picture.objects.of(workspace).binned().order_by("-binned_at", "-pk").explain()
    assert "picture_bin" in plan and "TEMP B-TREE" not in plan, plan
