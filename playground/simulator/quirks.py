"""Behaviours that came after the vendor's founding documents, each one a switch.

Left alone, the simulator does what the founding documents (April and May 2026) say. `--quirk NAME` turns one newer
behaviour on. A model that was born after a lasting behaviour came never knew the older one, so it has
it by itself: gpt-image-2.5-flare-vip takes `quality` without being asked to.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from playground.catalog import Model

# Anything born before this day is described by the founding documents.
FOUNDING = date(2026, 6, 1)


@dataclass(frozen=True)
class Quirk:
    """One newer behaviour. `lasting` ones belong to every model of the kind that was born after `since`."""

    name: str
    since: date
    effect: str
    source: str
    lasting: bool = True


QUIRKS: tuple[Quirk, ...] = (
    Quirk(
        "all-ignores-size",
        date(2026, 7, 1),
        "-all takes `size` and draws its native size",
        "the vendor's text-to-image page of July 2026; the founding article calls it a validation error",
        lasting=False,
    ),
    Quirk(
        "all-accepts-size",
        date(2026, 10, 27),
        "-all draws the `size` asked for when its long edge is 512 to 1536, else as near as it can",
        "live update of 2026-10-27",
    ),
    Quirk(
        "n-bills-n",
        date(2026, 7, 1),
        "-all and -vip take `n`, draw one picture and charge n of them",
        "the vendor's skills pages; the founding documents call it a validation error",
    ),
    Quirk(
        "vip-ignores-size",
        date(2026, 6, 15),
        "-vip takes `size` and draws an adaptive picture of about 1K, without an error",
        "vip skills page: switched off upstream until 2026-07-11",
        lasting=False,
    ),
    Quirk(
        "vip-accepts-quality",
        date(2026, 7, 28),
        "-vip takes `quality` at the same price",
        "live update of 2026-07-28, measured 2026-09-09; not promised",
    ),
    Quirk(
        "vip-snaps-sizes",
        date(2026, 9, 9),
        "-vip rewrites a size off its list to the nearest legal one instead of refusing it",
        "measured by the vendor on 2026-09-09",
    ),
    Quirk(
        "vip-accepts-background",
        date(2026, 9, 9),
        "-vip takes `background`; transparent comes as a PNG with alpha",
        "measured by the vendor on 2026-09-09; not promised",
    ),
    Quirk(
        "vip-ignores-mask",
        date(2026, 9, 9),
        "-vip takes a mask and redraws the whole picture",
        "measured by the vendor on 2026-09-09",
    ),
    Quirk(
        "vip-ignores-format",
        date(2026, 9, 9),
        "-vip takes `output_format` and sends PNG all the same",
        "measured by the vendor on 2026-09-09",
    ),
    Quirk(
        "vip-refuses-with-429",
        date(2026, 9, 9),
        "-vip answers a refused value with 429 and words like `quality must be one of ...`",
        "the vendor's 2.5-vip page",
    ),
    Quirk(
        "plain-base64",
        date(2026, 7, 1),
        "-all and -vip send base64 without the data-URL prefix",
        "comparison page of September 2026",
        lasting=False,
    ),
    Quirk(
        "b64-by-default",
        date(2026, 7, 1),
        "-all and -vip answer b64_json when `response_format` is left out",
        "the vendor's text-to-image pages of July 2026",
        lasting=False,
    ),
    Quirk(
        "both-forms",
        date(2026, 6, 15),
        "-all and -vip send url and b64_json of the same picture together",
        "an older copy of the vip text-to-image page",
        lasting=False,
    ),
    Quirk(
        "official-accepts-n",
        date(2026, 6, 15),
        "the official models take `n` from 1 to 10 and bill each picture",
        "the comparison page and OpenAI's types; the overview page says 1 only",
        lasting=False,
    ),
    Quirk(
        "official-accepts-transparent",
        date(2026, 8, 21),
        "gpt-image-2 takes a transparent background",
        "a preview from 2026-08-21 to 2026-09-30",
        lasting=False,
    ),
    Quirk(
        "moderation-is-403",
        date(2026, 6, 15),
        "the safety refusal that `[[sim: moderation]]` asks for comes as 403",
        "the error table of the official overview page; its FAQ and every newer page say 400",
        lasting=False,
    ),
    Quirk(
        "moderation-is-451",
        date(2026, 8, 25),
        "the safety refusal that `[[sim: moderation]]` asks for comes as 451",
        "the moderation FAQ names 400 and 451",
        lasting=False,
    ),
    Quirk(
        "image-safety-is-billed",
        date(2026, 7, 6),
        "a picture that was drawn and then blocked (`[[sim: 451]]`) is charged",
        "not settled by any source; in July 2026 such calls were billed and credited by hand",
        lasting=False,
    ),
    Quirk(
        "key-type-is-401",
        date(2026, 6, 15),
        "a key of the wrong type is refused with 401",
        "the founding pages give no status; 403 is the usual one here",
        lasting=False,
    ),
    Quirk(
        "key-type-is-400",
        date(2026, 6, 15),
        "a key of the wrong type is refused with 400",
        "the founding pages give no status; 403 is the usual one here",
        lasting=False,
    ),
    Quirk(
        "vip-wants-per-call-key",
        date(2026, 7, 28),
        "-vip refuses a usage-priority key",
        "live update of 2026-07-28; the comparison page says either type",
        lasting=False,
    ),
    Quirk(
        "balance-is-402",
        date(2026, 6, 15),
        "an empty balance is refused with 402",
        "not settled by any source; the founding pages put it under 429",
        lasting=False,
    ),
    Quirk(
        "balance-is-403",
        date(2026, 6, 15),
        "an empty balance is refused with 403",
        "not settled by any source; the founding pages put it under 429",
        lasting=False,
    ),
    Quirk(
        "edits-want-image-brackets",
        date(2026, 7, 1),
        "edits take pictures as `image[]` only",
        "the founding pages write `image[]`, the current ones `image`; whether one is refused is not settled",
        lasting=False,
    ),
    Quirk(
        "edits-want-plain-image",
        date(2026, 7, 1),
        "edits take pictures as `image` only",
        "the founding pages write `image[]`, the current ones `image`; whether one is refused is not settled",
        lasting=False,
    ),
    Quirk(
        "mask-error-names-the-mask",
        date(2026, 6, 15),
        "a mask without alpha is refused with the code `invalid_mask_image_format` instead of `invalid_image_file`",
        "the help page of gpt-image-1; the mask guide says invalid_image_file",
        lasting=False,
    ),
    Quirk(
        "vip-first-sets-canvas",
        date(2026, 9, 9),
        "an edit of several pictures on -vip takes the shape of the first, whatever the prompt names",
        "measured by the vendor on 2026-09-09",
    ),
    Quirk(
        "vip-ignores-response-format",
        date(2026, 7, 1),
        "-vip sends base64 whatever `response_format` says",
        "its newest page no longer mentions url",
        lasting=False,
    ),
    Quirk(
        "official-refuses-stream",
        date(2026, 6, 15),
        "`stream` is refused on the official models",
        "that the gateway passes server-sent events on is implied by its price list, not shown",
        lasting=False,
    ),
    Quirk(
        "official-ignores-stream",
        date(2026, 6, 15),
        "the official models take `stream` and answer in one piece",
        "that the gateway passes server-sent events on is implied by its price list, not shown",
        lasting=False,
    ),
    Quirk(
        "usage-has-cached-tokens",
        date(2026, 6, 15),
        "the usage of the official models says how many input tokens came from the cache",
        "not settled by any source; OpenAI has a rate for them",
        lasting=False,
    ),
    Quirk(
        "chat-ignores-history",
        date(2026, 7, 1),
        "chat looks at the pictures of the last user message only, not at those of earlier turns",
        "the vendor's developer guide of 2026; the founding pages keep the conversation",
    ),
    Quirk(
        "words-are-free",
        date(2026, 6, 15),
        "an answer in words instead of a picture costs nothing",
        "not settled by any source",
        lasting=False,
    ),
    Quirk(
        "gemini-refusals-are-billed",
        date(2026, 6, 15),
        "a refusal of gemini-3-pro-image, which comes with status 200, is charged",
        "the developer guide says charged, the overview pages say free",
        lasting=False,
    ),
)
NAMES = tuple(quirk.name for quirk in QUIRKS)


class UnknownQuirkError(ValueError):
    """The name is not in the table; the message lists those that are."""


def chosen(names: Iterable[str]) -> frozenset[str]:
    wanted = frozenset(names)
    for name in sorted(wanted - set(NAMES)):
        near = difflib.get_close_matches(name, NAMES, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise UnknownQuirkError(f"There is no quirk {name!r}.{hint} The quirks are: {', '.join(NAMES)}.")
    return wanted


def of_model(model: Model, switched_on: frozenset[str]) -> frozenset[str]:
    """The quirks that this model shows: those switched on, and those older than the model."""
    if model.since < FOUNDING:
        return switched_on
    inborn = {quirk.name for quirk in QUIRKS if quirk.lasting and quirk.since <= model.since}
    return switched_on | inborn


def status(shown: frozenset[str], subject: str, usual: int) -> int:
    """The status of a refusal that quirks named `SUBJECT-is-STATUS` change."""
    found = [name for name in sorted(shown) if name.startswith(f"{subject}-is-")]
    return int(found[0][-3:]) if found else usual


def table() -> str:
    """The quirks for `--help`, one a line."""
    width = max(len(name) for name in NAMES)
    return "\n".join(f"  {q.name:<{width}}  {q.effect} ({q.since}: {q.source})" for q in QUIRKS)
