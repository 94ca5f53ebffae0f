"""Every setting of the web, worker and executor processes, read from the environment."""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

from samplecase.contracts.labels import FieldType
from samplecase.contracts.states import DeploymentState, JobState, OnExisting, Source
from samplecase.web import env
from samplecase.web.accounts.logs import FORMATTERS

# Where things lie ------------------------------------------------------------------------------------------------

_default_home = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "samplecase"
DATA_DIR = env.folder(
    "DATA_DIR", _default_home, "Where the embedded database, the blobs and the secret key lie."
)
DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)

DATABASE_URL = env.secret(
    "DATABASE_URL",
    f"sqlite:///{DATA_DIR / 'samplecase.sqlite3'}",
    "The database, as `postgres://user:password@host:port/name`. Without it, SQLite in the data folder.",
)
BLOB_URL = env.secret(
    "BLOB_URL",
    f"file://{DATA_DIR / 'blobs'}",
    "The blob store, as `s3://ACCESS:SECRET@host:port/bucket?secure=1`. Without it, the data folder.",
)
WORK_DIR = env.folder(
    "WORK_DIR",
    DATA_DIR / "work",
    "Where the executor keeps unpacked packages, environments and scratch folders.",
)


def _secret_key() -> str:
    """The key of the settings, else one made at first start and kept in the data folder."""
    given = env.secret(
        "SECRET_KEY", "", "Signs sessions and cursors. Without it, one is made and kept in the data folder."
    )
    if given:
        return given
    path = DATA_DIR / "secret_key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_text().strip()
        if not key:
            raise ImproperlyConfigured(f"{path} is empty: delete it, or set SAMPLECASE_SECRET_KEY") from None
        return key
    with os.fdopen(handle, "w") as file:
        key = secrets.token_urlsafe(50)
        file.write(key)
    return key


# Web ---------------------------------------------------------------------------------------------------------------

SECRET_KEY = _secret_key()
DEBUG = env.flag("DEBUG", False, "Show tracebacks in the browser. Never on a server that others can reach.")
ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS",
    ["localhost", "127.0.0.1", "[::1]"],
    "Host names under which the server may be asked, with commas.",
)
CSRF_TRUSTED_ORIGINS = env.words(
    "TRUSTED_ORIGINS",
    [],
    "Origins such as `https://samplecase.example.org`, when a proxy ends TLS, with commas.",
)
HTTPS = env.flag(
    "HTTPS", False, "The server is reached over HTTPS (a proxy ends TLS): secure cookies and HSTS."
)
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_ENGINE = "samplecase.web.accounts.sessions"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "samplecase.web.pages.faults.csrf_failure"
X_FRAME_OPTIONS = "DENY"

ROOT_URLCONF = "samplecase.web.urls"
WSGI_APPLICATION = "samplecase.web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.guardian",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "guardian",
    "knox",
    "django_q",
    "samplecase.web.accounts",
    "samplecase.web.uploads",
    "samplecase.web.sharing",
    "samplecase.web.pages",
    "datasets_app",
    "models_app",
    "jobs_app",
]
MIDDLEWARE = [
    "samplecase.web.pages.request_ids.RequestIds",
    "samplecase.web.pages.measured.Measured",
    "django.middleware.security.SecurityMiddleware",
    "samplecase.web.pages.middleware.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "samplecase.web.pages.middleware.NotedSessions",
    "samplecase.web.pages.middleware.AddedSlash",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# The bundle that Vite builds lies in the package; whitenoise finds it without a collectstatic step, and Vite's own
# hashes make names that never change their content.
STATIC_URL = "/static/"
STATICFILES_DIRS = [Path(__file__).resolve().parent.parent / "static"]
STATICFILES_DIRS[0].mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/samplecase/assets/.+-[\w-]{8,}\.\w+$"

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Samplecase",
    "SITE_HEADER": "Samplecase",
    "SITE_SUBHEADER": "Administration",
    "SITE_URL": "/",
    "SITE_ICON": lambda request: static("pages/logo.svg"),
    "SHOW_HISTORY": False,
    "COLORS": {  # the page's petrol, light to dark
        "primary": {
            "50": "#e9f6f6",
            "100": "#d2eaea",
            "200": "#a5d5d6",
            "300": "#74bfc0",
            "400": "#4faeaf",
            "500": "#35a0a2",
            "600": "#1e8486",
            "700": "#0f6f72",
            "800": "#0a5b5e",
            "900": "#05464a",
            "950": "#032c2f",
        }
    },
}

# Database ------------------------------------------------------------------------------------------------------------

# Kept connections are tried before they are used again: otherwise a restart of the database fails one request each.
DATABASES: dict[str, dict[str, Any]] = {
    "default": dict(dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True))
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # DEFERRED transactions lose writes to "database is locked"; see docs/architecture.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
            "PRAGMA cache_size=-16384; PRAGMA wal_autocheckpoint=4000;"  # 16 MiB per connection; pages
        ),
    }
elif DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("SAMPLECASE_DATABASE_URL must begin with sqlite:// or postgres://")

# People --------------------------------------------------------------------------------------------------------------

SIGN_UP = env.flag(
    "SIGN_UP", False, "Let anybody who reaches the server make an account. Off: people come by invitation."
)
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None  # guardian: no row for people who are not signed in; they see nothing
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
KNOX_TOKEN_MODEL = "accounts.ApiToken"
REST_KNOX = {"TOKEN_TTL": timedelta(days=365), "TOKEN_LIMIT_PER_USER": None, "AUTO_REFRESH": False}

METRICS_TOKEN = env.secret(
    "METRICS_TOKEN",
    "",
    "Lets a scraper read `/metrics` with `Authorization: Bearer …`. Without it, staff alone, with a token of theirs.",
)

# REST ----------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "samplecase.web.accounts.authentication.TokenAuthentication",
        "samplecase.web.accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["samplecase.web.accounts.authentication.SignedInWithinScope"],
    "DEFAULT_PARSER_CLASSES": ["samplecase.web.rest.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "samplecase.web.rest.pagination.KeysetPagination",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "samplecase.web.rest.schema.ApiSchema",
    "URL_FORMAT_OVERRIDE": None,
    # Whom to count tries by: the address that the proxy saw, or the connection's own. Never a header from outside.
    "NUM_PROXIES": 1 if HTTPS else 0,
    "EXCEPTION_HANDLER": "samplecase.web.errors.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "rest_framework.renderers.MultiPartRenderer",
    ],
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Samplecase",
    "DESCRIPTION": "Datasets, models, and jobs that run models over every sample.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["samplecase.web.accounts.authentication.SignedInWithinScope"],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "samplecase.web.rest.examples.add_examples",
    ],
    "ENUM_NAME_OVERRIDES": {
        "JobStateEnum": [state.value for state in JobState],
        "DeploymentStateEnum": [state.value for state in DeploymentState],
        "OnExistingEnum": [each.value for each in OnExisting],
        "ImportOnExistingEnum": [OnExisting.SKIP.value, OnExisting.REPLACE.value],
        "FieldTypeEnum": [kind.value for kind in FieldType],
        "SourceEnum": [source.value for source in Source],
    },
}
RATE_LIMIT_USER = env.number(
    "RATE_LIMIT_USER", 12_000, "How many requests a minute one user may send to the API; 0: any number."
)
RATE_LIMIT_ADDRESS = env.number(
    "RATE_LIMIT_ADDRESS",
    1_200,
    "How many requests a minute may come to the API from one address without a user, with wrong tokens among them; "
    "0: any number.",
)
MAX_JSON_BYTES = env.number("MAX_JSON_BYTES", 16 * 2**20, "The largest JSON body of a request, in bytes.")
MAX_UPLOAD_BYTES = env.number("MAX_UPLOAD_BYTES", 8 * 2**30, "The largest upload, in bytes.")
MAX_UPLOADS_PER_USER = env.number(
    "MAX_UPLOADS_PER_USER", 20, "How many resumable uploads one user may have under way; 0: any number."
)
MAX_UPLOAD_BYTES_PER_USER = env.number(
    "MAX_UPLOAD_BYTES_PER_USER",
    32 * 2**30,
    "How many bytes the resumable uploads of one user that are under way may have together, with his files of imports "
    "of the last day; 0: any number.",
)
MAX_STORED_BYTES_PER_USER = env.number(
    "MAX_STORED_BYTES_PER_USER",
    0,
    "How many bytes may be stored for one user: the packages and samples of what he owns, and his uploads under way; "
    "0: any number.",
)
UPLOAD_EXPIRY_SECONDS = env.seconds(
    "UPLOAD_EXPIRY_SECONDS",
    24 * 3600,
    "How long a resumable upload is kept that nobody goes on with, or uses.",
)
IMPORT_ROOTS = env.folders(
    "IMPORT_ROOTS",
    "What staff may import from, with commas: folders of the server, `name=/absolute/folder`, and prefixes of S3, "
    "`name=s3://ACCESS:SECRET@host/bucket/prefix`.",
)
MAX_IMAGE_PIXELS = env.number(
    "MAX_IMAGE_PIXELS", 100_000_000, "Images with more pixels are skipped at upload."
)
REVIEW_IDLE_SECONDS = env.seconds(
    "REVIEW_IDLE_SECONDS", 600, "How long a sample of a review stays with somebody who does nothing there."
)
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_JSON_BYTES
DATA_UPLOAD_MAX_NUMBER_FILES = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "samplecase.web.rest.spools.HeldFileUploadHandler",
]
# On the data's own disk: /tmp is often small, or memory.
FILE_UPLOAD_TEMP_DIR = str(DATA_DIR / "uploads")
Path(FILE_UPLOAD_TEMP_DIR).mkdir(exist_ok=True, mode=0o700)

# Queue: a doorbell and a scheduler; the ledger is the truth -----------------------------------------------------------

WORKERS = env.number(
    "WORKERS", 2, "Processes of the worker that start jobs and do slices of imports and evaluations."
)
Q_CLUSTER: dict[str, Any] = {
    "name": "samplecase",
    "orm": "default",
    "workers": WORKERS,
    "bulk": 1,
    "queue_limit": 1,
    "timeout": 120,
    "retry": 600,
    "max_attempts": 3,
    "ack_failures": True,
    "poll": 0.2,
    "daemonize_workers": False,
    "catch_up": False,
    "label": "Queue",
}

# Executor ------------------------------------------------------------------------------------------------------------

LEASE_SECONDS = env.seconds(
    "LEASE_SECONDS", 15, "How long a chunk stays claimed without a heartbeat; the same on every host."
)
CHUNK_SIZE = env.number("CHUNK_SIZE", 512, "Samples of a job that are claimed together.")
REPLICA_IDLE_SECONDS = env.seconds("REPLICA_IDLE_SECONDS", 60, "How long a replica without work stays warm.")
REPLICA_LOAD_SECONDS = env.seconds("REPLICA_LOAD_SECONDS", 300, "How long a model may take to load.")
BATCH_SECONDS = env.seconds(
    "BATCH_SECONDS", 300, "How long a mini-batch may take before its replica counts as hung."
)
TUNE_SECONDS = env.seconds(
    "TUNE_SECONDS", 60, "How long Deploy looks for a faster plan for a no-code package at most; 0: never."
)
ERROR_THRESHOLD = env.number(
    "ERROR_THRESHOLD", 50, "A job whose first so many samples (or all, if fewer) failed is paused; 0: never."
)
MAX_JOBS_PER_USER = env.number(
    "MAX_JOBS_PER_USER", 100, "How many unfinished jobs one user may have; 0: any number."
)
MAX_REPLICAS_PER_USER = env.number(
    "MAX_REPLICAS_PER_USER",
    0,
    "How many replicas of one user's jobs one executor runs at once; 0: any number.",
)
MEDIA_CACHE_BYTES = env.number(
    "MEDIA_CACHE_BYTES",
    2 * 1024**3,
    "How much of the media of an S3 bucket each executor keeps as files, to read ahead.",
)
HOST_PYTHON = env.text(
    "HOST_PYTHON", "", "The interpreter of models without an environment of their own; empty: ours."
)
ALLOW_UNSANDBOXED = env.flag(
    "ALLOW_UNSANDBOXED",
    False,
    "Run versions uploaded by a superuser without a sandbox, even with several accounts.",
)
PACKAGE_INDEX = env.text("PACKAGE_INDEX", "", "The package index for environments; empty: uv's default.")
CONDA_MIRROR = env.text(
    "CONDA_MIRROR",
    "",
    "Where the channels of conda environments lie, as folders; empty: the installer's default.",
)

# Logging -------------------------------------------------------------------------------------------------------------

LOG_LEVEL = env.text("LOG_LEVEL", "INFO", "The least level that is logged.")
LOG_FORMAT = env.choice(
    "LOG_FORMAT",
    "text",
    ["text", "json"],
    "How lines are logged: `text` for people, or `json`, an object a line.",
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": FORMATTERS[LOG_FORMAT]}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # httpx writes whole addresses, signatures included, at INFO; the queue several lines for every task.
        "httpx": {"level": "WARNING"},
        "django-q": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
    },
}
