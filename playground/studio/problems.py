"""The rules that a set-up breaks, in words for a person. The rules themselves are the catalog's."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from playground.accounts.models import Connection
from playground.catalog import Model, Problem
from playground.runs import doctor
from playground.runs.models import Generation
from playground.runs.services import TooMuchUnderWayError

WORDS: dict[str, str | Promise] = {
    "format": _("“%(size)s” is not a size. Write width, a small x and height, such as 2048x1152."),
    "multiple_of_": _("%(size)s: width and height must be multiples of %(step)s. Nearest: %(nearest)s."),
    "max_edge": _("%(size)s: the longest side may be at most %(max_edge)s pixels. Nearest: %(nearest)s."),
    "min_edge": _("%(size)s: the longest side must be at least %(min_edge)s pixels. Nearest: %(nearest)s."),
    "ratio": _(
        "%(size)s: the long side may be at most %(max_ratio)s times the short one. Nearest: %(nearest)s."
    ),
    "min_pixels": _("%(size)s has too few pixels: the least is %(min_pixels)s. Nearest: %(nearest)s."),
    "max_pixels": _("%(size)s has too many pixels: the most is %(max_pixels)s. Nearest: %(nearest)s."),
    "not_in_table": _("%(size)s is none of the %(count)s sizes of this model. Nearest: %(nearest)s."),
    "model_not_yet": _("This model is there from %(since)s on."),
    "model_retired": _("This model was switched off on %(until)s."),
    "endpoint_not_offered": _("This model does not take pictures. Take it out, or empty the tray."),
    "prompt_empty": _("Write what the picture should show."),
    "prompt_too_long": _("The prompt has %(characters)s characters; this model takes at most %(maximum)s."),
    "parameter_not_taken": _("This model does not take “%(parameter)s”. %(reason)s"),
    "value_not_allowed": _("“%(value)s” is not allowed here. Allowed: %(choices)s. %(reason)s"),
    "wrong_type": _("“%(value)s” can't be used for %(parameter)s."),
    "out_of_range": _("%(parameter)s must be from %(minimum)s to %(maximum)s, not %(value)s."),
    "only_with": _("%(parameter)s works only with %(other)s %(allowed)s, not with %(found)s."),
    "too_many_references": _("This model takes at most %(maximum)s reference pictures, not %(references)s."),
    "references_not_taken": _("Pictures in the tray make it an edit, which this model does not do."),
    "reference_unreadable": _("Image %(number)s can’t be read any more. Take it out and add it again."),
    "reference_type": _("Image %(number)s is %(format)s; this model takes %(types)s."),
    "reference_too_large": _(
        "Image %(number)s has %(megabytes)s MB; this model takes at most %(maximum)s MB for each."
    ),
    "references_too_large": _(
        "The pictures have %(megabytes)s MB together; this model takes at most %(maximum)s MB in one request."
    ),
    "mask_too_large": _("The mask has %(megabytes)s MB; it must be below %(maximum)s MB."),
    "mask_size_differs": _(
        "The mask has %(mask)s pixels and image 1 has %(picture)s: they must be the same."
    ),
    "mask_without_alpha": _("The mask has no transparency: what may change must be transparent in it."),
    "mask_without_picture": _("A mask needs the picture that it belongs to."),
    "reference_gone": _("A reference picture could not be read any more. Take it out and add it again."),
    "messages_not_taken": _("Earlier turns go along in a conversation only."),
    "role_not_known": _("A turn is of one of %(choices)s, not “%(role)s”."),
    "not_a_link": _("A picture of an earlier turn must be a web link."),
    "reference_missing": _("An edit needs at least one reference picture."),
}


def say(problem: Problem, model: Model) -> str:
    """The sentence for a problem, beginning with the model that has it; the catalog's English for a new rule."""
    words = WORDS.get(problem.code.rstrip("0123456789"))
    sentence = gettext(str(words)) % _Known(problem.values) if words else problem.message
    if problem.field == "prompt":
        return sentence.strip()
    return pgettext("which model, then what is wrong", "%(model)s: %(problem)s") % {
        "model": model.label,
        "problem": sentence.strip(),
    }


def found_words(row: Connection, model: Model, name: str) -> str:
    """What the doctor found out about a setting at this connection; empty where nobody has asked."""
    said = doctor.said_of(row, model, name)
    words = pgettext("which connection, then what was found out about it", "“%(connection)s”: %(finding)s")
    return words % {"connection": row.name, "finding": said} if said else ""


def too_much(error: TooMuchUnderWayError) -> str:
    """Why nothing more is started for now."""
    words = gettext(
        "%(unfinished)s pictures are under way; at most %(limit)s may be at once. "
        "Nothing was started. Wait for some, or cancel what is queued."
    )
    return words % {"unfinished": error.unfinished, "limit": error.limit}


def another_kind(generation: Generation) -> str:
    """Why a frame is not simply sent again: what was pretended would be bought now, or the other way round."""
    words = (
        gettext(
            "%(label)s was simulated, and now it would cost money. Use “Reuse this set-up” to start it anew."
        )
        if generation.simulated
        else gettext(
            "%(label)s was for a provider, and now only the simulator would answer. Nothing was started."
        )
    )
    return words % {"label": generation.label}


class _Known(dict[str, str | int]):
    """Values for a sentence; one that is not given stays empty."""

    def __init__(self, values: Mapping[str, str | int]) -> None:
        super().__init__(values)

    def __missing__(self, key: str) -> str:
        return ""
