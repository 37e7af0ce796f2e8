"""What the tests of conversations share."""

import pytest

from playground.accounts.models import Workspace
from tests.runs.conftest import gateway, hands, patience

__all__ = ["gateway", "hands", "patience"]


@pytest.fixture
def elsewhere(db) -> Workspace:
    """A stranger's workspace, which the local owner must never see into."""
    return Workspace.objects.create(slug="elsewhere", name="Elsewhere")
