"""On PostgreSQL each row of the index of words says in which stretch of 32,768 keys it lies: see `gallery/search.py`."""

from typing import Any

from django.db import migrations

STRETCHES = """
    UPDATE gallery_search
    SET words = words || array_to_tsvector(ARRAY['=stretch:' || rowid / 32768])
"""


def tell(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(STRETCHES)


class Migration(migrations.Migration):
    dependencies = [("gallery", "0004_no_search_model")]

    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]
