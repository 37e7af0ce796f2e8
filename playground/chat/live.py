"""What the page of a conversation has to learn since it last asked: the parts of it that changed, whole."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from playground.chat.shown import Shown
from playground.runs.models import Generation, Run


@dataclass(frozen=True)
class News:
    """The stage is drawn anew only where its own turn changed; the text that is being typed never is."""

    shown: Shown
    since: int
    revision: int

    @cached_property
    def _changed(self) -> set[int]:
        runs = Run.objects.filter(turn__conversation=self.shown.conversation, revision__gt=self.since)
        return set(runs.values_list("pk", flat=True))

    @property
    def is_about_steps(self) -> bool:
        return bool(self._changed)

    @property
    def is_about_stage(self) -> bool:
        return self.shown.turn is not None and self.shown.turn.run_id in self._changed

    @property
    def words(self) -> str:
        """The changes of state in one sentence each, for people who listen."""
        rows = Generation.objects.filter(run__in=self._changed, revision__gt=self.since)
        return " ".join(
            _("%(label)s: %(state)s.") % {"label": one.label, "state": one.get_state_display()}
            for one in rows.select_related("run").order_by("-revision")[:8]
        )
