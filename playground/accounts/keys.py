"""Provider keys at rest: encrypted in the database, by a secret that is not in it.

The secret is the setting ENCRYPTION_KEY, or a file in the data folder that is made when the first key is saved. It
may hold several, separated by spaces or line ends: the first encrypts, all of them decrypt, so a new one can be put
in front of an old one. A copy of the database alone gives no key away; without the secret every key must be entered
again.
"""

import base64
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

FILE_NAME = "encryption_key"
SHOWN_CHARACTERS = 4
# A key as short as this would be given away by its last four characters.
SHORTEST_SHOWN = 12


class KeyLostError(Exception):
    """A stored key can't be decrypted: it was stored under another secret."""


def seal(key: str) -> str:
    """The key as it may lie in the database."""
    return _box().encrypt(key.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """The key of what `seal` returned; raises KeyLostError."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise KeyLostError from error


def last_characters(key: str) -> str:
    """All of a key that a page may show; nothing of a short one."""
    return key[-SHOWN_CHARACTERS:] if len(key) >= SHORTEST_SHOWN else ""


def _box() -> MultiFernet:
    return MultiFernet([_fernet(secret) for secret in _secrets()])


def _fernet(secret: str) -> Fernet:
    """Any long text serves as the secret: 32 bytes are derived from it."""
    derived = HKDF(SHA256(), length=32, salt=None, info=b"darkroom connection keys").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def _secrets() -> list[str]:
    if settings.ENCRYPTION_KEY:
        return str(settings.ENCRYPTION_KEY).split()
    path = settings.DATA / FILE_NAME
    return (path if path.exists() else _made(path)).read_text(encoding="utf-8").split()


def _made(path: Path) -> Path:
    """Make the file, readable by its owner only. Where several processes try at once, one of them wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(64) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # fails where the file is there already, and is whole from its first moment
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    return path
