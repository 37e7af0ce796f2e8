"""What the composer holds when it is opened: nothing yet, settings of a model, or a form as it was left."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from playground import catalog
from playground.catalog import Endpoint, Model
from playground.runs.models import Matrix
from playground.studio.controls import CUSTOM, controls_of, field_name
from playground.studio.tray import REFERENCES, Tray, tray_fields

MAIN_MODELS = 3  # the catalog begins with the three channels; the others stand behind a fold


def fresh_initial() -> dict[str, Any]:
    """An empty composer, with the catalog's first three channels side by side."""
    models = [model.id for model in catalog.default().offered(timezone.localdate())[:MAIN_MODELS]]
    return {"submission_key": uuid.uuid4(), "models": models, **tray_fields(Tray())}


def initial_of_matrix(matrix: Matrix) -> dict[str, Any]:
    """The whole set-up of a run of many prompts, as its form was left."""
    return {**fresh_initial(), **matrix.form, "submission_key": uuid.uuid4()}


def settings_of(model: Model, endpoint: Endpoint, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a model's controls that hold these values."""
    initial: dict[str, Any] = {}
    for kind, name, parameter in controls_of(model, endpoint):
        full = field_name(model, name)
        value = str(parameters.get(name, ""))
        is_custom = kind == "size" and value not in ("", catalog.AUTO, *map(str, model.sizes.presets))
        initial[full] = CUSTOM if is_custom else value
        initial[f"{full}__{CUSTOM}"] = value if is_custom else ""
        if parameter is not None and parameter.send == "opt_in" and name in parameters:
            initial[f"{full}__on"] = "on"
    return initial


def initial_of_form(data: QueryDict) -> dict[str, Any]:
    """A form as it was left, whatever is missing in it: nothing is objected to before it is sent."""
    lists = {"models": data.getlist("models"), REFERENCES: data.getlist(REFERENCES)}
    # Several sizes of one model are several values of one field.
    return {name: values if len(values) > 1 else values[0] for name, values in data.lists() if values} | lists
