"""A page elsewhere may point a name of its own at 127.0.0.1: the name in the Host header gives it away."""

import pytest

from playground.accounts.models import Workspace

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1"]
)
@pytest.mark.parametrize("path", ["/", "/gallery/", "/healthz"])
def test_of_a_stranger_is_refused(client, path, host):
    assert client.get(path, headers={"host": host}).status_code == 400
    assert not Workspace.objects.exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost", "localhost:8000", "[::1]:8000"])
def test_of_this_machine_is_welcome(client, host):
    assert client.get("/", headers={"host": host}).status_code == 200
    assert Workspace.objects.count() == 1
