"""`manage.py seed_gallery`: as many invented pictures as asked for, like real ones, with real small versions."""

import io

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command

from playground.gallery.models import Picture, Tally
from playground.runs import queries, storage
from playground.runs.asking import answer
from playground.runs.models import Attempt, Generation, Output
from tests.factories import picture
from tests.gallery.conftest import searchable
from tests.gallery.test_sheet import shown

pytestmark = pytest.mark.django_db


def test_it_fills_the_gallery_with_what_was_asked_for(client, workspace):
    before = picture(workspace)
    call_command("seed_gallery", count=30, stdout=io.StringIO())
    assert Output.objects.count() == Picture.objects.count() == searchable() == 31
    assert Tally.objects.get(facet="all").pictures == 31
    seeded = Output.objects.exclude(pk=before.pk).order_by("pk")
    assert [each.created_at for each in seeded] == sorted(each.created_at for each in seeded)
    for each in (seeded[0], seeded[29]):
        assert default_storage.exists(each.file)
        assert all(
            default_storage.exists(storage.thumbnail_name(each.sha256, width)) for width in each.thumbnails
        )
        assert client.get(each.get_absolute_url()).status_code == 200
    assert len(shown(client.get("/gallery/"))) == 31


def test_nothing_of_it_is_real_money(workspace):
    call_command("seed_gallery", count=5, stdout=io.StringIO())
    assert not Generation.objects.filter(simulated=False).exists()
    assert not Attempt.objects.filter(simulated=False).exists()
    assert answer(queries.glance(workspace)).spent == 0
