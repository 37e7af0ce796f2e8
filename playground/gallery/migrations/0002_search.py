"""The index of words, which Django's models can't describe: see playground.gallery.search."""

from django.db import migrations

from playground.gallery.search import POSTGRES_TABLE, SQLITE_TABLE


def make(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in (SQLITE_TABLE,) if is_sqlite else POSTGRES_TABLE:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE gallery_search")


class Migration(migrations.Migration):
    dependencies = [("gallery", "0001_first")]
    operations = [migrations.RunPython(make, drop)]
