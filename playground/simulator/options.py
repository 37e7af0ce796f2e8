"""What a simulator can be told when it starts."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from time import time

from playground.simulator import directives, keys, quirks


class OptionError(ValueError):
    """A value that makes no sense, in one sentence for a person."""


@dataclass(frozen=True)
class Options:
    """`speed` divides every waiting time; `seed` makes the sequence of pictures and latencies repeatable. Keys are
    written as keys.py has it; without `key` and `keys` any key is good. `clock` is what links and price lists take
    for now (seconds since 1970)."""

    host: str = "127.0.0.1"
    port: int = 8001
    speed: float = 1.0
    seed: int | None = None
    key: str | None = None
    per_call_key: str | None = None
    keys: tuple[str, ...] = ()
    quirks: frozenset[str] = frozenset()
    faults: tuple[str, ...] = ()
    link_hours: float = 24.0
    max_body_megabytes: float = 80.0
    grace_seconds: float = 10.0
    drawing_threads: int = 2
    clock: Callable[[], float] = field(default=time, repr=False)

    def __post_init__(self) -> None:
        _positive("--speed", self.speed)
        _positive("--link-hours", self.link_hours)
        _positive("--max-body-megabytes", self.max_body_megabytes)
        if not 0 <= self.port <= 65535:
            raise OptionError(f"--port must be 0 to 65535, not {self.port}.")
        if not (math.isfinite(self.grace_seconds) and self.grace_seconds >= 0):
            raise OptionError(f"--grace-seconds must be 0 or more, not {self.grace_seconds:g}.")
        if not 1 <= self.drawing_threads <= 32:
            raise OptionError(f"--drawing-threads must be 1 to 32, not {self.drawing_threads}.")
        _words(self)

    @property
    def key_specs(self) -> tuple[str, ...]:
        """All the good keys, as keys.py reads them."""
        plain = () if self.key is None else (self.key,)
        per_call = () if self.per_call_key is None else (f"{self.per_call_key}:{keys.PER_CALL}",)
        return (*plain, *per_call, *self.keys)


def _positive(name: str, value: float) -> None:
    if not (math.isfinite(value) and value > 0):
        raise OptionError(f"{name} must be more than 0, not {value:g}.")


def _words(options: Options) -> None:
    try:
        quirks.chosen(options.quirks)
        for spec in options.key_specs:
            keys.parse(spec)
        for fault in options.faults:
            directives.parse(fault)
    except ValueError as error:
        raise OptionError(str(error)) from error
