"""The composer's form: one section for each model, with the controls that the catalog says it has.

What a model may do is asked of the catalog only. A value that is left alone is not sent; a disputed setting is a
switch that is off; every refusal of a provider that can be known beforehand becomes an error at its field.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from playground import catalog
from playground.accounts.connections import NoConnectionError
from playground.accounts.models import Chain
from playground.catalog import Endpoint, Model, Problem
from playground.runs.services import LETTERS, Axes, Target
from playground.runs.templatetags.darkroom import money
from playground.studio.allowance import allowance_for
from playground.studio.controls import (
    CUSTOM,
    Control,
    controls_of,
    field_name,
)
from playground.studio.filled import FilledForm
from playground.studio.initial import MAIN_MODELS, initial_of_form
from playground.studio.matrix import crossed
from playground.studio.problems import found_words, say
from playground.studio.quotes import Ledger, Quote, paid_through, price, spread
from playground.studio.sections import Section

# More than this is asked about once more, with the number and the price in words.
ASK_PICTURES, ASK_DOLLARS = 20, Decimal(2)
OF_THE_CLICK = ("csrfmiddlewaretoken", "submission_key", "sure", "act", "newest")


class ComposerForm(FilledForm):
    """What a person wants, checked: what it asks for once it is valid, and what the page shows of it until then."""

    # -- What was asked ------------------------------------------------------------------------------------------

    def clean_prompt(self) -> str:
        prompt = str(self.cleaned_data["prompt"]).replace("\r\n", "\n").strip()
        if not prompt:
            raise forms.ValidationError(_("Write what the picture should show."))
        return prompt

    def clean(self) -> dict[str, Any]:
        """Check each chosen model's settings against the catalog, and gather them as targets."""
        for problem in self.plan.problems:
            self.add_error("prompt", problem)
        prompt = max((each.text for each in self.plan.prompts), key=len, default="")
        self.targets = [target for model in self.chosen for target in self._targets(model, prompt)]
        self.axes: Axes | None = None
        if self.tray.mask and not self.tray.mask_fits:
            self.add_error(None, self.tray.why_mask_does_not_fit)
        if self.many.too_many:
            self.add_error(None, self.many.too_many)
        elif self.many.is_matrix and not self.errors:
            self.targets, self.axes = crossed(self.plan, self.targets, self.set_up)
        return self.cleaned_data

    @property
    def prompt_of_run(self) -> str:
        """What a valid form asks for in one prompt: the template, where it says many."""
        return self.current_prompt if self.plan.is_many else self.plan.prompts[0].text

    @property
    def set_up(self) -> dict[str, Any]:
        """The fields of this form, to be opened again with."""
        data = initial_of_form(self.data) if isinstance(self.data, QueryDict) else dict(self.data)
        return {name: value for name, value in data.items() if name not in OF_THE_CLICK}

    # -- The second question -----------------------------------------------------------------------------------------

    @property
    def sure(self) -> str:
        """What is asked about once more: the answer has to name it, so that another form is asked about again."""
        return f"{self.ledger.pictures}-{self.ledger.high:.6f}"

    def must_ask(self, sure: str) -> bool:
        """Whether so many pictures, or so much money, take a second click; `sure` came with this one."""
        is_much = self.ledger.pictures > ASK_PICTURES or self.ledger.high > ASK_DOLLARS
        self.asks = is_much and sure != self.sure
        return self.asks

    asks = False

    def _targets(self, model: Model, prompt: str) -> list[Target]:
        """One for each of the model's sets of parameters; none where anything is wrong with one."""
        endpoint, sets = self.endpoint_of(model), self.sets_of(model)
        broken = self._broken(model, prompt)
        for problem in broken:
            at_prompt = problem.field == "prompt"
            self.add_error("prompt" if at_prompt else None, say(problem, model))
            if not at_prompt:
                self._control_errors.setdefault(field_name(model, problem.field), []).append(
                    str(say(problem, model))
                )
        can_be_sent = self._has_way(model) and not broken
        variants = self.variants_of(model)
        if variants is None:
            self.add_error(None, _("%(model)s: from 1 to 8 variants.") % {"model": model.label})
        is_right = bool(variants) and can_be_sent
        return [Target(model, each, variants or 1, endpoint) for each in sets] if is_right else []

    def _broken(self, model: Model, prompt: str) -> list[Problem]:
        """What is wrong with any of the model's sets of parameters, each once."""
        endpoint = self.endpoint_of(model)
        sets = [self._problems(model, endpoint, prompt, each) for each in self.sets_of(model)]
        return list({say(problem, model): problem for found in sets for problem in found}.values())

    def _has_way(self, model: Model) -> bool:
        """Whether a connection can serve the model; if none can, the form says why."""
        try:
            self.routes.to(model)
        except NoConnectionError as error:
            self.add_error(None, str(error))
            return False
        return True

    def _problems(
        self, model: Model, endpoint: Endpoint, prompt: str, parameters: Mapping[str, Any]
    ) -> Sequence[Problem]:
        """A mask is no reason to refuse: a model that takes none gets the pictures and the words."""
        mask = self.tray.mask_facts if self.tray.mask_fits and catalog.takes_mask(model, endpoint) else None
        return catalog.check_request(
            model, endpoint, prompt or "-", parameters, on=self.on, references=self.tray.facts, mask=mask
        )

    # -- What the page shows -------------------------------------------------------------------------------------

    @property
    def tray_url(self) -> str:
        """Where the tray's acts are posted to."""
        return reverse("studio:tray")

    @property
    def go_words(self) -> str:
        """What stands on the button."""
        pictures = self.ledger.pictures
        values = {"n": pictures, "cost": money(self.ledger.high)}
        if self.asks:
            return gettext("Yes, generate %(n)s pictures for at most %(cost)s") % values
        if self.many.is_matrix and pictures:
            return gettext("Generate %(n)s pictures, up to %(cost)s") % values
        words = ngettext("Generate %(n)s picture", "Generate %(n)s pictures", pictures)
        return words % values if pictures else gettext("Generate")

    @cached_property
    def _control_errors(self) -> dict[str, list[str]]:
        return {}

    @cached_property
    def sections(self) -> list[Section]:
        """Every offered model, the chosen ones with their controls as they were left."""
        wanted = self._values("models")
        return [
            Section(
                model=model,
                letter=letter,
                is_on=model.id in wanted,
                variants=self.variants_of(model) or 1,
                controls=list(self._drawn(model)),
                quote=self._quote(model),
                offers_chat=self.offers_chat(model),
                endpoint=self.endpoint_of(model),
                direct=self.direct_endpoint(model),
            )
            for letter, model in zip(LETTERS, self.offered, strict=False)
        ]

    def _quote(self, model: Model) -> Quote:
        """For a model that is chosen, of every prompt and every set; for another one, of the first."""
        is_chosen = model.id in self._values("models")
        first = price(
            model,
            self.parameters_of(model),
            endpoint=self.endpoint_of(model),
            tray=self.tray,
            broken=self._broken(model, self.first_prompt),
            prompt=self.first_prompt,
            variants=self.variants_of(model) or 1,
            is_chosen=is_chosen,
            on=self.on,
            routes=self.routes,
        )
        prompts = [each.text for each in self.plan.prompts]
        if not is_chosen or not self.many.is_matrix or first.estimate is None:
            return first
        return spread(first, prompts, self.sets_of(model), on=self.on, routes=self.routes)

    @cached_property
    def ledger(self) -> Ledger:
        """What the set-up would cost as it stands, and through which connection it goes."""
        only = self.routes.enabled[0].name if len(self.routes.enabled) == 1 else ""
        chain = Chain.objects.filter(workspace=self.workspace).first()
        quotes = [section.quote for section in self.sections]
        allowance = allowance_for(self.workspace, self.person, paid_through(quotes))
        return Ledger(quotes, only, chain.most if chain else None, allowance)

    @property
    def main_sections(self) -> list[Section]:
        return self.sections[:MAIN_MODELS]

    @property
    def more_sections(self) -> list[Section]:
        return self.sections[MAIN_MODELS:]

    @property
    def more_is_open(self) -> bool:
        return any(section.is_on for section in self.more_sections)

    def _drawn(self, model: Model) -> Iterator[Control]:
        sent = self.parameters_of(model)
        for kind, name, parameter in controls_of(model, self.endpoint_of(model)):
            full, resting = field_name(model, name), self.resting(model, kind, parameter)
            yield Control(
                kind=kind,
                model=model,
                name=full,
                parameter=parameter,
                value=self._value(full) or resting,
                values=(self._values(full) or [resting]) if self._takes_several(kind, name) else [],
                custom=self._value(f"{full}__{CUSTOM}"),
                errors=self._control_errors.get(full, []),
                is_on=bool(self._value(f"{full}__on")),
                is_changed=str(sent.get(name, resting)) != resting,
                found=self._found(model, name),
            )

    def _found(self, model: Model, name: str) -> str:
        try:
            row = self.routes.to(model).row
        except NoConnectionError:
            return ""
        return found_words(row, model, name) if row else ""
