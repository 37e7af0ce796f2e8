"""How somebody wants to vote."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from playground.votes.models import MOST

ALL_AT_ONCE = 0


class SetUpForm(forms.Form):
    """How many pictures are compared at once (0: one of each model), and whether their shapes must be the same."""

    at_once = forms.TypedChoiceField(
        choices=[(number, "") for number in (ALL_AT_ONCE, *range(2, MOST + 1))], coerce=int, required=False
    )
    same_shape = forms.BooleanField(required=False)

    @property
    def wishes(self) -> dict[str, Any]:
        """What `draw_up` takes; what can't be read is as if nothing was said."""
        self.is_valid()
        return {
            "at_once": self.cleaned_data.get("at_once") or ALL_AT_ONCE,
            "same_shape": self.cleaned_data.get("same_shape", False),
        }


def ways(models: int) -> list[tuple[int, str]]:
    """How many at once there is to choose, where so many models have pictures: all of them first."""
    most = min(models, MOST)
    several = [(number, _("Best of %(number)s") % {"number": number}) for number in range(3, most)]
    first = [(ALL_AT_ONCE, _("Best of %(number)s") % {"number": most})] if most > 2 else []
    return [*first, *reversed(several), (2, _("Two at a time"))]


def ways_of_queue() -> list[tuple[int, str]]:
    return [(ALL_AT_ONCE, _("All models at once")), (2, _("Two at a time"))]
