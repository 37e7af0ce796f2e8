"""`make user NAME=alice`: an account for the installation's own workspace."""

from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from playground.accounts.models import User, Workspace

pytestmark = pytest.mark.django_db


def adduser(name: str) -> str:
    said = StringIO()
    call_command("adduser", name, stdout=said)
    return said.getvalue()


def test_the_new_person_can_log_in_and_has_the_workspace(client, monkeypatch):
    monkeypatch.setenv("PLAYGROUND_PASSWORD", "a quiet red room")
    assert adduser("alice") == "alice can log in.\n"
    assert client.login(username="alice", password="a quiet red room")
    assert Workspace.objects.of(User.objects.get()) == Workspace.objects.local()


def test_a_second_time_changes_the_password(client, monkeypatch):
    for password in ("a quiet red room", "another red room"):
        monkeypatch.setenv("PLAYGROUND_PASSWORD", password)
        adduser("alice")
    assert client.login(username="alice", password="another red room")
    assert User.objects.get().memberships.count() == 1


@pytest.mark.parametrize(("name", "password"), [("alice", "short"), ("not a name!", "a quiet red room")])
def test_a_bad_name_or_password_changes_nothing(monkeypatch, name, password):
    monkeypatch.setenv("PLAYGROUND_PASSWORD", password)
    with pytest.raises(ImproperlyConfigured):
        adduser(name)
    assert not User.objects.exists()


def test_nobody_to_ask_is_said(monkeypatch):
    monkeypatch.delenv("PLAYGROUND_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin", StringIO())
    with pytest.raises(ImproperlyConfigured, match="PLAYGROUND_PASSWORD"):
        adduser("alice")
