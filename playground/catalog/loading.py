"""From TOML files to a Catalog. The promise: a catalog that loads has no unknown key, no wrong type and no
contradiction; whatever is wrong is one CatalogError that names file, table and key.

`like = "other-model"` starts a table from another model's: tables are merged key by key, anything else
replaces, and an inherited key set to "" is taken away. A model's own life (since, until, unstable, life_note)
and its names (label, short, aliases) are never taken over. A later file may add models, or amend an earlier
one by naming it again with `like` its own name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from playground.catalog.facts import (
    Answer,
    Catalog,
    CatalogError,
    Endpoint,
    Limits,
    Model,
    Price,
    Quirk,
    Timing,
)
from playground.catalog.loading_parameters import read_parameters
from playground.catalog.loading_sizes import read_size_rule
from playground.catalog.sizes import AUTO, Size
from playground.catalog.table import Table

SHIPPED = Path(__file__).with_name("models.toml")
_OWN_KEYS = ("since", "until", "unstable", "life_note", "label", "short", "aliases")


@dataclass(frozen=True)
class _Draft:
    values: Mapping[str, Any]
    file: str


def load(*paths: Path) -> Catalog:
    """Read the files in order (the shipped one alone when none is named); raises CatalogError."""
    drafts: dict[str, _Draft] = {}
    for path in paths or (SHIPPED,):
        for model_id, values in _read(path).items():
            drafts[model_id] = _Draft(_merged(model_id, values, drafts, path.name), path.name)
    models = tuple(_model(model_id, draft) for model_id, draft in drafts.items())
    _check_names(models, drafts)
    return Catalog(models)


def _read(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror}", file=str(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogError(f"is not valid TOML: {error}", file=path.name) from error
    models = content.pop("models", None)
    if content:
        raise CatalogError("unknown key", file=path.name, key=next(iter(content)))
    if not isinstance(models, dict) or not models:
        raise CatalogError("missing: needs at least one table [models.<name>]", file=path.name, key="models")
    return models


def _merged(model_id: str, values: Any, drafts: Mapping[str, _Draft], file: str) -> Mapping[str, Any]:
    table = Table(values, file=file, place=f"models.{model_id}")
    like = table.word("like", "")
    if model_id in drafts and like != model_id:
        known = drafts[model_id].file
        table.fail("like", f'this model is known already from {known}: amend it with like = "{model_id}"')
    if not like:
        return dict(values)
    if like not in drafts:
        table.fail("like", f"no model {like!r} above this one")
    own = _OWN_KEYS if like != model_id else ()
    inherited = {key: value for key, value in drafts[like].values.items() if key not in own}
    return _overlaid(inherited, {key: value for key, value in values.items() if key != "like"})


def _overlaid(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        if value == "" and key in result:
            del result[key]
        elif isinstance(old, dict) and isinstance(value, dict):
            result[key] = _overlaid(old, value)
        else:
            result[key] = value
    return result


def _check_names(models: tuple[Model, ...], drafts: Mapping[str, _Draft]) -> None:
    taken = {model.id: model.id for model in models}
    for model in models:
        for alias in model.aliases:
            if taken.setdefault(alias, model.id) != model.id or alias in drafts:
                place = {"file": drafts[model.id].file, "table": f"models.{model.id}"}
                raise CatalogError(f"the name {alias!r} is taken by {taken[alias]}", key="aliases", **place)


def _model(model_id: str, draft: _Draft) -> Model:
    table = Table(draft.values, file=draft.file, place=f"models.{model_id}")
    endpoints = tuple(Endpoint(name) for name in table.words("endpoints", among=list(Endpoint)))
    sizes = read_size_rule(table.table("sizes"))
    prices = _prices(table)
    model = Model(
        id=model_id,
        label=table.word("label", model_id),
        short=table.word("short", model_id),
        aliases=table.words("aliases", ()),
        summary=table.text("summary"),
        strengths=table.text("strengths", None),
        family=table.word("family", among=("all", "vip", "official", "gemini")),
        wire=table.word("wire", among=("openai-images", "gemini")),
        since=table.day("since"),
        until=table.day_or_none("until"),
        life_note=table.text("life_note", None),
        unstable=table.flag("unstable"),
        endpoints=endpoints,
        parameters=read_parameters(table.table("parameters"), endpoints),
        sizes=sizes,
        prices=prices,
        quality_factors=_quality_factors(table, prices),
        limits=_limits(table.table("limits")),
        timing=_timing(table.table("timing")),
        answer=_answer(table.table("answer")),
        request_id_headers=table.words("request_id_headers"),
        key_types=table.words("key_types", among=("per-call", "usage-priority")),
        quirks=_quirks(table.table("quirks", {})),
    )
    table.done()
    _check_model(table, model)
    return model


def _check_model(table: Table, model: Model) -> None:
    """What no single key can show: dates and numbers that contradict each other."""
    if not model.endpoints:
        table.fail("endpoints", "needs at least one")
    if model.until is not None and model.until <= model.since:
        table.fail("until", f"must be after since ({model.since})")
    for price in model.prices:
        _check_price_covers(table, model, price)
    if model.timing.heavy_timeout_seconds < model.timing.timeout_seconds:
        table.fail("timing", "heavy_timeout_seconds must not be below timeout_seconds")


def _check_price_covers(table: Table, model: Model, price: Price) -> None:
    """Every size and quality that may be asked for has a price."""
    if price.per_call is not None:
        return
    for size in price.per_picture:
        if Size.parse(size) not in model.sizes.listed:
            table.fail("prices", f"per_picture has {size}, which is no size of this model")
    priced = [set(qualities) for qualities in price.per_picture.values()] or [set(model.quality_factors)]
    if price.per_picture and len(price.per_picture) != len(model.sizes.listed):
        table.fail("prices", "per_picture must have every size of this model")
    for endpoint in model.endpoints:
        quality = model.parameter(endpoint, "quality")
        choices = set(quality.choices if quality is not None else ()) - {AUTO}
        if missing := [choice for choice in choices for names in priced if choice not in names]:
            table.fail(
                "prices", f"no price for quality {missing[0]}: needs a factor, or a figure for every size"
            )


def _quality_factors(table: Table, prices: tuple[Price, ...]) -> Mapping[str, int]:
    factors = table.table("quality_factors", {})
    read = {name: factors.whole(name, least=1) for name in factors}
    if any(price.image_out is not None and not price.per_picture for price in prices) and not read:
        table.fail("quality_factors", "missing: a price by tokens needs one factor for each quality")
    return read


def _prices(table: Table) -> tuple[Price, ...]:
    prices = tuple(_price(row) for row in table.tables("prices"))
    if not prices:
        table.fail("prices", "needs at least one")
    if any(later.since <= earlier.since for earlier, later in pairwise(prices)):
        table.fail("prices", "must be in the order of their dates (since), each once")
    return prices


def _price(row: Table) -> Price:
    price = Price(
        since=row.day("since"),
        source=row.word("source"),
        per_call=row.money_or_none("per_call"),
        text_in=row.money_or_none("text_in"),
        text_in_cached=row.money_or_none("text_in_cached"),
        image_in=row.money_or_none("image_in"),
        image_in_cached=row.money_or_none("image_in_cached"),
        image_out=row.money_or_none("image_out"),
        partial_image_tokens=row.whole("partial_image_tokens", 0),
        reference_tokens=row.range("reference_tokens", (0, 0)),
        per_picture=_per_picture(row.table("per_picture", {})),
    )
    row.done()
    rates = (price.text_in, price.image_in, price.image_out)
    if price.per_call is None and None in rates:
        row.fail("per_call", "needs either per_call or all of text_in, image_in and image_out")
    if price.per_call is not None and any(rate is not None for rate in rates):
        row.fail("per_call", "stands alone: a flat price has no rates by token")
    return price


def _per_picture(table: Table) -> dict[str, dict[str, Decimal]]:
    result: dict[str, dict[str, Decimal]] = {}
    for size, row in table.named_tables():
        table.parsed_size(size, size)
        result[size] = {quality: row.money_or_none(quality) or Decimal(0) for quality in row}
    return result


def _limits(table: Table) -> Limits:
    limits = Limits(
        prompt_characters=table.whole("prompt_characters", least=1),
        references=table.whole("references"),
        references_stable=table.whole("references_stable"),
        references_risky=table.whole("references_risky"),
        reference_megabytes=table.whole("reference_megabytes", least=1),
        reference_types=table.words("reference_types"),
        mask_megabytes=table.whole_or_none("mask_megabytes", least=1),
        request_megabytes=table.whole_or_none("request_megabytes", least=1),
    )
    table.done()
    return limits


def _timing(table: Table) -> Timing:
    timing = Timing(
        typical_seconds=table.range("typical_seconds"),
        timeout_seconds=table.whole("timeout_seconds", least=1),
        heavy_timeout_seconds=table.whole("heavy_timeout_seconds", least=1),
        heavy_above_pixels=table.whole("heavy_above_pixels", least=1),
        heavy_above_references=table.whole("heavy_above_references"),
        connect_timeout_seconds=table.whole("connect_timeout_seconds", least=1),
    )
    table.done()
    return timing


def _answer(table: Table) -> Answer:
    answer = Answer(
        default_form=table.word("default_form", among=("url", "b64_json")),
        base64_prefix=table.flag("base64_prefix"),
        url_lifetime_hours=table.whole_or_none("url_lifetime_hours", least=1),
    )
    table.done()
    return answer


def _quirks(table: Table) -> tuple[Quirk, ...]:
    quirks = []
    for key, row in table.named_tables():
        quirk = Quirk(key, text=row.text("text"), source=row.word("source"), since=row.day_or_none("since"))
        row.done()
        quirks.append(quirk)
    return tuple(quirks)


@cache
def _shipped() -> Catalog:
    return load()


_in_use: list[Catalog] = []


def default() -> Catalog:
    """The catalog of this process: the one installed by `use`, or else the shipped one."""
    return _in_use[-1] if _in_use else _shipped()


def use(catalog: Catalog | None) -> None:
    """Install a catalog for this process, as the settings do for an owner's own models; None goes back."""
    _in_use[:] = [] if catalog is None else [catalog]
