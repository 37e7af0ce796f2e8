"""“Which one should I use?”: the question as a form, and the answer's reasons in the reader's language."""

from collections.abc import Iterable
from dataclasses import dataclass

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from playground.catalog import Size, SizeFormatError
from playground.catalog.choosing import FOUR_K, Needs, Ranked, Reason

LONGEST_EDGE = 20_000
WORDS: dict[str, Promise] = {
    "no_edits": _("It can't change pictures that it is given."),
    "references": _("It takes up to %(maximum)s reference pictures."),
    "references_weaken": _("Beyond %(stable)s reference pictures, parts of them may go missing."),
    "too_many_references": _("It takes at most %(maximum)s reference pictures."),
    "mask": _("It changes only what a mask leaves open."),
    "no_mask": _("It has no mask: say in words what to change."),
    "size": _("It draws exactly %(size)s."),
    "size_disputed": _("%(size)s is a wish there, not a promise."),
    "size_experimental": _("%(size)s is called experimental by the provider."),
    "no_size": _("It chooses the size itself."),
    "not_this_size": _("It has no %(size)s; the nearest is %(nearest)s."),
    "large": _("It draws up to %(largest)s."),
    "too_small": _("It does not draw in 4K."),
    "transparent": _("It draws transparent backgrounds."),
    "transparent_disputed": _("Transparent backgrounds work there, but are not promised."),
    "no_transparent": _("It does not draw transparent backgrounds."),
    "jpeg": _("It sends JPEG."),
    "jpeg_disputed": _("JPEG works there, but is not promised."),
    "no_jpeg": _("It does not send JPEG."),
    "webp": _("It sends WebP."),
    "webp_disputed": _("WebP works there, but is not promised."),
    "no_webp": _("It does not send WebP."),
    "conversation": _("It can be talked to, turn by turn."),
    "conversation_by_edits": _("It has no conversation: each turn is an edit of the last picture."),
    "retiring": _("It is switched off on %(until)s."),
    "unstable": _("Its supply is shaky."),
    "cheapest": _("The cheapest of those that surely can."),
    "fastest": _("The quickest of those that surely can."),
}


def words_of(reason: Reason) -> str:
    """The reason in the reader's language; the catalog's English for a new one."""
    words = WORDS.get(reason.code)
    return gettext(str(words)) % dict(reason.values) if words else reason.message


@dataclass(frozen=True)
class Why:
    """A reason as it is shown; `weight` is for, caution or against."""

    weight: str
    words: str


@dataclass(frozen=True)
class Answer:
    """One model's place among the answers."""

    ranked: Ranked
    reasons: list[Why]


def answers_of(ranked: Iterable[Ranked]) -> list[Answer]:
    return [
        Answer(each, [Why(reason.weight.value, words_of(reason)) for reason in each.reasons])
        for each in ranked
    ]


class NeedsForm(forms.Form):
    """What the picture must be; everything may be left alone."""

    large = forms.BooleanField(required=False)
    mask = forms.BooleanField(required=False)
    transparent = forms.BooleanField(required=False)
    conversation = forms.BooleanField(required=False)
    size = forms.CharField(required=False, max_length=20)
    references = forms.IntegerField(required=False, min_value=0, max_value=100)
    format = forms.ChoiceField(required=False, choices=[("", ""), ("jpeg", "JPEG"), ("webp", "WebP")])
    by = forms.ChoiceField(required=False, choices=[("price", ""), ("speed", "")])

    def clean_size(self) -> Size | None:
        text = str(self.cleaned_data["size"]).lower().replace("×", "x").replace(" ", "")
        if not text:
            return None
        try:
            size = Size.parse(text)
        except SizeFormatError as error:
            raise forms.ValidationError(_("Write width, a small x and height, such as 2048x1152.")) from error
        if not 0 < max(size.width, size.height) <= LONGEST_EDGE:
            raise forms.ValidationError(_("No model draws so large."))
        return size

    def needs(self) -> Needs:
        """What was asked; a field that makes no sense counts as left alone."""
        self.is_valid()
        wanted = self.cleaned_data
        references = wanted.get("references") or 0
        return Needs(
            size=wanted.get("size"),
            pixels=FOUR_K if wanted.get("large") else 0,
            references=max(references, 1) if wanted.get("mask") else references,
            mask=bool(wanted.get("mask")),
            transparent=bool(wanted.get("transparent")),
            format=wanted.get("format") or "",
            conversation=bool(wanted.get("conversation")),
            by_speed=wanted.get("by") == "speed",
        )
