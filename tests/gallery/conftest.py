"""What the tests of the gallery share."""

import pytest
from django.db import connection

from playground.accounts.models import Workspace
from tests.factories import picture


@pytest.fixture
def elsewhere(db) -> Workspace:
    """A stranger's workspace, which the local owner must never see into."""
    return Workspace.objects.create(slug="elsewhere", name="Elsewhere")


@pytest.fixture
def output(workspace):
    """One kept picture of 640 × 480, with thumbnails."""
    return picture(workspace, 640, 480, prompt="A tea tin. On a windowsill")


def searchable() -> int:
    """How many pictures the index of words knows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM gallery_search")
        return int(cursor.fetchone()[0])
