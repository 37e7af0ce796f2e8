"""Worked examples: pictures of our own with their roles, a prompt that names them, one press to load."""

import pytest
from PIL import Image

from playground import catalog
from playground.runs.models import Upload
from playground.studio.recipes import RECIPES
from tests.studio.pages import said, source
from tests.studio.test_tray import tiles

pytestmark = pytest.mark.django_db
every_recipe = pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.key)


@every_recipe
def test_its_prompt_names_its_pictures_and_no_others(recipe):
    assert catalog.named_pictures(str(recipe.prompt)) == tuple(range(1, len(recipe.ingredients) + 1))


@every_recipe
def test_its_pictures_are_light_enough_to_be_sent_as_they_are(recipe):
    for each in recipe.ingredients:
        with Image.open(each.path) as picture:
            assert picture.format == "WEBP" and max(picture.size) <= 1024
        assert each.path.stat().st_size < 200_000


@every_recipe
def test_it_is_loaded_with_one_press(client, workspace, recipe):
    page = client.post(f"/studio/recipes/{recipe.key}/", follow=True)

    assert page.redirect_chain == [(f"/?recipe={recipe.key}", 302)]
    assert [Upload.objects.get(pk=pk).name for pk in tiles(page)] == [
        f"{each.file}.webp" for each in recipe.ingredients
    ]
    assert str(recipe.prompt) in said(page)
    assert all(f'value="{each.note}"' in source(page) for each in recipe.ingredients)


def test_loading_it_again_keeps_its_pictures_once(client, workspace):
    for _time in range(2):
        client.post("/studio/recipes/brand/")
    assert Upload.objects.count() == 3


def test_one_that_is_not_there(client, workspace):
    assert client.post("/studio/recipes/nothing/").status_code == 404
    assert client.get("/studio/recipes/nothing.webp").status_code == 404
    assert client.get("/?recipe=nothing").status_code == 200


def test_its_pictures_can_be_seen_before(client, workspace):
    assert b"".join(client.get("/studio/recipes/face.webp")).startswith(b"RIFF")
