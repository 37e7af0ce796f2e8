"""Combinations of settings that work, and that the owner would not want if he knew.

Run by `manage.py check` and at every start. A value that can't work at all is refused by the settings themselves.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

TAG = "launch"
NETWORK_FILE_SYSTEMS = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "fuse.sshfs",
    "afs",
    "ceph",
    "glusterfs",
}


@register(TAG)
def debug_in_public(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """DEBUG pages show settings and source to whoever causes an error."""
    if not settings.DEBUG or settings.LOCAL_MODE:
        return []
    return [
        Warning(
            "DEBUG is on while other machines can reach Darkroom.", hint="Leave DEBUG out.", id="launch.W001"
        )
    ]


@register(TAG)
def passwords_in_clear(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.LOCAL_MODE or settings.HTTPS:
        return []
    return [
        Warning(
            "People log in over plain HTTP, so their passwords can be read on the way.",
            hint="Put a proxy that speaks TLS before Darkroom, and set HTTPS=true.",
            id="launch.W002",
        )
    ]


@register(TAG)
def key_in_clear(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    addresses = [url for url in settings.APIYI_BASE_URL if url.startswith("http://")]
    if settings.SIMULATED or not addresses:
        return []
    return [
        Warning(
            f"The provider's key is sent unencrypted to {', '.join(addresses)}.",
            hint="Use the https:// address in APIYI_BASE_URL.",
            id="launch.W003",
        )
    ]


@register(TAG)
def sqlite_on_a_network_disk(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """SQLite's write-ahead log needs shared memory, which network file systems do not have."""
    if not _uses_sqlite() or _file_system(settings.DATA) not in NETWORK_FILE_SYSTEMS:
        return []
    return [
        Warning(
            f"The SQLite database lies on a network disk ({settings.DATA}), where it can be damaged.",
            hint="Move PLAYGROUND_DATA to a local disk, or set DATABASE_URL to a PostgreSQL.",
            id="launch.W004",
        )
    ]


@register(TAG)
def shared_queue_but_own_database(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    if not settings.REDIS_URL or not _uses_sqlite():
        return []
    return [
        Warning(
            "The queue is on Redis, but the database is a file of this machine: workers elsewhere would not see it.",
            hint="Set DATABASE_URL to a PostgreSQL as well, or leave REDIS_URL out.",
            id="launch.W005",
        )
    ]


def _uses_sqlite() -> bool:
    return str(settings.DATABASES["default"]["ENGINE"]).endswith("sqlite3")


def _file_system(folder: Path) -> str:
    """The kind of file system that holds the folder, as Linux names it; empty where that can't be told."""
    try:
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    except OSError:
        return ""
    holding = [(len(point), kind) for _device, point, kind, *_ in mounts if folder.is_relative_to(point)]
    return max(holding, default=(0, ""))[1]
