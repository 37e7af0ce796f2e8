"""What the pages about providers need: a worker's hands, as in the tests of runs."""

from tests.runs.conftest import gateway, hands, patience
from tests.studio.conftest import csrf_client

__all__ = ["csrf_client", "gateway", "hands", "patience"]
