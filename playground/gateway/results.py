"""From what an answer holds to pictures in files, or to the error that says why there are none."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from playground.gateway.answer import Picture
from playground.gateway.blobs import PICTURE, Base64Writer, Blob, DiskError
from playground.gateway.errors import Billed, ErrorKind, ProviderError, failure
from playground.gateway.failures import from_answer
from playground.gateway.links import LinkError, LinkFetcher, link_host
from playground.gateway.pictures import examine, is_complete
from playground.gateway.reading import Found, Inline, Link, Source
from playground.gateway.redaction import redact, without_secrets


@dataclass
class Collected:
    """Pictures that can be shown, files that are no pictures, links that could not be fetched."""

    pictures: list[Picture] = field(default_factory=list)
    useless: list[Path] = field(default_factory=list)
    unfetched: list[str] = field(default_factory=list)
    used_links: list[str] = field(default_factory=list)
    why_unfetched: str = ""


def collect(
    sources: Iterable[Source], links: LinkFetcher, *, into: Path, trusted: Iterable[str]
) -> Collected:
    """Every source as a file. Raises NOT_SAVED, with links to fetch later, when the disk refuses."""
    collected, wanted = Collected(), list(sources)
    for source in wanted:
        try:
            blob = _blob(source, links, into, trusted)
        except LinkError as error:
            collected.unfetched.append(source.url if isinstance(source, Link) else "")
            collected.why_unfetched = str(error)
            continue
        except DiskError as error:
            urls = [each.url for each in wanted if isinstance(each, Link)]
            saved = [picture.path for picture in collected.pictures]
            raise failure(ErrorKind.NOT_SAVED, links=urls, kept=saved + collected.useless) from error
        link = source.url if isinstance(source, Link) else ""
        if link:
            collected.used_links.append(link)
        picture = picture_of(blob)
        if picture is None:
            collected.useless.append(blob.path)
        else:
            collected.pictures.append(replace(picture, link=link))
    return collected


def picture_of(blob: Blob) -> Picture | None:
    """The picture in a file, which gets its format's ending; None when it is no picture or not whole."""
    facts = examine(blob.path) if blob.is_whole else None
    if facts is None:
        return None
    path = blob.path.rename(blob.path.with_suffix(f".{facts.format}"))
    return Picture(
        path, blob.sha256, blob.byte_size, facts.format, facts.width, facts.height, facts.has_alpha
    )


def is_picture(blob: Blob) -> bool:
    """Is this file a picture, all of it?"""
    return blob.is_whole and examine(blob.path) is not None


def left_behind(folder: Path) -> tuple[Picture, ...]:
    """The pictures in the folder of a call whose process died before it could return them; only whole ones.

    A preview is none: events that are not known to be the last have files of another name.
    """
    paths = sorted(folder.glob(f"{PICTURE}*"), key=lambda path: path.stat().st_mtime_ns)
    found = (picture_of(_as_blob(path)) for path in paths if is_complete(path))
    return tuple(picture for picture in found if picture is not None)


def _as_blob(path: Path) -> Blob:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Blob(path, sha256, path.stat().st_size, is_whole=True)


def saved(source: Source | None, into: Path) -> Blob | None:
    """The bytes of an answer in a file; None for what would have to be fetched."""
    if isinstance(source, Inline):
        return _decoded(source, into)
    return source if isinstance(source, Blob) else None


def words_of(found: Found, key: str) -> str | None:
    """What the model said, in full, as it may be shown and stored."""
    return without_secrets(found.text, key) or None if found.text else None


def is_words(found: Found, collected: Collected) -> bool:
    """The model answered in words, and nothing else came."""
    return bool(found.text) and not (found.complaint or collected.useless or collected.unfetched)


def no_picture(
    found: Found, collected: Collected, *, status: int, sent_fields: Collection[str], key: str, host: str
) -> ProviderError:
    """Why an answer that says "success" has nothing to show. What was paid for stays within reach."""
    said = redact(found.text or "", key)
    if collected.unfetched:
        return link_failed(collected.unfetched, collected.why_unfetched, kept=collected.useless)
    if collected.useless:
        billed = Billed.YES if collected.used_links else None
        return failure(
            ErrorKind.NOT_A_PICTURE,
            billed=billed,
            provider_message=said,
            links=collected.used_links,
            kept=collected.useless,
        )
    if found.complaint:
        return from_answer(found.complaint, status=status, sent_fields=sent_fields, key=key, host=host)
    return failure(ErrorKind.NO_IMAGE)


def link_failed(links: Sequence[str], reason: str, *, kept: Sequence[Path] = ()) -> ProviderError:
    """The message names the host alone: whoever has the link has the picture."""
    return failure(
        ErrorKind.PICTURE_LINK_FAILED,
        values={"host": link_host(links[0]), "reason": reason},
        links=links,
        kept=kept,
    )


def _blob(source: Source, links: LinkFetcher, into: Path, trusted: Iterable[str]) -> Blob:
    if isinstance(source, Blob):
        return source
    if isinstance(source, Link):
        return links.fetch(source.url, into=into, trusted=trusted)
    return _decoded(source, into)


def _decoded(source: Inline, into: Path) -> Blob:
    writer = Base64Writer(into)
    try:
        writer.feed(source.text.encode("utf-8", errors="replace"))
        return writer.close()
    except DiskError:
        writer.discard()
        raise
