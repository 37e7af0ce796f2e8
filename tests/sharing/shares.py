"""Links for tests, made as the product makes them, and visitors who have nothing but an address.

link = shared(output)                          # as private as can be
link = shared(run=run, prompts=True)           # link.path is its address
Visitor().get(link.path)
"""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone

from playground.gallery import marks
from playground.gallery.models import Collection
from playground.runs.models import Output
from playground.sharing import links
from playground.sharing.links import Subject
from playground.sharing.models import Link

PASSWORD = "a quiet red room"


def shared(*outputs: Output, password: str = "", days: int | None = 7, **said: Any) -> Link:
    """`run`, `collection` or `conversation` instead of outputs; what is ticked by its name."""
    things = {name: said.pop(name) for name in ("run", "collection", "conversation") if name in said}
    kind = next(iter(things), "picture" if len(outputs) == 1 else "comparison")
    workspace = next(iter([*things.values(), *outputs])).workspace
    fields = {f"shows_{name}" if name in Link.SHOWS else name: value for name, value in said.items()}
    fields["expires_at"] = timezone.now() + timedelta(days=days) if days else None
    fields["password"] = make_password(password) if password else ""
    subject = Subject(kind, outputs=outputs, **things)
    made = links.make(workspace, subject, person=None, key=uuid.uuid4(), fields=fields)
    made.link.token, made.link.path = made.token, f"/s/{made.token}/"
    return made.link


def everything() -> dict[str, bool]:
    return dict.fromkeys(Link.SHOWS, True)


def collection(workspace, *outputs: Output, name: str = "Tea") -> Collection:
    marks.collect(workspace, [output.pk for output in outputs], name)
    return Collection.objects.get(workspace=workspace, name=name)


class Visitor(Client):
    """A browser that keeps cookies and checks nothing for us."""

    def __init__(self, address: str = "203.0.113.7") -> None:
        super().__init__(enforce_csrf_checks=True, REMOTE_ADDR=address)

    def request(self, **request):
        """Read to the end, as a browser does, so that files are closed."""
        answer = super().request(**request)
        answer.whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return answer

    def unlock(self, link: Link, password: str = PASSWORD):
        return self.post(link.path, {"password": password})


def body(answer) -> bytes:
    return answer.whole


def all_of(answer) -> str:
    """Everything that a visitor got: the bytes as text, and every header but the policy."""
    headers = {name: value for name, value in answer.headers.items() if name != "Content-Security-Policy"}
    return f"{headers} {body(answer).decode('latin-1')}"


def pictures_on(answer) -> list[str]:
    """Addresses of every picture that the page would load, largest first for each."""
    found = re.findall(r'<img src="([^"]+)"(?: srcset="([^"]+)")?', answer.content.decode())
    addresses = [part.split()[0] for src, srcset in found for part in (srcset or src).split(", ")]
    return list(dict.fromkeys(addresses))
