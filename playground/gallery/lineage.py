"""Where a picture comes from, and what came of it: told by the bytes, because the same picture is the same bytes."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max

from playground.runs.asking import Question, ask
from playground.runs.models import Output, Reference

LED_TO_SHOWS = 24
_TAKEN_BY = """
    SELECT reference.run_id FROM runs_reference reference JOIN runs_upload upload ON upload.id = reference.upload_id
    WHERE upload.sha256 = %s AND upload.workspace_id = %s ORDER BY reference.run_id DESC LIMIT %s
"""


@dataclass(frozen=True)
class Source:
    """A picture that went along; `output` where it was made here."""

    reference: Reference
    output: Output | None


def made_from(references: Sequence[Reference], workspace_id: int) -> list[Source]:
    """The references in their order, each with the picture of this workspace that it is, the latest of equal ones."""
    if not references:
        return []
    known = {reference.upload.sha256 for reference in references}
    same = Output.objects.filter(workspace=workspace_id, sha256__in=known).kept().values("sha256")
    latest = [row["latest"] for row in same.annotate(latest=Max("pk")).order_by()]
    here = {output.sha256: output for output in Output.objects.with_story().filter(pk__in=latest)}
    return [Source(reference, here.get(reference.upload.sha256)) for reference in references]


def taken_by(output: Output) -> Question[list[int]]:
    """The runs that took this picture along, the newest first."""
    return ask(
        lambda rows: [run for (run,) in rows], _TAKEN_BY, [output.sha256, output.workspace_id, LED_TO_SHOWS]
    )


def led_to(output: Output, runs: Sequence[int]) -> list[Output]:
    """Pictures that were made from this one, the newest first: by these runs that took it along, or restored here.

    In steps, and sorted here: a database that is asked for all of it at once looks through all pictures.
    """
    rows = Output.objects.filter(generation__run__in=runs).kept().with_story() if runs else []
    newest = sorted(rows, key=lambda each: -each.pk)
    restored = list(output.restored.kept().values_list("pk", flat=True)) if output.generation.masked else []
    copies = Output.objects.filter(pk__in=restored).with_story() if restored else []
    return [*copies, *(each for each in newest if each.pk != output.pk)][:LED_TO_SHOWS]
