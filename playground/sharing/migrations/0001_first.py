import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_first"),
        ("accounts", "__first__"),
        ("chat", "0001_first"),
        ("gallery", "0002_search"),
        ("runs", "0001_first"),
    ]

    operations = [
        migrations.CreateModel(
            name="Knock",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("began_at", models.DateTimeField(db_index=True)),
                ("tries", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("submission_key", models.UUIDField(editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("picture", "Picture"),
                            ("comparison", "Pictures"),
                            ("run", "Run"),
                            ("collection", "Collection"),
                            ("conversation", "Conversation"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("gathered_at", models.DateTimeField()),
                ("title", models.CharField(blank=True, max_length=120, verbose_name="title")),
                ("words", models.TextField(blank=True, verbose_name="words")),
                ("signed", models.CharField(blank=True, max_length=60, verbose_name="shared by")),
                ("shows_prompts", models.BooleanField(default=False)),
                ("shows_references", models.BooleanField(default=False)),
                ("shows_costs", models.BooleanField(default=False)),
                ("shows_models", models.BooleanField(default=False)),
                ("shows_originals", models.BooleanField(default=False)),
                ("takes_votes", models.BooleanField(default=False)),
                ("is_indexed", models.BooleanField(default=False)),
                ("expires_at", models.DateTimeField(null=True, verbose_name="open until")),
                ("ended_at", models.DateTimeField(null=True)),
                ("password", models.CharField(blank=True, editable=False, max_length=128)),
                ("views", models.PositiveIntegerField(default=0, verbose_name="views")),
                ("last_seen_at", models.DateTimeField(null=True)),
                (
                    "collection",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="gallery.collection",
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="chat.conversation",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="links",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="runs.run",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["workspace", "-id"], name="link_newest")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "submission_key"), name="link_submitted_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "run"), ("run__isnull", False)),
                            models.Q(models.Q(("kind", "run"), _negated=True), ("run", None)),
                            _connector="OR",
                        ),
                        name="link_of_a_run",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("collection__isnull", False), ("kind", "collection")),
                            models.Q(models.Q(("kind", "collection"), _negated=True), ("collection", None)),
                            _connector="OR",
                        ),
                        name="link_of_a_collection",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("conversation__isnull", False), ("kind", "conversation")),
                            models.Q(
                                models.Q(("kind", "conversation"), _negated=True), ("conversation", None)
                            ),
                            _connector="OR",
                        ),
                        name="link_of_a_conversation",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Item",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "output",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="shown_in",
                        to="runs.output",
                    ),
                ),
                (
                    "link",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="sharing.link",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("link", "position"), name="item_position_once"),
                    models.UniqueConstraint(fields=("link", "output"), name="item_output_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(db_index=True)),
                ("visitor", models.CharField(max_length=32)),
                (
                    "link",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="visits",
                        to="sharing.link",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("link", "day", "visitor"), name="visit_once")
                ],
            },
        ),
    ]
