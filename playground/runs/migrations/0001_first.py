import uuid
from decimal import Decimal

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_first"),
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Run",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="asked")),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("text", "Text to image"),
                            ("edit", "Edit with references"),
                            ("mask", "Edit inside a mask"),
                            ("chat", "Edit by conversation"),
                            ("doctor", "Doctor"),
                        ],
                        default="text",
                        max_length=16,
                        verbose_name="mode",
                    ),
                ),
                ("prompt", models.TextField(verbose_name="prompt")),
                ("submission_key", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("revision", models.PositiveBigIntegerField(default=0, editable=False)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="runs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["workspace", "revision"], name="run_changes")],
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "number"), name="run_number_once"),
                    models.UniqueConstraint(
                        fields=("workspace", "submission_key"), name="run_submitted_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("prompt", ""), _negated=True), name="run_has_a_prompt"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mask",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("sha256", models.CharField(max_length=64)),
                ("file", models.CharField(max_length=120)),
                ("share", models.FloatField(verbose_name="share of the picture")),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="masks",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("share__gt", 0), ("share__lte", 1)), name="mask_paints_something"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Output",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("index", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                ("file", models.CharField(max_length=120)),
                ("byte_size", models.PositiveBigIntegerField()),
                ("format", models.CharField(max_length=5)),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("has_alpha", models.BooleanField(default=False)),
                ("thumbnails", models.JSONField(default=list)),
                ("placeholder", models.TextField(blank=True)),
                ("changed_outside", models.FloatField(null=True)),
                ("heat_file", models.CharField(blank=True, max_length=120)),
                ("binned_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("binned_at__isnull", False)),
                        fields=["binned_at"],
                        name="output_binned",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("format__in", ("png", "jpeg", "webp"))),
                        name="output_format_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("byte_size__gt", 0), ("height__gt", 0), ("width__gt", 0)),
                        name="output_not_empty",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Worker",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("host", models.CharField(max_length=200)),
                ("pid", models.PositiveIntegerField()),
                ("started_at", models.DateTimeField()),
                ("beat_at", models.DateTimeField(db_index=True)),
                ("stopped_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Generation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("letter", models.CharField(max_length=2)),
                ("variant", models.PositiveSmallIntegerField(default=0)),
                ("model_id", models.CharField(max_length=100, verbose_name="model")),
                ("endpoint", models.CharField(default="generations", max_length=16)),
                ("parameters", models.JSONField(default=dict)),
                ("masked", models.BooleanField(default=False, verbose_name="mask sent")),
                ("as_picture", models.BooleanField(default=False)),
                ("question", models.CharField(blank=True, max_length=40)),
                ("prompt_sent", models.TextField(verbose_name="prompt as sent")),
                ("size_asked", models.CharField(blank=True, max_length=20, verbose_name="size asked")),
                ("simulated", models.BooleanField(verbose_name="simulated")),
                (
                    "price_multiplier",
                    models.DecimalField(decimal_places=4, default=Decimal("1"), max_digits=7),
                ),
                ("estimate_low", models.DecimalField(decimal_places=6, max_digits=12)),
                ("estimate_high", models.DecimalField(decimal_places=6, max_digits=12)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("succeeded", "Done"),
                            ("words", "Answered in words"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("revision", models.PositiveBigIntegerField(default=0, editable=False)),
                ("born_revision", models.PositiveBigIntegerField(default=0, editable=False)),
                ("watched", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("waiting_until", models.DateTimeField(null=True)),
                ("preview", models.JSONField(default=dict)),
                ("failure", models.CharField(blank=True, max_length=40, verbose_name="what went wrong")),
                ("failure_values", models.JSONField(default=dict)),
                ("words", models.TextField(blank=True, verbose_name="what the model said")),
                (
                    "billed",
                    models.CharField(
                        choices=[
                            ("no", "Not billed"),
                            ("yes", "Billed"),
                            ("unknown", "May have been billed"),
                        ],
                        default="no",
                        max_length=8,
                        verbose_name="billed",
                    ),
                ),
                (
                    "cost",
                    models.DecimalField(decimal_places=6, max_digits=12, null=True, verbose_name="cost"),
                ),
                ("seconds", models.FloatField(null=True, verbose_name="seconds")),
                ("by_chain", models.BooleanField(default=False)),
                ("submission_key", models.UUIDField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "connection",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="generations",
                        to="accounts.connection",
                    ),
                ),
                (
                    "retry_of",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="retried_by",
                        to="runs.generation",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="generations", to="runs.run"
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="generations",
                        to="runs.worker",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ("queued", "running"))),
                        fields=["created_at"],
                        name="generation_unfinished",
                    ),
                    models.Index(
                        condition=models.Q(("question", ""), ("state__in", ("succeeded", "failed"))),
                        fields=["model_id", "simulated", "-id"],
                        name="generation_recent",
                    ),
                    models.Index(
                        condition=models.Q(("question", ""), _negated=True),
                        fields=["connection", "-id"],
                        name="generation_examined",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "position"), name="generation_position_once"),
                    models.UniqueConstraint(
                        fields=("run", "letter", "variant"), name="generation_label_once"
                    ),
                    models.UniqueConstraint(
                        fields=("run", "submission_key"), name="generation_submitted_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["queued", "running", "succeeded", "words", "failed", "cancelled"])
                        ),
                        name="generation_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("billed__in", ["no", "yes", "unknown"])),
                        name="generation_billed_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "queued"), _negated=True),
                            models.Q(("finished_at", None), ("worker", None)),
                            _connector="OR",
                        ),
                        name="generation_queued_belongs_to_nobody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "running"), _negated=True),
                            models.Q(
                                ("finished_at", None),
                                ("started_at__isnull", False),
                                ("worker__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="generation_running_has_a_worker",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("queued", "running")),
                            ("finished_at__isnull", False),
                            _connector="OR",
                        ),
                        name="generation_final_has_an_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("failure__gt", ""), ("state", "failed")),
                            models.Q(models.Q(("state", "failed"), _negated=True), ("failure", "")),
                            _connector="OR",
                        ),
                        name="generation_failed_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "words"), _negated=True),
                            models.Q(("billed", "yes"), ("words__gt", "")),
                            _connector="OR",
                        ),
                        name="generation_words_are_billed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "cancelled"), _negated=True),
                            models.Q(("billed", "no"), ("cost", None)),
                            _connector="OR",
                        ),
                        name="generation_cancelled_is_free",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "succeeded"), _negated=True),
                            ("billed", "yes"),
                            _connector="OR",
                        ),
                        name="generation_succeeded_is_billed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("estimate_high__gte", models.F("estimate_low")), ("estimate_low__gte", 0)
                        ),
                        name="generation_estimate_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cost", None), ("cost__gte", 0), _connector="OR"),
                        name="generation_cost_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("simulated", False), ("connection", None), _connector="OR"),
                        name="generation_simulated_pays_nobody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="History",
            fields=[
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="history",
                        serialize=False,
                        to="runs.run",
                    ),
                ),
                ("messages", models.JSONField(default=list)),
            ],
        ),
        migrations.AddField(
            model_name="run",
            name="mask",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="runs",
                to="runs.mask",
            ),
        ),
        migrations.CreateModel(
            name="PictureLink",
            fields=[
                (
                    "output",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="provider_link",
                        serialize=False,
                        to="runs.output",
                    ),
                ),
                ("url", models.TextField()),
                ("until", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.AddField(
            model_name="output",
            name="generation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="outputs", to="runs.generation"
            ),
        ),
        migrations.AddField(
            model_name="output",
            name="made_from",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="restored",
                to="runs.output",
            ),
        ),
        migrations.AddField(
            model_name="output",
            name="workspace",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="outputs", to="accounts.workspace"
            ),
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("sha256", models.CharField(max_length=64)),
                ("file", models.CharField(max_length=120)),
                ("format", models.CharField(max_length=5)),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("byte_size", models.PositiveBigIntegerField()),
                ("sent_file", models.CharField(max_length=120)),
                ("sent_sha256", models.CharField(max_length=64)),
                ("sent_format", models.CharField(max_length=5)),
                ("sent_width", models.PositiveIntegerField()),
                ("sent_height", models.PositiveIntegerField()),
                ("sent_byte_size", models.PositiveBigIntegerField()),
                ("png_file", models.CharField(blank=True, max_length=120)),
                ("notes", models.JSONField(default=list)),
                (
                    "taken_from",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="uploads",
                        to="runs.output",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="uploads",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "sha256"), name="upload_stored_once"),
                    models.CheckConstraint(
                        condition=models.Q(("sent_format__in", ("png", "jpeg", "webp"))),
                        name="upload_sent_format_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("byte_size__gt", 0),
                            ("height__gt", 0),
                            ("sent_byte_size__gt", 0),
                            ("width__gt", 0),
                        ),
                        name="upload_not_empty",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="references", to="runs.run"
                    ),
                ),
                (
                    "upload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="references",
                        to="runs.upload",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "position"), name="reference_position_once")
                ],
            },
        ),
        migrations.AddField(
            model_name="mask",
            name="upload",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="masks", to="runs.upload"
            ),
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("connection", models.CharField(max_length=100, verbose_name="connection")),
                ("base_url", models.CharField(max_length=200, verbose_name="address")),
                ("simulated", models.BooleanField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("sent", "Sent"),
                            ("answered", "Answered"),
                            ("not_sent", "Not sent"),
                            ("refused", "Refused"),
                            ("useless", "Answered without a picture"),
                            ("unknown", "No answer"),
                        ],
                        default="sent",
                        max_length=10,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "billed",
                    models.CharField(
                        choices=[
                            ("no", "Not billed"),
                            ("yes", "Billed"),
                            ("unknown", "May have been billed"),
                        ],
                        default="unknown",
                        max_length=8,
                        verbose_name="billed",
                    ),
                ),
                (
                    "cost",
                    models.DecimalField(decimal_places=6, max_digits=12, null=True, verbose_name="cost"),
                ),
                (
                    "cost_at_most",
                    models.DecimalField(
                        decimal_places=6, max_digits=12, null=True, verbose_name="may have cost"
                    ),
                ),
                ("sent_at", models.DateTimeField(verbose_name="sent")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                ("status", models.PositiveSmallIntegerField(null=True, verbose_name="HTTP status")),
                ("request_id", models.CharField(blank=True, max_length=200, verbose_name="request id")),
                ("error", models.CharField(blank=True, max_length=40, verbose_name="error")),
                (
                    "provider_message",
                    models.CharField(blank=True, max_length=500, verbose_name="the provider's words"),
                ),
                ("usage", models.JSONField(null=True, verbose_name="usage")),
                ("headers", models.JSONField(default=dict)),
                ("left_out", models.JSONField(default=list)),
                ("reported", models.JSONField(default=dict)),
                ("shape", models.JSONField(default=dict)),
                ("connect_seconds", models.FloatField(null=True)),
                ("first_byte_seconds", models.FloatField(null=True)),
                ("done_seconds", models.FloatField(null=True)),
                ("bytes_received", models.PositiveBigIntegerField(default=0)),
                ("links", models.JSONField(default=list)),
                ("previews", models.JSONField(default=list)),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attempts",
                        to="runs.generation",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "indexes": [models.Index(fields=["outcome", "sent_at"], name="attempt_by_outcome")],
                "constraints": [
                    models.UniqueConstraint(fields=("generation", "number"), name="attempt_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("billed", "no"), _negated=True),
                        fields=("generation",),
                        name="attempt_paid_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome", "sent"), ("finished_at__isnull", False), _connector="OR"
                        ),
                        name="attempt_done_has_an_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "sent"), _negated=True),
                            ("billed", "unknown"),
                            _connector="OR",
                        ),
                        name="attempt_sent_may_be_billed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cost", None), ("cost__gte", 0), _connector="OR"),
                        name="attempt_cost_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("billed", "no"), _negated=True),
                            ("cost", None),
                            ("cost", 0),
                            _connector="OR",
                        ),
                        name="attempt_free_costs_nothing",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(("mask", None), ("mode__in", ("mask", "chat")), _connector="OR"),
                name="run_mask_is_its_mode",
            ),
        ),
        migrations.AddIndex(
            model_name="output",
            index=models.Index(fields=["workspace", "-id"], name="output_newest"),
        ),
        migrations.AddConstraint(
            model_name="output",
            constraint=models.UniqueConstraint(fields=("generation", "index"), name="output_index_once"),
        ),
        migrations.AddConstraint(
            model_name="output",
            constraint=models.UniqueConstraint(fields=("made_from",), name="output_restored_once"),
        ),
        migrations.AddConstraint(
            model_name="mask",
            constraint=models.UniqueConstraint(fields=("upload", "sha256"), name="mask_stored_once"),
        ),
    ]
