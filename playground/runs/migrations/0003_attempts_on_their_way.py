from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0002_matrix"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="attempt",
            name="attempt_by_outcome",
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("outcome", "sent")), fields=["generation"], name="attempt_on_its_way"
            ),
        ),
    ]
