"""What other rooms do once a picture is kept, and at every sweep.

The rooms above register here when they start, so that this one need not know them. A picture is safe before they hear
of it, and what goes wrong with one of them is theirs: they catch up at the next sweep.
"""

import logging
from collections.abc import Callable, Sequence

from playground.runs.models import Output

logger = logging.getLogger(__name__)
_when_kept: list[Callable[[Sequence[Output]], None]] = []
_when_swept: list[Callable[[], None]] = []


def when_kept(act: Callable[[Sequence[Output]], None]) -> None:
    """Call this with the outputs of a generation that has succeeded, or with one that was made here from another."""
    _when_kept.append(act)


def when_swept(act: Callable[[], None]) -> None:
    """Call this every minute in a worker; in several workers at once, perhaps."""
    _when_swept.append(act)


def kept(outputs: Sequence[Output]) -> None:
    for act in _when_kept:
        try:
            act(outputs)
        except Exception:
            logger.exception(
                "Outputs %s are kept, but not everybody knows it yet.", [one.pk for one in outputs]
            )


def swept() -> None:
    for act in _when_swept:
        try:
            act()
        except Exception:
            logger.exception("A part of the sweep was interrupted; the next one tries again.")
