"""The index of words is asked in its own language: no model stands for it any more. Its table stays."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("gallery", "0003_bin_index")]

    operations = [migrations.DeleteModel("Search")]
