"""What a conversation needs beside its runs: what was said before a turn, and where pictures lie at their provider."""

from django.db import models


class History(models.Model):
    """The turns before a run, as they were when it was started: a retry sends the same. Read by `history` alone.

    A table of its own, because pages that list runs by the dozen never need it.
    """

    run = models.OneToOneField("runs.Run", models.CASCADE, primary_key=True, related_name="history")
    messages = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.run}: {len(self.messages)} messages before it"


class PictureLink(models.Model):
    """Where a provider has a picture for a day. Who has the link has the picture: never shown, logged or exported."""

    output = models.OneToOneField(
        "runs.Output", models.CASCADE, primary_key=True, related_name="provider_link"
    )
    url = models.TextField()
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"Link of output {self.pk}"
