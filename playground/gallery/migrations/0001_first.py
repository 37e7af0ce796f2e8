import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_first"),
        ("runs", "0001_first"),
    ]

    operations = [
        migrations.CreateModel(
            name="Picture",
            fields=[
                (
                    "output",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="picture",
                        serialize=False,
                        to="runs.output",
                    ),
                ),
                ("made_on", models.DateField(verbose_name="made on")),
                ("cost", models.DecimalField(decimal_places=6, default=0, max_digits=12)),
                ("model", models.CharField(max_length=100)),
                ("mode", models.CharField(max_length=16)),
                ("size", models.CharField(max_length=8)),
                ("ratio", models.CharField(max_length=8)),
                ("price", models.CharField(max_length=8)),
                ("origin", models.CharField(max_length=10)),
                ("is_favourite", models.BooleanField(default=False, verbose_name="favourite")),
                ("rating", models.PositiveSmallIntegerField(default=0, verbose_name="rating")),
                ("binned_at", models.DateTimeField(null=True, verbose_name="put into the bin")),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pictures",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("binned_at", None)),
                        fields=["workspace", "-output"],
                        name="picture_newest",
                    ),
                    models.Index(
                        condition=models.Q(("binned_at", None)),
                        fields=["workspace", "model", "-output"],
                        name="picture_model",
                    ),
                    models.Index(
                        condition=models.Q(("binned_at", None)),
                        fields=["workspace", "mode", "-output"],
                        name="picture_mode",
                    ),
                    models.Index(
                        condition=models.Q(("binned_at", None)),
                        fields=["workspace", "size", "-output"],
                        name="picture_size",
                    ),
                    models.Index(
                        condition=models.Q(("binned_at", None)),
                        fields=["workspace", "ratio", "-output"],
                        name="picture_ratio",
                    ),
                    models.Index(
                        condition=models.Q(("binned_at", None)),
                        fields=["workspace", "price", "-output"],
                        name="picture_price",
                    ),
                    models.Index(
                        condition=models.Q(("binned_at", None)),
                        fields=["workspace", "origin", "-output"],
                        name="picture_origin",
                    ),
                    models.Index(
                        condition=models.Q(("binned_at", None)),
                        fields=["workspace", "made_on", "output"],
                        name="picture_day",
                    ),
                    models.Index(
                        condition=models.Q(("binned_at", None), ("is_favourite", True)),
                        fields=["workspace", "-output"],
                        name="picture_favourite",
                    ),
                    models.Index(
                        condition=models.Q(("binned_at", None), ("rating__gt", 0)),
                        fields=["workspace", "-output"],
                        name="picture_rated",
                    ),
                    models.Index(
                        condition=models.Q(("binned_at", None), _negated=True),
                        fields=["workspace", "-binned_at", "-output"],
                        name="picture_bin",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("rating__lte", 5)), name="picture_rating_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Search",
            fields=[
                (
                    "picture",
                    models.OneToOneField(
                        db_column="rowid",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="search",
                        serialize=False,
                        to="gallery.picture",
                    ),
                ),
                ("words", models.TextField()),
            ],
            options={
                "db_table": "gallery_search",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Collection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("key", models.CharField(max_length=100)),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="collections",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["key"],
                "constraints": [models.UniqueConstraint(fields=("workspace", "key"), name="collection_once")],
            },
        ),
        migrations.CreateModel(
            name="Placing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="placings",
                        to="gallery.collection",
                    ),
                ),
                (
                    "picture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="placings",
                        to="gallery.picture",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("collection", "picture"), name="placing_once")
                ],
            },
        ),
        migrations.AddField(
            model_name="picture",
            name="collections",
            field=models.ManyToManyField(
                related_name="pictures", through="gallery.Placing", to="gallery.collection"
            ),
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("key", models.CharField(max_length=60)),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tags",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ["key"],
                "constraints": [models.UniqueConstraint(fields=("workspace", "key"), name="tag_once")],
            },
        ),
        migrations.CreateModel(
            name="Tagging",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "picture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="taggings",
                        to="gallery.picture",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="taggings",
                        to="gallery.tag",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("tag", "picture"), name="tagging_once")],
            },
        ),
        migrations.AddField(
            model_name="picture",
            name="tags",
            field=models.ManyToManyField(
                related_name="pictures", through="gallery.Tagging", to="gallery.tag"
            ),
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("facet", models.CharField(max_length=10)),
                ("value", models.CharField(blank=True, max_length=100)),
                ("pictures", models.BigIntegerField(default=0)),
                ("cost", models.DecimalField(decimal_places=6, default=0, max_digits=18)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tallies",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "facet", "value"), name="tally_once")
                ],
            },
        ),
    ]
