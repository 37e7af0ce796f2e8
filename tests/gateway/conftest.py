"""The simulator over real HTTP, for tests of a whole call."""

from tests.simulators import simulator, simulator_of_session

__all__ = ["simulator", "simulator_of_session"]
