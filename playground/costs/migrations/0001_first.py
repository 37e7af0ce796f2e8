from decimal import Decimal

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import playground.costs.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_first"),
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Budget",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        choices=[("day", "a day"), ("month", "a month"), ("all", "in all")],
                        default="day",
                        max_length=8,
                        verbose_name="period",
                    ),
                ),
                ("limit", playground.costs.fields.DollarsField(verbose_name="limit")),
                ("warn_percent", models.PositiveSmallIntegerField(default=80, verbose_name="warn at")),
                (
                    "connection",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="budgets",
                        to="accounts.connection",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="budgets",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="budgets",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("connection", None), ("person", None)),
                        fields=("workspace", "period"),
                        name="budget_workspace_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("connection", None)),
                        fields=("workspace", "person", "period"),
                        name="budget_person_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("person", None)),
                        fields=("workspace", "connection", "period"),
                        name="budget_connection_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("person", None), ("connection", None), _connector="OR"),
                        name="budget_of_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("period__in", ["day", "month", "all"])),
                        name="budget_period_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("limit__gte", 0)), name="budget_limit_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("warn_percent__gte", 1), ("warn_percent__lte", 100)),
                        name="budget_warns_at_a_share",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Drawn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField()),
                ("simulated", models.BooleanField()),
                ("model_id", models.CharField(max_length=100)),
                ("size", models.CharField(blank=True, max_length=20)),
                ("quality", models.CharField(blank=True, max_length=20)),
                ("references", models.PositiveSmallIntegerField(default=0)),
                ("pictures", models.BigIntegerField(default=0)),
                ("amount", playground.costs.fields.DollarsField(default=Decimal("0"))),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.workspace"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "workspace",
                            "simulated",
                            "month",
                            "model_id",
                            "size",
                            "quality",
                            "references",
                        ),
                        name="drawn_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[("call", "Call"), ("late", "Late answer"), ("person", "From the bill")],
                        default="call",
                        max_length=8,
                    ),
                ),
                ("written_at", models.DateTimeField(auto_now_add=True)),
                ("written_by", models.BigIntegerField(default=0)),
                ("call", models.BigIntegerField(db_index=True)),
                ("picture", models.BigIntegerField(db_index=True)),
                ("label", models.CharField(blank=True, max_length=20)),
                ("person", models.BigIntegerField(default=0)),
                ("connection", models.BigIntegerField(default=0)),
                ("connection_name", models.CharField(blank=True, max_length=100, verbose_name="connection")),
                ("model_id", models.CharField(max_length=100, verbose_name="model")),
                ("mode", models.CharField(max_length=16, verbose_name="mode")),
                ("size", models.CharField(blank=True, max_length=20)),
                ("quality", models.CharField(blank=True, max_length=20)),
                ("references", models.PositiveSmallIntegerField(default=0)),
                ("request_id", models.CharField(blank=True, max_length=200, verbose_name="request id")),
                ("simulated", models.BooleanField()),
                ("sent_at", models.DateTimeField(verbose_name="sent")),
                ("day", models.DateField()),
                ("priced_on", models.DateField()),
                ("brought_picture", models.BooleanField()),
                (
                    "billed",
                    models.CharField(
                        choices=[
                            ("no", "Not billed"),
                            ("yes", "Billed"),
                            ("unknown", "May have been billed"),
                        ],
                        max_length=8,
                        verbose_name="billed",
                    ),
                ),
                ("estimated_low", playground.costs.fields.DollarsField()),
                ("estimated", playground.costs.fields.DollarsField(verbose_name="estimated, at most")),
                ("actual", playground.costs.fields.DollarsField(null=True, verbose_name="actual")),
                ("counts", playground.costs.fields.DollarsField()),
                ("change", playground.costs.fields.DollarsField()),
                (
                    "corrects",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrected_by",
                        to="costs.entry",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.workspace"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["workspace", "simulated", "-id"], name="entry_newest"),
                    models.Index(fields=["workspace", "simulated", "day", "id"], name="entry_day"),
                    models.Index(fields=["workspace", "simulated", "billed", "-id"], name="entry_billed"),
                    models.Index(fields=["workspace", "simulated", "model_id", "-id"], name="entry_model"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("corrects", None)), fields=("call",), name="entry_call_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("billed__in", ["no", "yes", "unknown"])),
                        name="entry_billed_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("corrects", None), ("why", "call")),
                            models.Q(models.Q(("why", "call"), _negated=True), ("corrects__isnull", False)),
                            _connector="OR",
                        ),
                        name="entry_correction_names_what",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("counts__gte", 0)), name="entry_counts_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("billed", "no"), _negated=True), ("counts", 0), _connector="OR"
                        ),
                        name="entry_free_counts_nothing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("picture", models.BigIntegerField(unique=True)),
                ("person", models.BigIntegerField(default=0)),
                ("connection", models.BigIntegerField(default=0)),
                ("day", models.DateField()),
                ("held", playground.costs.fields.DollarsField()),
                ("spent", playground.costs.fields.DollarsField(default=Decimal("0"))),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.workspace"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["workspace", "day"], name="hold_day"),
                    models.Index(fields=["workspace", "held"], name="hold_open"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("held__gte", 0), ("spent__gte", 0)), name="hold_not_negative"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Total",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("grain", models.CharField(choices=[("day", "Day"), ("month", "Month")], max_length=5)),
                ("day", models.DateField()),
                ("model_id", models.CharField(max_length=100)),
                ("person", models.BigIntegerField()),
                ("mode", models.CharField(max_length=16)),
                ("connection", models.BigIntegerField()),
                ("simulated", models.BooleanField()),
                (
                    "billed",
                    models.CharField(
                        choices=[
                            ("no", "Not billed"),
                            ("yes", "Billed"),
                            ("unknown", "May have been billed"),
                        ],
                        max_length=8,
                    ),
                ),
                ("calls", models.BigIntegerField(default=0)),
                ("amount", playground.costs.fields.DollarsField(default=Decimal("0"))),
                ("estimated", playground.costs.fields.DollarsField(default=Decimal("0"))),
                ("in_vain", models.BigIntegerField(default=0)),
                ("in_vain_amount", playground.costs.fields.DollarsField(default=Decimal("0"))),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.workspace"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "workspace",
                            "simulated",
                            "grain",
                            "day",
                            "model_id",
                            "person",
                            "mode",
                            "connection",
                            "billed",
                        ),
                        name="total_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Use",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start", models.DateField()),
                ("spent", playground.costs.fields.DollarsField(default=Decimal("0"))),
                ("reserved", playground.costs.fields.DollarsField(default=Decimal("0"))),
                (
                    "budget",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="uses", to="costs.budget"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("budget", "start"), name="use_once"),
                    models.CheckConstraint(
                        condition=models.Q(("reserved__gte", 0), ("spent__gte", 0)), name="use_not_negative"
                    ),
                ],
            },
        ),
    ]
