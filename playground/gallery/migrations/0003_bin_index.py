from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_first"),
        ("gallery", "0002_search"),
        ("runs", "0003_attempts_on_their_way"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="picture",
            name="picture_bin",
        ),
        migrations.AddIndex(
            model_name="picture",
            index=models.Index(
                condition=models.Q(("binned_at__isnull", False)),
                fields=["workspace", "-binned_at", "-output"],
                name="picture_bin",
            ),
        ),
    ]
