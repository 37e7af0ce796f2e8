"""What people put on pictures: a star, a rating, tags, a place in a collection. Each act takes ids and may be repeated.

Ids that are not the workspace's, or lie in the bin, are left out; each act returns how many it reached.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from playground.accounts.models import Workspace
from playground.gallery import shelving
from playground.gallery.models import BEST, Collection, Picture, Placing, Tag, Tagging

MOST_AT_ONCE = 1000  # what a form can post, and a transaction can do in a moment


def chosen(workspace: Workspace, ids: Sequence[int]) -> list[int]:
    """Those of these ids that name pictures which the workspace has and shows."""
    rows = Picture.objects.of(workspace).shown().filter(pk__in=ids[:MOST_AT_ONCE])
    return list(rows.order_by("pk").values_list("pk", flat=True))


def favour(workspace: Workspace, ids: Sequence[int], *, is_favourite: bool = True) -> int:
    return _change(workspace, ids, is_favourite=is_favourite)


def rate(workspace: Workspace, ids: Sequence[int], rating: int) -> int:
    """From 1 to 5; 0 takes the rating away."""
    return _change(workspace, ids, rating=min(max(rating, 0), BEST))


def _change(workspace: Workspace, ids: Sequence[int], **fields: Any) -> int:
    with transaction.atomic():
        pks = chosen(workspace, ids)
        Picture.objects.filter(pk__in=pks).update(**fields)
        shelving.describe_again(pks)
    return len(pks)


def tag(workspace: Workspace, ids: Sequence[int], names: str) -> int:
    """Put tags on, by their names between commas; a name that is new becomes a tag."""
    tags = [_named(Tag, workspace, name) for name in _names(names)]
    return _add(Tagging, "tag", tags, workspace, ids)


def untag(workspace: Workspace, ids: Sequence[int], tag_id: int) -> int:
    return _remove(Tagging, {"tag_id": tag_id, "tag__workspace": workspace}, workspace, ids)


def collect(workspace: Workspace, ids: Sequence[int], name: str) -> int:
    """Put into the collection of this name, which is made if need be."""
    collections = [_named(Collection, workspace, one) for one in [" ".join(name.split())] if one]
    return _add(Placing, "collection", collections, workspace, ids)


def take_out(workspace: Workspace, ids: Sequence[int], collection_id: int) -> int:
    where = {"collection_id": collection_id, "collection__workspace": workspace}
    return _remove(Placing, where, workspace, ids)


def _names(text: str) -> list[str]:
    """Between commas, also Chinese ones."""
    return [name for each in text.replace("，", ",").split(",") if (name := " ".join(each.split()))]


def _named(model: Any, workspace: Workspace, name: str) -> Any:
    name = name.replace("\x00", "")[: model._meta.get_field("name").max_length]
    key = name.casefold()[: model._meta.get_field("key").max_length]
    return model.objects.get_or_create(workspace=workspace, key=key, defaults={"name": name})[0]


def _add(model: Any, field: str, marks: Sequence[Any], workspace: Workspace, ids: Sequence[int]) -> int:
    with transaction.atomic():
        pks = chosen(workspace, ids) if marks else []
        rows = [model(**{field: mark, "picture_id": pk}) for mark in marks for pk in pks]
        model.objects.bulk_create(rows, ignore_conflicts=True)
        shelving.describe_again(pks)
    return len(pks)


def _remove(model: Any, where: dict[str, Any], workspace: Workspace, ids: Sequence[int]) -> int:
    with transaction.atomic():
        pks = chosen(workspace, ids)
        model.objects.filter(**where, picture__in=pks).delete()
        shelving.describe_again(pks)
    return len(pks)
