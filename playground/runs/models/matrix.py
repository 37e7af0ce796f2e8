"""One wish, many pictures: along which axes the frames of a run differ."""

from django.db import models


class Matrix(models.Model):
    """The axes of a run, and the form that it was composed with. Never changed.

    `axes` is a list of {"kind", "name", "values"}; a frame's `place` counts along them: "0-2-1". A table of its own,
    because pages that list runs by the dozen never need it.
    """

    run = models.OneToOneField("runs.Run", models.CASCADE, primary_key=True, related_name="matrix")
    axes = models.JSONField(default=list)
    form = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.run}: {' × '.join(str(len(axis['values'])) for axis in self.axes)}"
