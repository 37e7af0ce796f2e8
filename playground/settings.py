"""Every setting of the installation, read top to bottom; each knob is an environment variable with a default.

A value that cannot be used stops the start with one sentence that names the variable (`ImproperlyConfigured`).
"""

import json
import os
import re
import secrets
import zoneinfo
from collections.abc import Callable, MutableMapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

T = TypeVar("T")
NONE_GIVEN: tuple[str, ...] = ()
BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(os.environ.get("ENV_FILE", str(BASE_DIR / ".env")))


# --- Reading the environment ----------------------------------------------------------------------------------


def _read(name: str, default: T, cast: Callable[[str], T], rule: str) -> T:
    """Return the variable's value; `rule` finishes the sentence "NAME must be ..."."""
    raw = env.str(name, default="").strip()
    if not raw:
        return default
    try:
        return cast(raw)
    except (ValueError, InvalidOperation) as error:
        shown = re.sub(r"//[^/]*@", "//***@", raw)  # an address may hold a password
        shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
        raise ImproperlyConfigured(f"{name} must be {rule}, not '{shown}'.") from error


def _within(low: float | Decimal, high: float | Decimal, kind: Callable[[str], T]) -> Callable[[str], T]:
    def cast(raw: str) -> T:
        value = kind(raw)
        if not low <= value <= high:  # type: ignore[operator]
            raise ValueError(raw)
        return value

    return cast


def _boolean(raw: str) -> bool:
    if raw.lower() in {"1", "true", "yes", "on"}:
        return True
    if raw.lower() in {"0", "false", "no", "off"}:
        return False
    raise ValueError(raw)


def _one_of(*values: str) -> Callable[[str], str]:
    known = {value.lower(): value for value in values}

    def cast(raw: str) -> str:
        if raw.lower() not in known:
            raise ValueError(raw)
        return known[raw.lower()]

    return cast


def _url(*schemes: str) -> Callable[[str], str]:
    def cast(raw: str) -> str:
        parts = urlsplit(raw)
        if parts.scheme not in schemes or not (parts.hostname or parts.scheme == "sqlite"):
            raise ValueError(raw)
        return raw

    return cast


def _urls(raw: str) -> tuple[str, ...]:
    return tuple(_url("http", "https")(part.strip()) for part in raw.split(",") if part.strip())


def _words(raw: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in raw.split(",") if part.strip())


def _json_object(raw: str) -> dict[str, Any]:
    value = json.loads(raw)
    if not isinstance(value, dict):
        raise ValueError(raw)
    return value


def _time_zone(raw: str) -> str:
    if raw not in zoneinfo.available_timezones():
        raise ValueError(raw)
    return raw


def _secret(name: str) -> str:
    """A secret from NAME, or from the file that NAME_FILE names (as container platforms hand them over)."""
    path = env.str(f"{name}_FILE", default="").strip()
    if not path:
        return str(env.str(name, default="").strip())
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE must name a readable file, not '{path}'.") from error


def _kept_secret(path: Path) -> str:
    """The installation's own secret key: made at the first start, readable by its owner only."""
    if path.exists():
        return path.read_text(encoding="utf-8").strip()
    key = secrets.token_urlsafe(64)
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o700, parents=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key)
    except OSError as error:
        if path.exists():  # another process of the same start was first
            return path.read_text(encoding="utf-8").strip()
        raise ImproperlyConfigured(
            f"PLAYGROUND_DATA must be a folder that can be written to, not '{path.parent}'."
        ) from error
    return key


# --- Where it runs --------------------------------------------------------------------------------------------

HOST = _read("HOST", "127.0.0.1", lambda raw: raw.strip("[]"), "an address to listen on")
PORT = _read("PORT", 8000, _within(1, 65535, int), "a whole number from 1 to 65535")
WEB_WORKERS = _read("WEB_WORKERS", 2, _within(1, 64, int), "a whole number from 1 to 64")
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]", "::1")
NAMES = _read("ALLOWED_HOSTS", NONE_GIVEN, _words, "host names separated by commas")
PUBLIC_NAMES = tuple(name for name in NAMES if name not in LOOPBACK_NAMES)
# One local owner, no login. A public name asks for an account too: a proxy may stand before a loopback address.
LOCAL_MODE = HOST in LOOPBACK_NAMES and not PUBLIC_NAMES
DEBUG = _read("DEBUG", False, _boolean, "true or false")
ALLOWED_HOSTS = [*PUBLIC_NAMES, f"[{HOST}]" if ":" in HOST else HOST, *LOOPBACK_NAMES[:3]]
CSRF_TRUSTED_ORIGINS = list(
    _read("CSRF_TRUSTED_ORIGINS", NONE_GIVEN, _urls, "origins such as https://pictures.example.com")
)
HTTPS = _read("HTTPS", False, _boolean, "true or false")  # served behind a proxy that speaks TLS
LOG_LEVEL = _read(
    "LOG_LEVEL", "INFO", _one_of("DEBUG", "INFO", "WARNING", "ERROR"), "DEBUG, INFO, WARNING or ERROR"
)

# --- Where things are kept ------------------------------------------------------------------------------------

DATA = Path(_read("PLAYGROUND_DATA", str(BASE_DIR / "data"), str, "a folder")).expanduser().resolve()
SECRET_KEY = _secret("SECRET_KEY") or _kept_secret(DATA / "secret_key")
# What provider keys are encrypted with; without it a file in DATA, made when the first one is saved.
ENCRYPTION_KEY = _secret("ENCRYPTION_KEY")

DATABASE_URL = _read(
    "DATABASE_URL",
    f"sqlite:///{DATA / 'playground.sqlite3'}",
    _url("sqlite", "postgres", "postgresql"),
    "an address like postgres://user:password@host/name",
)
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"] |= {
        # Threads of the web server keep their connection; the worker closes its own around each call.
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            # Every transaction takes the write lock at its start: waiting works then, upgrading a read lock does not.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # A paid call's row must be on disk before the call is sent, also if the power goes.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;",
        },
    }
else:
    # A pool, because five hundred calls in flight must not hold five hundred connections.
    DATABASES["default"]["OPTIONS"] = {
        "pool": {"min_size": 0, "max_size": 12, "timeout": 30},
        "connect_timeout": 5,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = _read("REDIS_URL", "", _url("redis", "rediss"), "an address like redis://host:6379/0")
QUEUE_FILE = DATA / "queue.sqlite3"

MEDIA_ROOT = DATA / "media"
INCOMING_ROOT = (
    DATA / "incoming"
)  # answers while they arrive; on the same disk, so that keeping one is a rename
UPLOADS_ROOT = DATA / "uploads"  # files while they are being received and examined
MIN_FREE_BYTES = 200_000_000  # below this no paid call is sent, because its picture might not fit
MEDIA_STORAGE = _read(
    "MEDIA_STORAGE", "django.core.files.storage.FileSystemStorage", str, "a dotted path to a Django storage"
)
NO_OPTIONS: dict[str, Any] = {}
MEDIA_STORAGE_OPTIONS = _read("MEDIA_STORAGE_OPTIONS", NO_OPTIONS, _json_object, "a JSON object")
STORAGES = {
    "default": {"BACKEND": MEDIA_STORAGE, "OPTIONS": MEDIA_STORAGE_OPTIONS},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False


def _as_what_they_are(headers: MutableMapping[str, str], path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


WHITENOISE_ADD_HEADERS_FUNCTION = _as_what_they_are

# --- The provider ---------------------------------------------------------------------------------------------

APIYI_API_KEY = _secret("APIYI_API_KEY")
APIYI_BASE_URL = _read("APIYI_BASE_URL", NONE_GIVEN, _urls, "http(s) addresses separated by commas") or (
    "https://api.apiyi.com",
)
PRICE_MULTIPLIER = _read(
    "PRICE_MULTIPLIER",
    Decimal(1),
    _within(Decimal("0.01"), Decimal(100), Decimal),
    "a number from 0.01 to 100",
)
PLAYGROUND_MODELS = _read("PLAYGROUND_MODELS", "", str, "a TOML file")

SIMULATOR_PORT = _read("SIMULATOR_PORT", 8001, _within(1, 65535, int), "a whole number from 1 to 65535")
SIMULATOR_SPEED = _read(
    "SIMULATOR_SPEED", 12.0, _within(0.01, 100_000, float), "a number from 0.01 to 100000"
)
SIMULATOR_SEED = _read("SIMULATOR_SEED", None, _within(0, 2**63, int), "a whole number from 0 on")
# The address that the worker calls when there is no key; another one is for a simulator that already runs.
SIMULATOR_URL = _read(
    "SIMULATOR_URL", f"http://127.0.0.1:{SIMULATOR_PORT}", _url("http", "https"), "an http(s) address"
)
SIMULATED = not APIYI_API_KEY

WORKER_CALLS = _read("WORKER_CALLS", 100, _within(1, 2000, int), "a whole number from 1 to 2000")
CALLS_PER_MINUTE = _read(
    "CALLS_PER_MINUTE", 100, _within(1, 1_000_000, int), "a whole number from 1 to 1000000"
)
# A thousand accidental posts must not become a thousand purchases: what is under way at once is bounded.
UNFINISHED_LIMIT = _read(
    "UNFINISHED_LIMIT", 600, _within(1, 1_000_000, int), "a whole number from 1 to 1000000"
)

# --- Django ---------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "csp",
    "playground.accounts",
    "playground.costs",
    "playground.runs",
    "playground.studio",
    "playground.chat",
    "playground.gallery",
    "playground.compare",
    "playground.votes",
    "playground.providers",
    "playground.sharing",
    "playground.launch",
]
MIDDLEWARE = [
    "playground.studio.polls.QuietPolls",
    # Before the headers that are for pages: with twenty files to a page, they weigh as much as a file.
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "playground.launch.compression.PageCompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "playground.accounts.middleware.WorkspaceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "playground.urls"
WSGI_APPLICATION = "playground.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "playground.launch.context.chrome",
            ],
            "builtins": [
                "playground.runs.templatetags.darkroom",
                "django.templatetags.cache",
                "django.templatetags.i18n",
                "django.templatetags.static",
            ],
        },
    },
    {
        # For the pages of the gallery, and what others show by the dozen: it draws that in a third of the time.
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "jinja2"],
        "OPTIONS": {"environment": "playground.launch.jinja.environment"},
    },
]

# Parts of pages that are the same for everybody: each process keeps its own, and none where templates change.
_CACHE = "dummy.DummyCache" if DEBUG else "locmem.LocMemCache"
CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{_CACHE}"}}

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "studio:index"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = _read("LANGUAGE_CODE", "en", _one_of("en", "zh-hans"), "en or zh-hans")
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = _read("TIME_ZONE", "UTC", _time_zone, "a time zone such as Europe/Berlin")
USE_TZ = True

# --- Who may do what with the pages ---------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "img-src": [SELF, "data:", "blob:"],
        "style-src": [SELF],
        "script-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
# Every file goes to disk while it comes, and no further than this: nothing that is uploaded is held in memory.
FILE_UPLOAD_HANDLERS = ["playground.runs.receiving.SpoolingUploadHandler"]
UPLOAD_MEGABYTES = 50
DATA_UPLOAD_MAX_NUMBER_FILES = 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_100  # a selection of a thousand pictures, and what is done with it
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000  # a prompt of 32,000 characters with every control fits many times

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # Without the addresses of links: whoever reads one in a log sees what it shows.
    "formatters": {
        "line": {"()": "playground.sharing.quiet.Formatter", "format": "%(levelname)s %(name)s: %(message)s"}
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    # httpx writes each address that it calls; picture links are secrets of their owner for a day.
    "loggers": {
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "huey": {"level": "WARNING"},
        # A foreign Host header is answered with 400; anybody could fill the log with it.
        "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
    },
}
