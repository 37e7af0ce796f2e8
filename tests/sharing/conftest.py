"""What the tests of sharing share."""

import pytest

from tests.factories import picture
from tests.sharing.shares import Visitor


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


@pytest.fixture
def output(workspace):
    """One kept picture of 700 × 500, with thumbnails."""
    return picture(workspace, 700, 500, prompt="A lighthouse. In a storm")
