"""Settings from the environment, in one file. A missing or odd value stops the start; docs/operations.md lists them."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from .environment import env, ports, storage, whole_number

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://127.0.0.1:{whole_number('PORT', 8000)}")
SERVED_BY_TLS = urlsplit(PUBLIC_URL).scheme == "https"

SECRET_KEY = env.str("SECRET_KEY")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY has fewer than 50 characters.")
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
ROOT_URLCONF = "aicc_console.urls"
WSGI_APPLICATION = "aicc_console.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SITE_NAME = "AICC Console"

INSTALLED_APPS = [
    "tenants",  # before Django's own: it replaces the commands migrate and flush
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "django_htmx",
    "csp",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "encrypted_fields",
    "marketing",
    "importer",
    "importer.smartcare",
    "aicc_console.administration",
    "aicc_console",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "aicc_console.caching.keep_nothing",  # after static files, which may be kept
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "aicc_console.addresses.AddressMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tenants.sign_in.FirstPassword",
    "tenants.middleware.TenancyMiddleware",  # last: it needs the caller, everything after it needs the tenant
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# Database: the application's role. Only `migrate` and the test runner are given the owner's URL as well.
DATABASES = {"default": env.db_url("DATABASE_URL")}
if "postgresql" not in DATABASES["default"].get("ENGINE", ""):
    raise ImproperlyConfigured("DATABASE_URL must be a postgresql:// address.")
DATABASES["default"] |= {
    "ATOMIC_REQUESTS": True,
    "CONN_MAX_AGE": 60,
    "CONN_HEALTH_CHECKS": True,
    "DISABLE_SERVER_SIDE_CURSORS": env.bool("DB_TRANSACTION_POOLER", default=False),
}
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
if env.bool("DB_TRANSACTION_POOLER", default=False) is False:
    DATABASES["default"]["OPTIONS"].setdefault(
        "options", "-c lock_timeout=5s -c statement_timeout=60s -c idle_in_transaction_session_timeout=120s"
    )
if "TEST_DATABASE" in os.environ:
    DATABASES["default"]["TEST"] = {"NAME": env.str("TEST_DATABASE")}
DATABASE_OWNER = env.db_url("DATABASE_OWNER_URL") if os.environ.get("DATABASE_OWNER_URL") else None

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if os.environ.get("CACHE_URL"):
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": env.str("CACHE_URL")},
    }

STORAGES = {
    "default": storage(env.str("STORAGE_URL", default=(VAR_DIR / "storage").as_uri())),
    "staticfiles": {
        "BACKEND": env.str("STATICFILES_BACKEND", default="whitenoise.storage.CompressedManifestStaticFilesStorage")
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440  # bytes, files not counted
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_200  # a page of 1,000 selected recipients and the form around it
DATA_UPLOAD_MAX_NUMBER_FILES = 2

# People
AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = ["tenants.sign_in.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in [
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
    ]
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "tenants.sign_in.Adapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login": "100/m/ip", "login_failed": "20/10m/ip,5/10m/key"}
SESSION_COOKIE_AGE = 12 * 3600  # seconds
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
PASSWORD_RESET_TIMEOUT = 3600  # seconds

PROXY_COUNT = whole_number("PROXY_COUNT", 0)  # of our own, in front of the web server

LOOPBACK_PORTS = ports("LOOPBACK_PORTS")  # of this machine, that the trustlist may name: make run's own demo servers

# Secrets at rest (django-fernet-encrypted-fields): derived from SECRET_KEY, the first salt encrypts, all decrypt
SALT_KEY = env.list("SALT_KEY", default=["aicc-console"])

# What the browser is told
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SERVED_BY_TLS
SESSION_COOKIE_NAME = "__Host-session" if SERVED_BY_TLS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SERVED_BY_TLS else "csrf"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if SERVED_BY_TLS else []
CSRF_FAILURE_VIEW = "aicc_console.errors.csrf_failure"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SERVED_BY_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SERVED_BY_TLS
SECURE_SSL_REDIRECT = SERVED_BY_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SERVED_BY_TLS else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# Languages and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME, LANGUAGE_COOKIE_AGE = "language", 365 * 24 * 3600  # seconds: who chose one finds it again
LANGUAGE_COOKIE_SAMESITE, LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SECURE = "Lax", True, SERVED_BY_TLS
USE_I18N = USE_TZ = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = ["aicc_console.formats"]
TIME_ZONE = "UTC"

# REST
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "tenants.middleware.BearerAuthentication",
        "tenants.middleware.PersonAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["tenants.access.ApiAccess"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["aicc_console.strict_json.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "aicc_console.api.OneFormat",
    "DEFAULT_METADATA_CLASS": "aicc_console.api.NoMetadata",
    "DEFAULT_PAGINATION_CLASS": "aicc_console.api.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "aicc_console.schema.ConsoleSchema",
    "EXCEPTION_HANDLER": "aicc_console.api.problem_response",
    "URL_FORMAT_OVERRIDE": None,  # ?format= is ours
    "COERCE_DECIMAL_TO_STRING": False,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_TTL": None, "TOKEN_PREFIX": "aicc_"}
KNOX_TOKEN_MODEL = "tenants.ApiToken"  # noqa: S105
MIGRATION_MODULES = {"knox": None}  # or its unused table stays, and breaks TRUNCATE between tests
SPECTACULAR_SETTINGS = {
    "TITLE": "AICC console API",
    "DESCRIPTION": "Marketing tasks, their recipients, and imports of recipients.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "AUTHENTICATION_WHITELIST": [
        "tenants.middleware.BearerAuthentication",
        "tenants.middleware.PersonAuthentication",
    ],
    "WEBHOOKS": [f"aicc_console.webhook_schema.{name}" for name in ("IMPORT", "CARE_DAY", "SERVER_IMPORT")],
    "ENUM_NAME_OVERRIDES": {
        "MediumEnum": "marketing.channels.Medium.choices",
        "TaskStateEnum": "marketing.states.TaskState.choices",
        "ImportStatusEnum": "importer.states.ImportState.choices",
        "DeliveryStateEnum": "tenants.webhooks.states.DeliveryState.choices",
    },
}

# Jobs. The database is the truth, the broker a hint: a lost message costs a reaper's round, nothing else.
CELERY_BROKER_URL = env.str("BROKER_URL")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,  # seconds: five times the hard limit of a job
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 30,
}
if "socket" in CELERY_BROKER_URL.partition("://")[0]:
    del CELERY_BROKER_TRANSPORT_OPTIONS["socket_keepalive"]  # a unix socket has none
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True  # attempts are capped in the database
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120  # seconds; a chunk takes two, and a killed one is taken up again
CELERY_TASK_SOFT_TIME_LIMIT = 90  # seconds
CELERY_WORKER_MAX_TASKS_PER_CHILD = 2_000
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 300_000  # KiB
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}
CELERY_TASK_CREATE_MISSING_QUEUES = True
QUEUE_PREFIX = env.str("QUEUE_PREFIX", default="")
CELERY_TASK_DEFAULT_QUEUE = f"{QUEUE_PREFIX}interactive"
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 2  # seconds
CELERY_BEAT_SCHEDULE = {  # a message that waited for so long that others came after it is dropped
    name: {"task": task, "schedule": seconds, "options": {"expire_seconds": max(10, int(seconds))}}
    for name, seconds, task in (
        ("reap", 2.0, "importer.jobs.reap"),
        ("complete-overdue", 60.0, "importer.jobs.complete_overdue"),
        ("begin-scheduled", 30.0, "importer.jobs.begin_scheduled"),
        ("purge", 3600.0, "importer.jobs.purge"),
        ("deliver-webhooks", 5.0, "tenants.webhooks.jobs.deliver_due"),
        ("collect-care", 10.0, "importer.smartcare.jobs.collect_due"),
        ("purge-care", 3600.0, "importer.smartcare.jobs.purge"),
    )
}

# Imports
LEASE_SECONDS = whole_number("LEASE_SECONDS", 8)  # how long a silent worker keeps an import
CHUNK_ROWS = whole_number("CHUNK_ROWS", 2_000)  # rows per transaction

# SmartCare
SMARTCARE_PAGE_ROWS = whole_number("SMARTCARE_PAGE_ROWS", 5_000)  # customers asked for at a time
SMARTCARE_LEASE_SECONDS = whole_number("SMARTCARE_LEASE_SECONDS", 120)  # how long a silent worker keeps a collection

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "aicc_console.logs.formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"celery": {"level": "WARNING"}, "kombu": {"level": "WARNING"}, "asyncssh": {"level": "WARNING"}},
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SILENCED_SYSTEM_CHECKS = [] if SERVED_BY_TLS else ["security.W004", "security.W008", "security.W012", "security.W016"]
