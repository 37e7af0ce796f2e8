"""What somebody may choose for an export."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from playground.gallery.exporting.making import Options
from playground.gallery.exporting.names import FIELDS, LONGEST_PATTERN, USUAL, why_not

AS_THEY_CAME = ""
ENCODINGS = ((AS_THEY_CAME, _("As they came")), ("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WebP"))
EDGES = ((0, _("As large as they are")), (3840, "3840"), (2048, "2048"), (1024, "1024"), (512, "512"))
BEST_QUALITY = 100


class ExportForm(forms.Form):
    encoding = forms.ChoiceField(choices=ENCODINGS, required=False)
    quality = forms.IntegerField(
        min_value=1,
        max_value=BEST_QUALITY,
        required=False,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), _("The quality is a whole number from 1 to 100.")
        ),
    )
    edge = forms.TypedChoiceField(choices=EDGES, coerce=int, empty_value=None, required=False)
    pattern = forms.CharField(max_length=LONGEST_PATTERN, required=False)
    story = forms.BooleanField(required=False)

    def clean_pattern(self) -> str:
        pattern = str(self.cleaned_data["pattern"])
        if problem := why_not(pattern):
            raise forms.ValidationError(problem)
        return pattern

    @property
    def options(self) -> Options:
        """Of a valid form."""
        found = self.cleaned_data
        usual = Options()
        return Options(
            found["encoding"], found["quality"] or usual.quality, (found["edge"] or 0) if found["encoding"] else 0,
            found["pattern"] or USUAL, found["story"],
        )  # fmt: skip

    # -- What the page shows -------------------------------------------------------------------------------------

    @property
    def shown(self) -> dict[str, Any]:
        """The values as they were left, or the usual ones."""
        usual = Options()
        if not self.is_bound:
            return {
                "quality": usual.quality,
                "pattern": usual.pattern,
                "story": True,
                "encoding": "",
                "edge": "0",
            }
        return {name: self.data.get(name, "") for name in self.fields}

    @property
    def encodings(self) -> list[tuple[str, Any, bool]]:
        return [(value, words, value == self.shown["encoding"]) for value, words in ENCODINGS]

    @property
    def edges(self) -> list[tuple[int, Any, bool]]:
        return [(value, words, str(value) == str(self.shown["edge"])) for value, words in EDGES]

    @property
    def known_fields(self) -> list[str]:
        return [f"{{{name}}}" for name in FIELDS]
