"""One HTTP call, as far as it is known."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from playground.runs.models.columns import Billed, money
from playground.runs.models.generation import Generation


class Attempt(models.Model):
    """One HTTP call. Written before the socket is opened, completed once, then never changed.

    From the moment it is written it counts as "may have been billed", until an answer tells better: that is
    what is true if the process dies now.
    """

    class Outcome(models.TextChoices):
        SENT = "sent", _("Sent")
        ANSWERED = "answered", _("Answered")
        NOT_SENT = "not_sent", _("Not sent")
        REFUSED = "refused", _("Refused")
        USELESS = "useless", _("Answered without a picture")
        UNKNOWN = "unknown", _("No answer")

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    connection = models.CharField(_("connection"), max_length=100)
    base_url = models.CharField(_("address"), max_length=200)
    simulated = models.BooleanField()
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, default=Outcome.SENT)
    billed = models.CharField(_("billed"), max_length=8, choices=Billed, default=Billed.UNKNOWN)
    cost = money(null=True, verbose_name=_("cost"))
    cost_at_most = money(null=True, verbose_name=_("may have cost"))
    sent_at = models.DateTimeField(_("sent"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    request_id = models.CharField(_("request id"), max_length=200, blank=True)
    error = models.CharField(_("error"), max_length=40, blank=True)
    provider_message = models.CharField(_("the provider's words"), max_length=500, blank=True)
    usage = models.JSONField(_("usage"), null=True)
    headers = models.JSONField(default=dict)  # those of the answer that help a provider's support
    left_out = models.JSONField(default=list)  # switches that the provider had just refused, for free
    reported = models.JSONField(default=dict)
    shape = models.JSONField(default=dict)  # how the answer looked on the wire, where somebody was to look
    connect_seconds = models.FloatField(null=True)
    first_byte_seconds = models.FloatField(null=True)
    done_seconds = models.FloatField(null=True)
    bytes_received = models.PositiveBigIntegerField(default=0)
    # Picture links that could not be fetched yet. They are as good as the picture for a day: never shown, never logged.
    links = models.JSONField(default=list)
    previews = models.JSONField(default=list)  # see runs.previews

    class Meta:
        ordering = ["number"]
        indexes = [
            # The few that are on their way among all that ever were: of an index of outcomes SQLite makes no use once
            # it knows that nearly all are the same.
            models.Index(fields=["generation"], condition=Q(outcome="sent"), name="attempt_on_its_way")
        ]
        constraints = [
            models.UniqueConstraint(fields=["generation", "number"], name="attempt_number_once"),
            # A paid call is never sent twice: the second row could not be written, so the call could not be sent.
            models.UniqueConstraint(
                fields=["generation"], condition=~Q(billed="no"), name="attempt_paid_once"
            ),
            models.CheckConstraint(
                condition=Q(outcome="sent") | Q(finished_at__isnull=False), name="attempt_done_has_an_end"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="sent") | Q(billed="unknown"), name="attempt_sent_may_be_billed"
            ),
            models.CheckConstraint(condition=Q(cost=None) | Q(cost__gte=0), name="attempt_cost_not_negative"),
            models.CheckConstraint(
                condition=~Q(billed="no") | Q(cost=None) | Q(cost=0), name="attempt_free_costs_nothing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.generation} attempt {self.number}"
