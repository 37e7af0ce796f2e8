"""The database itself refuses to change an entry of the ledger, or to take one away before its workspace.

In a file of its own because Django writes the first one. A later change of the table must make the trigger anew on
SQLite, where Django builds a changed table from scratch.
"""

from django.db import migrations

SQLITE = """
    CREATE TRIGGER costs_entry_never_changes BEFORE UPDATE ON costs_entry
    BEGIN SELECT RAISE(ABORT, 'an entry of the ledger is never changed'); END;
    CREATE TRIGGER costs_entry_stays BEFORE DELETE ON costs_entry
    WHEN EXISTS (SELECT 1 FROM accounts_workspace WHERE id = OLD.workspace_id)
    BEGIN SELECT RAISE(ABORT, 'an entry of the ledger is never taken away'); END;
"""
POSTGRESQL = """
    CREATE FUNCTION costs_entry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' OR EXISTS (SELECT 1 FROM accounts_workspace WHERE id = OLD.workspace_id) THEN
            RAISE EXCEPTION 'an entry of the ledger is never changed or taken away'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN OLD;
    END $$;
    CREATE TRIGGER costs_entry_stays BEFORE UPDATE OR DELETE ON costs_entry
    FOR EACH ROW EXECUTE FUNCTION costs_entry_stays();
"""


def hold_entries(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL)
        return
    for statement in SQLITE.split("END;")[:-1]:
        schema_editor.execute(f"{statement}END;")


def let_them_go(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION costs_entry_stays() CASCADE")
        return
    schema_editor.execute("DROP TRIGGER costs_entry_never_changes")
    schema_editor.execute("DROP TRIGGER costs_entry_stays")


class Migration(migrations.Migration):
    dependencies = [("costs", "0001_first")]
    operations = [migrations.RunPython(hold_entries, let_them_go)]
