"""How finished pictures come into the gallery: once, also after a crash, and never at the price of the picture."""

import pytest

from playground.gallery import search, shelving
from playground.gallery.models import Picture, Tally
from playground.runs import afterwards
from playground.runs.models import Generation, Output
from tests.factories import OFFICIAL, VIP, picture
from tests.gallery.conftest import searchable

pytestmark = pytest.mark.django_db


def test_a_picture_is_described_when_it_comes(workspace):
    output = picture(workspace, 1920, 1080, model=VIP, size="2048x1152")
    row = Picture.objects.get(pk=output.pk)
    assert (row.model, row.mode, row.size, row.ratio, row.price, row.origin) == (
        VIP, "text", "2K", "16:9", "4c", "simulator",
    )  # fmt: skip
    assert row.cost == 0 and row.workspace == workspace


def test_a_price_that_nobody_knows_is_not_free(workspace):
    output = picture(workspace, model=OFFICIAL, size="1024x1024")
    assert Picture.objects.get(pk=output.pk).price == "unknown"


def test_shelving_again_changes_nothing(workspace):
    output = picture(workspace)
    shelving.shelve([output])
    shelving.catch_up()
    assert Picture.objects.count() == searchable() == 1
    assert Tally.objects.get(facet="all").pictures == 1


def test_what_a_crash_left_out_is_found_by_the_sweep(workspace):
    output = picture(workspace)
    search.forget([output.pk])
    Picture.objects.all().delete()
    Tally.objects.all().delete()
    afterwards.swept()
    assert Picture.objects.get().pk == output.pk and Tally.objects.get(facet="all").pictures == 1


def test_a_picture_whose_generation_has_not_ended_waits(workspace):
    output = picture(workspace)
    search.forget([output.pk])
    Picture.objects.all().delete()
    Generation.objects.update(state="running", started_at=output.created_at, finished_at=None)
    shelving.catch_up()
    assert not Picture.objects.exists()


def test_a_gallery_that_fails_never_costs_the_picture(workspace, monkeypatch, caplog):
    def fail(outputs):
        raise RuntimeError("no shelf")

    monkeypatch.setattr(afterwards, "_when_kept", [fail])
    output = picture(workspace)
    assert Output.objects.get().pk == output.pk
    assert output.generation.__class__.objects.get().state == "succeeded"
    assert "not everybody knows it yet" in caplog.text
