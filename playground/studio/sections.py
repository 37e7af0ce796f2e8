"""One model in the composer, ready to be drawn."""

from dataclasses import dataclass

from playground.catalog import Endpoint, Model
from playground.studio.controls import Control, element_id, field_name, local
from playground.studio.quotes import Quote

MAX_VARIANTS = 8
VIA = "via"  # how an edit is sent: edits, or chat where the model has one


@dataclass(frozen=True)
class Section:
    """One model in the composer: its checkbox row and its controls."""

    model: Model
    letter: str
    is_on: bool
    variants: int
    controls: list[Control]
    quote: Quote
    endpoint: Endpoint = Endpoint.GENERATIONS
    direct: Endpoint = Endpoint.GENERATIONS  # the call where it does not go as a message
    offers_chat: bool = False  # it may go as a message, too

    @property
    def by_chat(self) -> bool:
        return self.endpoint is Endpoint.CHAT

    @property
    def is_edit(self) -> bool:
        """Whether pictures go along."""
        return self.direct is Endpoint.EDITS

    @property
    def lacks_table(self) -> bool:
        """Whether it has a table of sizes in another kind of call only: an estimate on its way may speak of it."""
        return self.model.sizes.kind == "list" and not self.quote.has_table

    @property
    def via_name(self) -> str:
        return field_name(self.model, VIA)

    @property
    def via_id(self) -> str:
        return element_id(self.via_name)

    @property
    def variants_name(self) -> str:
        return field_name(self.model, "variants")

    @property
    def variants_id(self) -> str:
        return element_id(self.variants_name)

    @property
    def summary(self) -> str:
        return local(self.model.summary)

    @property
    def life_note(self) -> str:
        return local(self.model.life_note)

    @property
    def any_switch_on(self) -> bool:
        return any(control.is_on for control in self.switches)

    @property
    def offers_variants(self) -> range:
        return range(1, MAX_VARIANTS + 1)

    @property
    def switches(self) -> list[Control]:
        return [control for control in self.controls if control.is_switch]

    @property
    def first_controls(self) -> list[Control]:
        return [control for control in self.controls if control.is_first and not control.is_switch]

    @property
    def more_controls(self) -> list[Control]:
        """What stands behind the fold."""
        return [control for control in self.controls if not control.is_first and not control.is_switch]

    @property
    def more_changes(self) -> str:
        """What somebody changed behind the fold, in a few words."""
        return ", ".join(control.said for control in self.more_controls if control.is_changed)

    @property
    def more_is_wrong(self) -> bool:
        return any(control.errors for control in self.more_controls)
