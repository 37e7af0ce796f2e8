"""Django with settings that are the tests' own: nothing of the person's .env or shell, a data folder that goes again.

Import it before anything that needs Django; importing is all there is to do.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)
DATA = Path(tempfile.mkdtemp(prefix="darkroom-tests-"))
atexit.register(shutil.rmtree, DATA, ignore_errors=True)

for name in SETTINGS:
    os.environ.pop(name, None)
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "playground.settings",
    "ENV_FILE": os.devnull,
    "PLAYGROUND_DATA": str(DATA),
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", ""),
}

from django.conf import settings  # noqa: E402  # it reads the environment

settings.STATIC_ROOT.mkdir(exist_ok=True)
# The manifest is made by a start, which tests do without; a slow hash is of no use to made-up passwords.
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
_database = settings.DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    # A file, as in real life: threads and processes share it.
    _database.setdefault("TEST", {})["NAME"] = str(DATA / "test.sqlite3")
    # Nobody pulls the plug on a test.
    _database["OPTIONS"]["init_command"] = _database["OPTIONS"]["init_command"].replace("=FULL", "=OFF")
else:
    _database.setdefault("TEST", {})["NAME"] = f"test_darkroom_{os.getpid()}"
django.setup()

from django.apps import apps  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import TransactionTestCase  # noqa: E402


def _empty_tables(case: TransactionTestCase) -> None:
    """Ten times as quick as Django's flush, which truncates and then makes every content type and permission anew."""
    kept = ("contenttypes.ContentType", "auth.Permission")
    tables = [
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.label not in kept
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:  # in any order: foreign keys are checked at the end
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608  # names of our own


TransactionTestCase._fixture_teardown = _empty_tables
