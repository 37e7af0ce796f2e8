"""The parameters of a model, from its TOML table `parameters`.

A parameter's table speaks for the endpoints in its `endpoints` (both picture endpoints when left out); a
sub-table named after an endpoint changes what differs there.
"""

from __future__ import annotations

from collections.abc import Mapping

from playground.catalog.facts import Condition, Endpoint, Parameter, Support
from playground.catalog.table import Table
from playground.catalog.text import Text

KINDS = ("choice", "integer", "size", "text", "boolean", "structure")
SENDS = ("always", "optional", "opt_in", "never")
_PICTURES = ("generations", "edits")


def read_parameters(
    table: Table, model_endpoints: tuple[Endpoint, ...]
) -> Mapping[Endpoint, Mapping[str, Parameter]]:
    """By endpoint and name, in the order of the file; raises CatalogError."""
    result: dict[Endpoint, dict[str, Parameter]] = {endpoint: {} for endpoint in model_endpoints}
    for name, row in table.named_tables():
        changes = {endpoint: row.table(endpoint) for endpoint in Endpoint if endpoint in row}
        named = row.words("endpoints", _PICTURES, among=list(Endpoint))
        base = row.rest()
        for endpoint in model_endpoints:
            if endpoint in changes:
                merged = changes[endpoint].over(base)
            elif endpoint in named:
                merged = row.over(base)
            else:
                continue
            result[endpoint][name] = _parameter(name, merged)
    return result


def _parameter(name: str, row: Table) -> Parameter:
    parameter = Parameter(
        name=name,
        kind=row.word("kind", among=KINDS),
        support=Support(row.word("support", among=list(Support))),
        send=row.word("send", among=SENDS),
        offer=row.flag("offer", True),
        choices=row.words("choices", ()),
        minimum=row.whole_or_none("minimum"),
        maximum=row.whole_or_none("maximum"),
        default=row.value_or_none("default"),
        value=row.value_or_none("value"),
        conditions=tuple(_condition(condition) for condition in row.tables("conditions", ())),
        refused_values=_refused(row.table("refused_values", {})),
        label=row.text("label", None),
        reason=row.text("reason", None),
        source=row.word("source"),
        since=row.day_or_none("since"),
    )
    row.done()
    _check(row, parameter)
    return parameter


def _refused(table: Table) -> dict[str, Text]:
    return {value: table.text(value) for value in table}


def _condition(row: Table) -> Condition:
    condition = Condition(
        parameter=row.word("parameter"), allowed=row.words("allowed"), values=row.words("values", ())
    )
    row.done()
    return condition


def _check(row: Table, parameter: Parameter) -> None:
    if parameter.kind == "choice" and parameter.may_be_sent and not parameter.choices:
        row.fail("choices", "missing: a choice that may be sent needs its values")
    is_unbounded = parameter.minimum is None or parameter.maximum is None
    if parameter.kind == "integer" and parameter.may_be_sent and is_unbounded:
        row.fail("minimum", "missing: a number that may be sent needs minimum and maximum")
    if parameter.support is Support.DISPUTED and not parameter.reason:
        row.fail("reason", "missing: what is disputed must say why")
    if parameter.support is Support.DISPUTED and parameter.send in ("always", "optional"):
        row.fail("send", "what is disputed is a switch: opt_in or never")
    if parameter.send == "opt_in" and parameter.since is None:
        row.fail("since", "missing: a switch says from which day its fact holds")
