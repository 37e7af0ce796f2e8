"""What the gateway refuses. The facts (which model takes what) are the catalog's, the words the provider's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from playground.catalog import Endpoint
from playground.simulator import errors, naming, official, quirks, reverse, uploads
from playground.simulator.uploads import Form
from playground.simulator.wanted import Fields, Wanted, find_model, read_prompt


def check_edit(form: Form, switched_on: frozenset[str], today: date) -> Wanted:
    """Read the form of an edit; raises Refusal at the first rule that it breaks."""
    model = find_model(form.fields, Endpoint.EDITS, today)
    prompt = read_prompt(form.fields, model.limits.prompt_characters)
    shown = quirks.of_model(model, switched_on)
    references = uploads.check(form, model, shown)
    base = naming.place_of_changed(prompt, len(references))
    wanted = Wanted(model, Endpoint.EDITS, prompt, shown, references=references, base=base)
    fields = uploads.typed(form.fields, model)
    if model.family == "official":
        uploads.check_mask(form, model, references[0], shown)
        return _with_mask(official.check(fields, wanted), form)
    if form.mask is not None and "vip-ignores-mask" not in shown:
        raise errors.field_refused("mask")
    return reverse.check(fields, wanted)


def _with_mask(wanted: Wanted, form: Form) -> Wanted:
    """A mask is for the first picture, whose size is kept where nothing else is asked for and the rules allow it."""
    if form.mask is None:
        return wanted
    first = wanted.references[0]
    keeps = wanted.size is None and not wanted.model.sizes.violations(first)
    return replace(wanted, base=0, size=first if keeps else wanted.size)


def check(fields: Fields, endpoint: Endpoint, switched_on: frozenset[str], today: date) -> Wanted:
    """Read the fields of a request; raises Refusal at the first rule that it breaks."""
    model = find_model(fields, endpoint, today)
    prompt = read_prompt(fields, model.limits.prompt_characters)
    wanted = Wanted(model, endpoint, prompt, quirks.of_model(model, switched_on))
    return official.check(fields, wanted) if model.family == "official" else reverse.check(fields, wanted)
