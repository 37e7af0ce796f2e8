"""What several of the tables say in the same words."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _


def money(**options: object) -> "models.DecimalField[Decimal, Decimal]":
    """A column for US dollars, to a millionth."""
    return models.DecimalField(max_digits=12, decimal_places=6, **options)  # type: ignore[arg-type]


class State(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    SUCCEEDED = "succeeded", _("Done")
    WORDS = "words", _("Answered in words")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


FINAL_STATES = (State.SUCCEEDED, State.WORDS, State.FAILED, State.CANCELLED)
# What a person may ask for once more: each time as a new row that points to this one.
REPEATABLE_STATES = (State.WORDS, State.FAILED, State.CANCELLED)


class Billed(models.TextChoices):
    NO = "no", _("Not billed")
    YES = "yes", _("Billed")
    UNKNOWN = "unknown", _("May have been billed")
