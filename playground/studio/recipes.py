"""Worked examples of fusion: a few pictures with their roles, and a prompt that names them. Pictures of our own."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from playground.accounts.models import Workspace
from playground.runs import uploads
from playground.runs.models import Upload
from playground.studio.tray import REFERENCES, note_name

FOLDER = Path(__file__).parent / "recipes"
Words = str | Promise


@dataclass(frozen=True)
class Ingredient:
    """A picture of a recipe, by the name of its file, and its role."""

    file: str
    note: Words

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.file}.webp"


@dataclass(frozen=True)
class Recipe:
    """What it is for, its pictures in their order, and the prompt."""

    key: str
    name: Words
    summary: Words
    ingredients: Sequence[Ingredient]
    prompt: Words


RECIPES = (
    Recipe(
        "product",
        _("Product in a scene"),
        _("A product keeps its shape and colour, and the scene gives it light and shadow."),
        (Ingredient("bottle", _("the product")), Ingredient("arches", _("the scene"))),
        _(
            "Change image 2: put the yellow bottle of image 1 on the lowest step, standing upright. Keep the bottle’s "
            "shape, colour and proportions exactly. Light and shadow as in image 2, with a reflection in the water."
        ),
    ),
    Recipe(
        "face",
        _("The same face, elsewhere"),
        _("One person in a new place. What must stay the same is said one by one."),
        (Ingredient("face", _("the person")), Ingredient("shore", _("the place"))),
        _(
            "A photograph of the woman of image 1 at the shore of image 2, half length, looking at us. Keep her face, "
            "her round glasses, her grey bun and her red scarf exactly as in image 1. Evening light as in image 2."
        ),
    ),
    Recipe(
        "style",
        _("Style transfer"),
        _("The content of one picture in the colours of another."),
        (Ingredient("still", _("the content")), Ingredient("dusk", _("the colours and the light"))),
        _(
            "Change image 1: keep every object, its place and the camera as they are. Take the colours, the haze and "
            "the low sun of image 2. No object of image 2 appears."
        ),
    ),
    Recipe(
        "brand",
        _("Brand kit"),
        _("Product, mark and palette together become a poster."),
        (
            Ingredient("vase", _("the product")),
            Ingredient("mark", _("the mark, to be shown as it is")),
            Ingredient("palette", _("the only colours")),
        ),
        _(
            "A poster for a tea house. In the middle the vase of image 1 with a branch in it. Above it the mark of "
            "image 2, exactly as it is. Use the five colours of image 3 and no others. Below: 'Open from four'."
        ),
    ),
)


def recipe_of(key: str) -> Recipe | None:
    return next((recipe for recipe in RECIPES if recipe.key == key), None)


def prepare(workspace: Workspace, recipe: Recipe) -> list[Upload]:
    """Put the recipe's pictures into the workspace, each once."""
    return [uploads.take_file(workspace, each.path, each.path.name) for each in recipe.ingredients]


def initial_of_recipe(workspace: Workspace, recipe: Recipe) -> dict[str, Any]:
    """The fields of the composer for this recipe, with those of its pictures that the workspace has."""
    by_content = {hashlib.sha256(each.path.read_bytes()).hexdigest(): each for each in recipe.ingredients}
    rows = Upload.objects.of(workspace).filter(sha256__in=by_content)
    found = {row.sha256: row for row in rows}
    there = [(found[sha256], each) for sha256, each in by_content.items() if sha256 in found]
    notes = {note_name(upload.pk): str(each.note) for upload, each in there}
    return {"prompt": str(recipe.prompt), REFERENCES: [str(upload.pk) for upload, _each in there]} | notes
