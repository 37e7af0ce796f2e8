"""What went wrong, in words for a person: what happened, whether it cost money, and the next step.

The codes are the gateway's kinds of error and this room's own. A code without words here would be a bare error
message, so a test compares the two lists.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from playground.runs.models import Billed, Generation, State

Words = str | Promise


@dataclass(frozen=True)
class Wording:
    """A heading of one or two words, a sentence, and which act helps: edit, retry, settings or none."""

    heading: Words
    sentence: Words
    act: str = "retry"


_REFUSED, _FAILED, _LOST, _NOT_SENT = _("Refused"), _("Failed"), _("Interrupted"), _("Not sent")

WORDINGS: dict[str, Wording] = {
    # Nothing left this machine.
    "invalid_request": Wording(_NOT_SENT, _("The model would refuse this: %(problems)s"), "edit"),
    "bad_address": Wording(_NOT_SENT, _("The provider's base address can't be used: %(reason)s"), "settings"),
    "key_unsendable": Wording(_NOT_SENT, _("The API key is missing or has characters that can't be sent. Paste it again without spaces."), "settings"),
    "cannot_connect": Wording(_NOT_SENT, _("%(host)s could not be reached, on several tries. Try again when the connection works.")),
    "no_free_connection": Wording(_NOT_SENT, _("Too many calls were in flight. Try again in a moment.")),
    "no_room": Wording(_NOT_SENT, _("There is no room on this machine to save a picture. Free some disk space, then try again.")),
    "disk_full": Wording(_NOT_SENT, _("There is no room on this machine to save a picture. Free some disk space, then try again.")),
    "model_gone": Wording(_NOT_SENT, _("This model is not in the catalog any more. Choose another one."), "edit"),
    "connection_off": Wording(_NOT_SENT, _("The connection “%(connection)s”, which this was priced for, has been switched off. Start it again if you still want it.")),
    "key_lost": Wording(_NOT_SENT, _("The key of the connection “%(connection)s” can't be read any more. Enter it again in Settings."), "settings"),
    "connection_changed": Wording(_NOT_SENT, _("This was asked for with another connection (simulator or provider). Start it again if you still want it.")),
    # The provider said no.
    "moderation": Wording(_REFUSED, _("The provider's safety filter refused this prompt. Change the wording; the same prompt will be refused again."), "edit"),
    "invalid_size": Wording(_REFUSED, _("The provider does not allow this size. Choose another one."), "edit"),
    "transparent_refused": Wording(_REFUSED, _("This model can't draw a transparent background. Choose an opaque one and cut it out afterwards."), "edit"),
    "refused_parameter": Wording(_REFUSED, _("The provider does not take the setting “%(field)s” with this value. Leave it out, then try again."), "edit"),
    "invalid_image": Wording(_REFUSED, _("The provider could not read a reference picture."), "edit"),
    "invalid_mask": Wording(_REFUSED, _("The provider refused the mask."), "edit"),
    "too_many_images": Wording(_REFUSED, _("Too many reference pictures: 16 at most."), "edit"),
    "unknown_model": Wording(_REFUSED, _("The provider does not offer this model to this key."), "settings"),
    "bad_key": Wording(_REFUSED, _("The API key is missing or wrong. Check it in Settings."), "settings"),
    "wrong_key_type": Wording(_REFUSED, _("This key may not use this model: a model billed by tokens needs a usage-priority key."), "settings"),
    "forbidden": Wording(_REFUSED, _("The provider does not allow this with this key."), "settings"),
    "balance": Wording(_REFUSED, _("The account balance is used up. Top up, then try again.")),
    "wrong_address": Wording(_REFUSED, _("The base address is wrong: it must be the host alone. Check it in Settings."), "settings"),
    "too_large": Wording(_REFUSED, _("The request is too large for the provider."), "edit"),
    "busy": Wording(_REFUSED, _("The channel is busy, on several tries. Try again in a few minutes.")),
    "upstream_error": Wording(_FAILED, _("The image service failed, on several tries. Such failures should not be charged.")),
    "redirected": Wording(_REFUSED, _("The base address answers with a redirect, which is not followed so that the key stays here. Enter the final address in Settings."), "settings"),
    "refused": Wording(_REFUSED, _("The provider refused this request."), "edit"),
    # The request left, and nobody knows.
    "timed_out": Wording(_LOST, _("No complete answer within %(seconds)s s. The provider may have finished and charged; the picture can't be fetched later.")),
    "connection_broken": Wording(_LOST, _("The connection broke before the answer was complete. The provider may have finished and charged.")),
    "gateway_timeout": Wording(_LOST, _("A server on the way to the provider gave up waiting. The provider may have finished and charged.")),
    "unreadable_answer": Wording(_LOST, _("The answer could not be read. It may have been charged.")),
    "answer_too_large": Wording(_LOST, _("The answer was larger than any picture should be and was cut off. It may have been charged.")),
    "worker_lost": Wording(_LOST, _("The worker stopped while the call was on its way. If it was sent, the provider may have finished and charged.")),
    # An answer without a picture.
    "no_image": Wording(_FAILED, _("The service answered without a picture. It may have been charged.")),
    "not_a_picture": Wording(_FAILED, _("The service sent something that is not a picture. What came back is kept on this machine.")),
    "picture_link_failed": Wording(_FAILED, _("The picture is made and paid for, but fetching it from %(host)s failed. Fetching is free and is tried again every minute for a day."), "none"),
    "not_saved": Wording(_FAILED, _("The picture came back but could not be saved on this machine. Check the disk.")),
}  # fmt: skip
UNKNOWN_FAILURE = Wording(_FAILED, _("This ended in a way that has no name yet: %(failure)s."))


def of(generation: Generation) -> Wording:
    """The words for a failed generation; its sentence is filled in and translated."""
    wording = WORDINGS.get(generation.failure, UNKNOWN_FAILURE)
    values = _Known(generation.failure_values | {"failure": generation.failure})
    return Wording(wording.heading, gettext(str(wording.sentence)) % values, wording.act)


class _Known(dict[str, Any]):
    """Values for a sentence; one that is missing shows as an ellipsis instead of breaking the page."""

    def __missing__(self, key: str) -> str:
        return "…"


def interrupted(generation: Generation) -> bool:
    """Whether nobody knows if this was billed."""
    return generation.state == State.FAILED and generation.billed == Billed.UNKNOWN
