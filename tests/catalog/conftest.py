import pytest

from playground import catalog


@pytest.fixture(scope="session")
def shipped():
    return catalog.load()


@pytest.fixture(scope="session")
def reverse(shipped):
    return shipped.get("gpt-image-2-all")


@pytest.fixture(scope="session")
def vip(shipped):
    return shipped.get("gpt-image-2-vip")


@pytest.fixture(scope="session")
def official(shipped):
    return shipped.get("gpt-image-2")
