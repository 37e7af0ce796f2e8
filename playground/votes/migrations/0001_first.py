import uuid

import django.db.models.deletion
from django.db import migrations, models

import playground.costs.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_first"),
        ("runs", "0001_first"),
    ]

    operations = [
        migrations.CreateModel(
            name="Lineup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("model_ids", models.CharField(max_length=1000)),
                ("mode", models.CharField(blank=True, max_length=16)),
                ("simulated", models.BooleanField()),
                ("by_visitors", models.BooleanField(default=False)),
                ("stamp", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lineups",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "simulated", "by_visitors", "mode", "model_ids"),
                        name="lineup_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Ballot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("judge", models.CharField(max_length=80)),
                ("picture_ids", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("choice", "One is better"),
                            ("tie", "Equally good"),
                            ("none", "None is good"),
                            ("passed", "Looked without voting"),
                        ],
                        max_length=6,
                    ),
                ),
                ("voted_at", models.DateTimeField(null=True)),
                ("revealed_at", models.DateTimeField(null=True)),
                ("is_blind", models.BooleanField(default=True)),
                (
                    "run",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="runs.run",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ballots",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "lineup",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="ballots",
                        to="votes.lineup",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["workspace", "judge", "-voted_at"], name="ballot_of_judge"),
                    models.Index(
                        condition=models.Q(("revealed_at", None)),
                        fields=["workspace", "judge"],
                        name="ballot_waits",
                    ),
                    models.Index(
                        condition=models.Q(("is_blind", False)), fields=["workspace"], name="ballot_not_blind"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "judge", "picture_ids"), name="ballot_once_a_judge"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answer__in", ["", "choice", "tie", "none", "passed"])),
                        name="ballot_answer_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("judge", ""), _negated=True), name="ballot_has_a_judge"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answer", ""), ("voted_at__isnull", False), _connector="OR"),
                        name="ballot_answered_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("model_id", models.CharField(max_length=100)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("won", "Chosen"),
                            ("lost", "Not chosen"),
                            ("tied", "Equally good"),
                            ("bad", "Not good"),
                        ],
                        max_length=4,
                    ),
                ),
                ("day", models.DateField(null=True)),
                ("cost", playground.costs.fields.DollarsField(null=True)),
                ("seconds", models.FloatField(null=True)),
                (
                    "ballot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="places", to="votes.ballot"
                    ),
                ),
                (
                    "lineup",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="votes.lineup",
                    ),
                ),
                (
                    "output",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="runs.output",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("day__isnull", False)),
                        fields=["lineup", "model_id", "outcome", "day", "cost", "seconds", "ballot"],
                        name="place_counted",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("ballot", "position"), name="place_once"),
                    models.CheckConstraint(
                        condition=models.Q(("position__range", (1, 9))), name="place_has_a_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("day", None), ("outcome", "")),
                            models.Q(models.Q(("outcome", ""), _negated=True), ("day__isnull", False)),
                            _connector="OR",
                        ),
                        name="place_counted_on_a_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Round",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("judge", models.CharField(max_length=80)),
                ("at_once", models.PositiveSmallIntegerField(default=0)),
                ("same_shape", models.BooleanField(default=False)),
                ("from_queue", models.BooleanField(default=False)),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rounds",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("judge", ""), _negated=True), name="round_has_a_judge"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="ballot",
            name="round",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="ballots",
                to="votes.round",
            ),
        ),
    ]
