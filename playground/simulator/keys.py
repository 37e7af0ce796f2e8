"""Whose key it is, what it may be used for, and what is left on it.

A key is written `NAME`, `NAME:TYPE`, `NAME:TYPE:DOLLARS` or `NAME::DOLLARS`. The type is per-call or usage-priority
(also called token-priority), which serves every model and is what a key has that says nothing. Without dollars it
never runs dry. The practice keys are always there, so that each refusal of a key can be met without an option.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

PER_CALL, USAGE = "per-call", "usage-priority"
TYPES = {PER_CALL: PER_CALL, USAGE: USAGE, "token-priority": USAGE, "": USAGE}


@dataclass(frozen=True)
class PracticeKey:
    spec: str
    effect: str


PRACTICE = (
    PracticeKey("sk-practice-token:usage-priority", "serves every model, never runs dry"),
    PracticeKey("sk-practice-per-call:per-call", "serves flat-priced models; token-priced ones refuse it"),
    PracticeKey("sk-practice-poor::0.10", "has ten cents: three flat calls, then no balance"),
    PracticeKey("sk-practice-empty::0", "has no balance"),
)
WRONG = "sk-practice-wrong"
"""Refused as an invalid token, also where any key is good."""


class KeySpecError(ValueError):
    """Not a key as it is written here."""


@dataclass
class Key:
    """`balance` is what is left in dollars; None never runs dry."""

    secret: str
    type: str = USAGE
    balance: Decimal | None = None

    @property
    def ending(self) -> str:
        """As much of the key as may be shown: at most its last four characters."""
        return self.secret[-4:] if len(self.secret) >= 8 else ""

    def can_pay(self, usd: Decimal) -> bool:
        return self.balance is None or self.balance >= max(usd, Decimal("0.000001"))

    def charge(self, usd: Decimal) -> None:
        if self.balance is not None:
            self.balance -= usd

    def as_json(self) -> dict[str, object]:
        left = None if self.balance is None else f"{self.balance:.6f}"
        return {"ending": self.ending, "type": self.type, "balance": left}


def parse(spec: str) -> Key:
    """Read a key as it is written in options; raises KeySpecError."""
    secret, _, rest = spec.partition(":")
    kind, _, dollars = rest.partition(":")
    if not secret or not secret.isascii() or any(letter.isspace() for letter in secret):
        raise KeySpecError("A key must be ASCII without spaces, and not empty.")
    if kind not in TYPES:
        raise KeySpecError(f"The type of a key is {PER_CALL} or {USAGE}, not {kind!r}.")
    return Key(secret, TYPES[kind], _dollars(dollars) if dollars else None)


def _dollars(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not (amount.is_finite() and amount >= 0):
        raise KeySpecError(f"The balance of a key is an amount of dollars such as 5.00, not {text!r}.")
    return amount


class KeyRing:
    """The keys that are good. With `takes_any` every other key is too, serves everything and never runs dry."""

    def __init__(self, specs: Iterable[str], *, takes_any: bool) -> None:
        self._specs = tuple(specs)
        self.takes_any = takes_any
        self.reset()

    def reset(self) -> None:
        """Every balance as it was at the start."""
        given = [parse(spec) for spec in (*(key.spec for key in PRACTICE), *self._specs)]
        self._keys = {key.secret: key for key in given}

    def find(self, secret: str) -> Key | None:
        """The key, compared in constant time; None when it is not good."""
        for known in self._keys.values():
            if hmac.compare_digest(secret.encode(), known.secret.encode()):
                return known
        return Key(secret) if self.takes_any and secret != WRONG else None

    def set(self, key: Key) -> None:
        """Add a key, or give one another type or balance, until the next reset."""
        self._keys[key.secret] = key

    def __iter__(self) -> Iterator[Key]:
        return iter(self._keys.values())


def practice_rows() -> list[tuple[str, str]]:
    """Each practice key and what it is for."""
    rows = [(key.spec.partition(":")[0], key.effect) for key in PRACTICE]
    return [*rows, (WRONG, "is refused everywhere, as an invalid token")]


def table() -> str:
    """The practice keys for `--help`, one a line."""
    rows = practice_rows()
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"  {name:<{width}}  {effect}" for name, effect in rows)
