"""Making links, changing them, and ending them. Only whoever makes an address ever learns it."""

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone

from playground.accounts.models import User, Workspace
from playground.chat.models import Conversation
from playground.gallery.filters import number as as_number
from playground.gallery.models import Collection
from playground.runs.models import Output, Run
from playground.sharing import contents
from playground.sharing.knocking import LONGEST
from playground.sharing.models import Knock, Link, Visit

TOKEN_BYTES = 24  # 192 bits
# An ended link can be opened again for so long; then it is erased.
ENDED_KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Subject:
    """What a link is to show: one of these, or pictures in this order."""

    kind: str
    run: Run | None = None
    collection: Collection | None = None
    conversation: Conversation | None = None
    outputs: Sequence[Output] = ()

    @property
    def fields(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "run": self.run,
            "collection": self.collection,
            "conversation": self.conversation,
        }

    @property
    def names(self) -> list[tuple[str, int]]:
        """Itself, as names and values of a form."""
        if self.run:
            return [("run", self.run.number)]
        if self.collection:
            return [("collection", self.collection.pk)]
        if self.conversation:
            return [("conversation", self.conversation.number)]
        return [("o", output.pk) for output in self.outputs]


def subject_of(workspace: Workspace, data: QueryDict) -> Subject:
    """What `run`, `collection`, `conversation` or several `o` name in this workspace; Http404 where that is nothing."""
    if run := as_number(data.get("run") or ""):
        return Subject(Link.Kind.RUN, run=get_object_or_404(Run.objects.of(workspace), number=run))
    if collection := as_number(data.get("collection") or ""):
        rows = Collection.objects.filter(workspace=workspace)
        return Subject(Link.Kind.COLLECTION, collection=get_object_or_404(rows, pk=collection))
    if conversation := as_number(data.get("conversation") or ""):
        talks = Conversation.objects.of(workspace)
        return Subject(Link.Kind.CONVERSATION, conversation=get_object_or_404(talks, number=conversation))
    return _pictures(workspace, data.getlist("o"))


def _pictures(workspace: Workspace, raw: Sequence[str]) -> Subject:
    wanted = dict.fromkeys(pk for pk in map(as_number, raw[: contents.MOST]) if pk)
    rows = Output.objects.of(workspace).kept().with_story().in_bulk(list(wanted))
    outputs = [rows[pk] for pk in wanted if pk in rows]
    if not outputs:
        raise Http404
    return Subject(Link.Kind.PICTURE if len(outputs) == 1 else Link.Kind.COMPARISON, outputs=outputs)


@dataclass(frozen=True)
class Made:
    """A link with its token, which nobody can be told again; empty where this very form had made it before."""

    link: Link
    token: str = field(repr=False)


def make(
    workspace: Workspace, subject: Subject, *, person: User | None, key: uuid.UUID, fields: Mapping[str, Any]
) -> Made:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    try:
        with transaction.atomic():
            link = Link.objects.create(
                workspace=workspace, created_by=person, token_hash=Link.hash_of(token), submission_key=key,
                gathered_at=timezone.now(), **subject.fields, **fields,
            )  # fmt: skip
            contents.number(link, [output.pk for output in subject.outputs])
            contents.catch_up(link)
    except IntegrityError:
        return Made(get_object_or_404(Link.objects.of(workspace).with_sources(), submission_key=key), "")
    return Made(link, token)


def rotate(link: Link, *, key: uuid.UUID) -> Made:
    """A new address; the one before leads nowhere from now on."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    rows = Link.objects.filter(pk=link.pk).exclude(submission_key=key)
    is_new = rows.update(token_hash=Link.hash_of(token), submission_key=key)
    return Made(link, token if is_new else "")


def change(link: Link, fields: Mapping[str, Any], *, with_new: bool = False) -> None:
    """With `with_new`, what came into its run or conversation since is shown too."""
    with transaction.atomic():
        for name, value in fields.items():
            setattr(link, name, value)
        if with_new:
            link.gathered_at = timezone.now()
            contents.catch_up(link)
        link.save(update_fields=[*fields, "gathered_at"])


def end(link: Link) -> None:
    """From now on its address shows nothing."""
    Link.objects.filter(pk=link.pk, ended_at=None).update(ended_at=timezone.now())


def reopen(link: Link) -> None:
    Link.objects.filter(pk=link.pk).update(ended_at=None)


def forget_old() -> None:
    """Erase links that were ended long enough ago, and what was only noted to count by."""
    now = timezone.now()
    Link.objects.filter(ended_at__lt=now - ENDED_KEPT).delete()
    Visit.objects.filter(day__lt=timezone.localdate() - timedelta(days=1)).delete()
    Knock.objects.filter(began_at__lt=now - LONGEST).delete()
