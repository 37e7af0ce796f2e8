"""Getting ready: everything that must be true before a process is started.

Each function either makes its part true or raises `ImproperlyConfigured` with one sentence for the person at the
terminal. Nothing here leaves a process running.
"""

import errno
import hashlib
import re
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

import redis
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import InvalidStorageError, storages
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from playground.accounts.models import User

WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # listened on: reached at


def folders() -> Path:
    """Make the data folder, private to its owner, and return the folder for what the running processes need."""
    run = settings.DATA / "run"
    try:
        settings.DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
        run.mkdir(mode=0o700, exist_ok=True)
        settings.MEDIA_ROOT.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"PLAYGROUND_DATA must be a folder that can be written to, not '{settings.DATA}' ({error.strerror})."
        ) from error
    return run


# --- Addresses ------------------------------------------------------------------------------------------------


def reached_at(host: str) -> str:
    """The address under which this machine reaches a server that listens on `host`."""
    return WILDCARDS.get(host, host)


def check_web_address() -> None:
    """Refuse a port that is taken, and an address that is not this machine's."""
    problem = _why_not(settings.HOST, settings.PORT)
    if problem == errno.EADDRINUSE:
        raise ImproperlyConfigured(
            f"Port {settings.PORT} is in use: stop the program that listens there, or choose another with PORT=8080."
        )
    if problem == errno.EACCES:
        raise ImproperlyConfigured(
            f"PORT must be one that this account may open (usually from 1024 on), not '{settings.PORT}'."
        )
    if problem is not None:
        raise ImproperlyConfigured(f"HOST must be an address of this machine, not '{settings.HOST}'.")


def simulator_port(environment: Mapping[str, str]) -> int | None:
    """The port for our own simulator; None when a key makes it needless or an address says that one runs already.

    A port that the owner chose is kept; the default one gives way to a free one.
    """
    if not settings.SIMULATED or environment.get("SIMULATOR_URL"):
        return None
    wanted = int(settings.SIMULATOR_PORT)
    if wanted != settings.PORT and _why_not("127.0.0.1", wanted) is None:
        return wanted
    if environment.get("SIMULATOR_PORT"):
        raise ImproperlyConfigured(
            f"SIMULATOR_PORT {wanted} is in use: choose another, or leave it out and a free one is taken."
        )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _why_not(host: str, port: int) -> int | None:
    """The error number of listening there; None when it works."""
    try:
        family, kind, _protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            # As the servers do it: a port that a moment ago had connections is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, UnicodeError) as error:
        return getattr(error, "errno", None) or errno.EINVAL
    return None


# --- Database and queue ---------------------------------------------------------------------------------------


def check_database() -> None:
    """Open the database once: without the pool, which would try again and again before it said no."""
    probe = connection.copy()
    probe.settings_dict["OPTIONS"].pop("pool", None)
    try:
        probe.ensure_connection()
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        raise ImproperlyConfigured(
            f"DATABASE_URL must name a database that can be opened, and {_without_secrets(settings.DATABASE_URL)} "
            f"cannot: {reason}"
        ) from error
    finally:
        probe.close()


def check_queue() -> None:
    if not settings.REDIS_URL:
        return
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=5, socket_timeout=5) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        raise ImproperlyConfigured(
            f"REDIS_URL must name a Redis that answers, and {_without_secrets(settings.REDIS_URL)} does not: {error}"
        ) from error


def _without_secrets(url: str) -> str:
    return re.sub(r"//[^/]*@", "//", url)


def check_media() -> None:
    """A storage that can't even be made is a wrong setting; whether it answers is seen when a picture is kept."""
    try:
        storages["default"]
    except (InvalidStorageError, ImproperlyConfigured, TypeError, ValueError) as error:
        raise ImproperlyConfigured(
            f"MEDIA_STORAGE and MEDIA_STORAGE_OPTIONS must name a storage that can be opened: {error}"
        ) from error


def migrate() -> None:
    """Bring the database up to date; quick when it already is."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)


def check_who_may_use_it() -> None:
    """Anywhere but on a loopback address: only behind a login, and only under names that the owner gave."""
    if settings.LOCAL_MODE:
        return
    if settings.HOST in WILDCARDS and not settings.PUBLIC_NAMES:
        raise ImproperlyConfigured(
            f"HOST={settings.HOST} needs ALLOWED_HOSTS: the names or addresses, separated by commas, under which "
            "people will open Darkroom."
        )
    people = User.objects.filter(is_active=True)
    if not any(person.has_usable_password() for person in people.only("password").iterator()):
        raise ImproperlyConfigured(
            "Other machines could reach Darkroom at this address, so it needs a login first: make an account with "
            "'make user NAME=yourname', then start again."
        )


# --- Static files ---------------------------------------------------------------------------------------------


def collect_static(run: Path) -> None:
    """Copy, name by content and compress the static files, unless they are those of the last start."""
    stamp = run / "static-files"
    wanted = _fingerprint()
    built = settings.STATIC_ROOT / "staticfiles.json"
    if built.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(wanted)


def _fingerprint() -> str:
    digest = hashlib.sha256(settings.STATIC_URL.encode())
    for line in sorted(_static_files()):
        digest.update(line.encode())
    return digest.hexdigest()


def _static_files() -> Iterator[str]:
    for finder in finders.get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            yield f"{path} {found.st_size} {found.st_mtime_ns}\n"
