import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0001_first")]

    operations = [
        migrations.AddField(
            "generation", "own_prompt", models.TextField(blank=True, verbose_name="own prompt")
        ),
        migrations.AddField("generation", "place", models.CharField(blank=True, max_length=60)),
        migrations.AddField("run", "paused_at", models.DateTimeField(editable=False, null=True)),
        migrations.CreateModel(
            name="Matrix",
            fields=[
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="matrix",
                        serialize=False,
                        to="runs.run",
                    ),
                ),
                ("axes", models.JSONField(default=list)),
                ("form", models.JSONField(default=dict)),
            ],
        ),
    ]
