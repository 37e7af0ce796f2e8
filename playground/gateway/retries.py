"""When may a failed call be tried again by the machine? One pure function holds the whole policy.

A call whose outcome is unknown is never repeated here: the provider may have drawn and charged it.
"""

from __future__ import annotations

import random as _random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from playground.gateway.errors import ProviderError, Retry

# The vendor's own advice for a busy channel: 2, 4, 8 seconds, three tries.
WAITS_SECONDS = (2.0, 4.0, 8.0)
MORE_TRIES = {Retry.BACKOFF: 2, Retry.WAIT: 3}
JITTER = 0.25  # a wait grows by at most this part, so that many workers do not come back in step
MAX_WAIT_SECONDS = 60.0  # with three waits at most, three minutes of waiting in all
MAX_ELAPSED_SECONDS = 900.0  # nobody still expects this picture


@dataclass(frozen=True)
class Try:
    """Wait this long, then send once to this base URL."""

    after_seconds: float
    base_url: str


def next_try(
    error: ProviderError,
    *,
    tries_so_far: int,
    elapsed_seconds: float,
    base_urls: Sequence[str],
    base_url: str,
    random: Callable[[], float] = _random.random,
) -> Try | None:
    """The next try, or None: it has failed for good, as far as the machine may decide.

    `tries_so_far` counts every call made for this generation, the failed one included; `elapsed_seconds`
    runs from the beginning of the first. Another base URL is taken only where the failed one cannot have
    received the request.
    """
    if error.retry is Retry.NEVER:
        return None
    if error.retry is Retry.NEXT_BASE_URL:
        following = _after_not_sent(tries_so_far, base_urls, base_url, random)
    else:
        following = _after_refusal(error, tries_so_far, base_url, random)
    if following is None or elapsed_seconds + following.after_seconds > MAX_ELAPSED_SECONDS:
        return None
    return following


def _after_not_sent(
    tries_so_far: int, base_urls: Sequence[str], base_url: str, random: Callable[[], float]
) -> Try | None:
    """Each base URL once, then wait 2, 4, 8 seconds between further rounds."""
    addresses = list(base_urls) or [base_url]
    position = addresses.index(base_url) if base_url in addresses else -1
    following = addresses[(position + 1) % len(addresses)]
    rounds, rest = divmod(tries_so_far, len(addresses))
    if rest:
        return Try(0.0, following)
    if rounds > len(WAITS_SECONDS):
        return None
    return Try(_jittered(WAITS_SECONDS[max(rounds, 1) - 1], random), following)


def _after_refusal(
    error: ProviderError, tries_so_far: int, base_url: str, random: Callable[[], float]
) -> Try | None:
    if tries_so_far > MORE_TRIES[error.retry]:
        return None
    wait = WAITS_SECONDS[max(tries_so_far, 1) - 1]
    if error.retry_after_seconds is not None:
        wait = max(error.retry_after_seconds, 1.0)
    if wait > MAX_WAIT_SECONDS:
        return None  # coming back sooner than asked would only be refused again
    return Try(min(_jittered(wait, random), MAX_WAIT_SECONDS * (1 + JITTER)), base_url)


def _jittered(seconds: float, random: Callable[[], float]) -> float:
    return seconds * (1 + JITTER * random())
