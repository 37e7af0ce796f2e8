"""US dollars in the database: whole millionths, which both databases add and compare exactly.

SQLite keeps a decimal column as a binary fraction, in which ten times 0.03 is more than 0.30. In Python it is
`Decimal` as everywhere else.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import models
from django.db.models import F, Value
from django.db.models.expressions import Combinable, CombinedExpression

_PLACES = 6


def millionths(usd: Decimal | int | str) -> int:
    return int(Decimal(usd).scaleb(_PLACES).to_integral_value(ROUND_HALF_UP))


def dollars(amount: Decimal | int) -> Decimal:
    """From millionths."""
    return Decimal(amount).scaleb(-_PLACES)


class DollarsField(models.BigIntegerField):  # type: ignore[type-arg]
    """An amount; also a negative one. Expressions take it as `usd(amount)`."""

    # What the type checker reads of a field: not a whole number, whatever the column holds.
    _pyi_private_set_type: Decimal | int | Combinable  # type: ignore[assignment]
    _pyi_private_get_type: Decimal  # type: ignore[assignment]

    def from_db_value(self, value: Any, expression: object, connection: object) -> Decimal | None:
        return None if value is None else dollars(value)

    def to_python(self, value: Any) -> Decimal | None:
        return None if value is None else Decimal(value)

    def get_prep_value(self, value: Any) -> Any:
        return millionths(value) if isinstance(value, (Decimal, int, str)) else value


def usd(amount: Decimal) -> Value:
    """The amount as an expression, to be added to a column."""
    return Value(amount, output_field=DollarsField())


def grown(name: str, amount: Decimal) -> CombinedExpression:
    """The column with so much more (or less) in it."""
    return F(name) + usd(amount)
