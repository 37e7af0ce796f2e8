"""What the tests of pages share."""

import pytest
from django.test import Client

from playground.accounts.models import Workspace


@pytest.fixture
def csrf_client() -> Client:
    """A client that is asked for the token, as a browser is."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def elsewhere(db) -> Workspace:
    """A stranger's workspace, which the local owner must never see into."""
    return Workspace.objects.create(slug="elsewhere", name="Elsewhere")
