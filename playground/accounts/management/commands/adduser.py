"""manage.py adduser NAME: an account for the installation's own workspace."""

import os
import sys
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from playground.accounts.models import Membership, User, Workspace


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Make an account, or give an existing one a new password (asked for, or from PLAYGROUND_PASSWORD)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        # An account may be the first thing that an installation gets.
        call_command("migrate", interactive=False, verbosity=0)
        name = options["name"].strip()
        person = User.objects.filter(username=name).first() or User(username=name)
        password = _ask_password()
        try:
            person.full_clean(exclude={"password"})
            validate_password(password, person)
        except ValidationError as error:
            raise ImproperlyConfigured(" ".join(error.messages)) from error
        person.set_password(password)
        with transaction.atomic():
            person.save()
            Membership.objects.get_or_create(workspace=Workspace.objects.local(), user=person)
        self.stdout.write(f"{name} can log in.")


def _ask_password() -> str:
    """Raises ImproperlyConfigured when there is nobody to ask, or the two answers differ."""
    if given := os.environ.get("PLAYGROUND_PASSWORD"):
        return given
    if not sys.stdin.isatty():
        raise ImproperlyConfigured(
            "Set PLAYGROUND_PASSWORD, or run this in a terminal, where it asks for the password."
        )
    password = getpass("Password: ")
    if getpass("Once more: ") != password:
        raise ImproperlyConfigured("The two passwords differ; nothing was changed.")
    return password
