"""Reading a TOML table strictly: every key is asked for by name and type, any other key is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from playground.catalog.facts import CatalogError
from playground.catalog.sizes import Size, SizeFormatError
from playground.catalog.text import LANGUAGES, Text

_MISSING: Any = object()


class Table:
    """A TOML table with its place. Each reader takes a key out; `done` complains about what is left.

    Readers raise CatalogError with file, table and key. A `default` makes the key optional.
    """

    def __init__(self, values: Any, *, file: str, place: str) -> None:
        self.file, self.place = file, place
        if not isinstance(values, dict):
            raise CatalogError("must be a table", file=file, table=place)
        self._left = dict(values)

    def fail(self, key: str, message: str) -> NoReturn:
        raise CatalogError(message, file=self.file, table=self.place, key=key)

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def __iter__(self) -> Iterator[str]:
        """The keys that are left, as they are now: taking one while walking is fine."""
        return iter(tuple(self._left))

    def rest(self) -> dict[str, Any]:
        """What was not asked for yet, taken out unchecked: for a table that is read again with changes."""
        rest, self._left = self._left, {}
        return rest

    def over(self, below: dict[str, Any]) -> Table:
        """This table laid over the values of another, at the place of this one."""
        return Table({**below, **self._left}, file=self.file, place=self.place)

    def done(self) -> None:
        if self._left:
            key = next(iter(self._left))
            self.fail(key, "unknown key")

    def _take(self, key: str, wanted: str, good: Callable[[Any], bool], default: Any) -> Any:
        if key not in self._left:
            if default is _MISSING:
                self.fail(key, f"missing: needs {wanted}")
            return default
        value = self._left.pop(key)
        if not good(value):
            self.fail(key, f"must be {wanted}, not {value!r}")
        return value

    def word(self, key: str, default: Any = _MISSING, *, among: Iterable[str] = ()) -> str:
        allowed = tuple(among)
        wanted = f"one of {', '.join(allowed)}" if allowed else "a text that is not empty"
        is_good = (lambda it: it in allowed) if allowed else _is_word
        return str(self._take(key, wanted, is_good, default))

    def flag(self, key: str, default: bool = False) -> bool:
        return bool(self._take(key, "true or false", lambda it: isinstance(it, bool), default))

    def whole(self, key: str, default: Any = _MISSING, *, least: int = 0) -> int:
        wanted = f"a whole number from {least}"
        return int(self._take(key, wanted, lambda it: _is_whole(it) and it >= least, default))

    def whole_or_none(self, key: str, *, least: int = 0) -> int | None:
        return self.whole(key, least=least) if key in self else None

    def money_or_none(self, key: str) -> Decimal | None:
        """A price; TOML numbers are read as Decimal, so 0.03 is exactly three cents."""
        if key not in self:
            return None
        return Decimal(self._take(key, "a price from 0", lambda it: _is_number(it) and it >= 0, None))

    def day(self, key: str) -> date:
        return _as_date(self._take(key, "a date such as 2026-09-30", lambda it: type(it) is date, _MISSING))

    def day_or_none(self, key: str) -> date | None:
        return self.day(key) if key in self else None

    def words(self, key: str, default: Any = _MISSING, *, among: Iterable[str] = ()) -> tuple[str, ...]:
        allowed = tuple(among)
        wanted = "a list of texts" + (f" out of {', '.join(allowed)}" if allowed else "")
        return tuple(self._take(key, wanted, lambda it: _is_list(it, _is_word, allowed), default))

    def range(self, key: str, default: Any = _MISSING) -> tuple[int, int]:
        wanted = "two whole numbers, the lower first"
        low, high = self._take(key, wanted, lambda it: _is_list(it, _is_whole) and _rises(it), default)
        return low, high

    def value_or_none(self, key: str) -> str | int | bool | None:
        """Whatever a request field may hold."""
        value = self._take(key, "a text, a whole number, true or false", _is_value, None)
        return value if value is None or isinstance(value, bool | int) else str(value)

    def text(self, key: str, default: Any = _MISSING) -> Text:
        """Words for people: a plain text (English) or a table of languages with at least `en`."""
        wanted = f"a text, or a table of texts with en and any of {', '.join(LANGUAGES)}"
        value = self._take(key, wanted, _is_text, Text() if default is not _MISSING else _MISSING)
        if isinstance(value, Text):
            return value
        return Text.of({"en": value} if isinstance(value, str) else value)

    def size(self, key: str) -> Size:
        return self.parsed_size(key, self.word(key))

    def size_or_none(self, key: str) -> Size | None:
        return self.size(key) if key in self else None

    def sizes(self, key: str, default: Any = _MISSING) -> tuple[Size, ...]:
        return tuple(self.parsed_size(key, text) for text in self.words(key, default))

    def parsed_size(self, key: str, text: str) -> Size:
        try:
            return Size.parse(text)
        except SizeFormatError as error:
            self.fail(key, str(error))

    def table(self, key: str, default: Any = _MISSING) -> Table:
        values = self._take(key, "a table", lambda it: isinstance(it, dict), default)
        return Table(values, file=self.file, place=f"{self.place}.{key}")

    def tables(self, key: str, default: Any = _MISSING) -> tuple[Table, ...]:
        """An array of tables; each one's place carries its number, counted from 1."""
        rows = self._take(key, "a list of tables", lambda it: isinstance(it, list), default)
        place = f"{self.place}.{key}"
        return tuple(Table(row, file=self.file, place=f"{place} {n}") for n, row in enumerate(rows, 1))

    def named_tables(self) -> tuple[tuple[str, Table], ...]:
        """All remaining keys, each of which must be a table."""
        return tuple((key, self.table(key)) for key in self)


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, Decimal | int) and not isinstance(value, bool) and Decimal(value).is_finite()


def _is_value(value: object) -> bool:
    return _is_word(value) or isinstance(value, bool | int)


def _is_text(value: object) -> bool:
    if isinstance(value, dict):
        return "en" in value and set(value) <= set(LANGUAGES) and all(map(_is_word, value.values()))
    return _is_word(value)


def _is_list(value: object, good: Callable[[Any], bool], allowed: tuple[str, ...] = ()) -> bool:
    return isinstance(value, list) and all(good(item) and (not allowed or item in allowed) for item in value)


def _rises(value: list[int]) -> bool:
    return len(value) == 2 and 0 <= value[0] <= value[1]


def _as_date(value: Any) -> date:
    return date(value.year, value.month, value.day)
