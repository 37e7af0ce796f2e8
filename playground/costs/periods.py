"""The stretches of time that a budget is for, by the installation's own clock (TIME_ZONE)."""

from calendar import monthrange
from datetime import date, datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

BEGINNING = date(2000, 1, 1)  # of a budget that never starts anew


class Period(models.TextChoices):
    DAY = "day", _("a day")
    MONTH = "month", _("a month")
    ALL = "all", _("in all")


def day_of(moment: datetime) -> date:
    """The day on which something counts."""
    return timezone.localtime(moment).date()


def start_of(period: str, day: date) -> date:
    """The first day of the period that this day lies in."""
    if period == Period.DAY:
        return day
    return day.replace(day=1) if period == Period.MONTH else BEGINNING


def end_of(period: str, day: date) -> date | None:
    """The last day of that period; None where there is none."""
    if period == Period.DAY:
        return day
    return day.replace(day=monthrange(day.year, day.month)[1]) if period == Period.MONTH else None


def renewal_of(period: str, day: date) -> date | None:
    """The day on which the next period begins."""
    last = end_of(period, day)
    return last + timedelta(days=1) if last else None
