"""Django's settings: what is fixed stands here, what may differ comes from project.environment."""

from datetime import timedelta

from celery.schedules import schedule

from mqtt_app import queues
from project import build
from project.environment import BASE_DIR, environment, listed
from project.logs import logging_config

SECRET_KEY = environment.secret_key.get_secret_value()
DEBUG = environment.debug
ALLOWED_HOSTS = listed(environment.allowed_hosts)
CSRF_TRUSTED_ORIGINS = listed(environment.csrf_trusted_origins)
TRUSTED_PROXIES = listed(environment.trusted_proxies)

INSTALLED_APPS = [
    "project.admin.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "ninja",  # serves the API docs from here, not from a CDN
    "django_celery_beat",
    "axes",
    "django_otp",
    "sites",
    "mqtt_app",
    "project.local",
]

MIDDLEWARE = [
    "project.visitors.Numbered",
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "project.visitors.OnRecord",
    "project.second_factor.Required",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "project.urls"
ASGI_APPLICATION = "project.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "project/templates"],
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

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
FRONTEND_DIST = BASE_DIR / "frontend/dist"
STATICFILES_DIRS = [BASE_DIR / "project/static", *([("frontend", FRONTEND_DIST)] if FRONTEND_DIST.is_dir() else [])]
SERVESTATIC_USE_FINDERS = True  # a few small files, served from where they lie: no collectstatic to forget
SERVESTATIC_IMMUTABLE_FILE_TEST = r"^/static/frontend/assets/"  # their names change with their content

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# Ten wrong passwords for a name from one address, then a quarter of an hour. More of them meanwhile do not prolong it.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "project.visitors.address"
AXES_LOCKOUT_CALLABLE = "project.lockout.answer"
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

OTP_TOTP_ISSUER = "Fieldledger"
OTP_ADMIN_HIDE_SENSITIVE_DATA = True
REQUIRE_SECOND_FACTOR = environment.require_second_factor

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = environment.https
SECURE_SSL_REDIRECT = environment.https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked from inside, where there is no TLS
SECURE_HSTS_SECONDS = 31_536_000 if environment.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = environment.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.https else None
SESSION_COOKIE_SAMESITE = "Lax"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # bytes of one request body

DATABASES = {
    "default": environment.database
    | {
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            # What comes again and again is planned once. A pooler in transaction mode has to know of it (PgBouncer from
            # 1.21 on, with max_prepared_statements).
            "prepare_threshold": 5,
            "tcp_user_timeout": 15_000,
            "keepalives_idle": 15,
            # A statement that waits longer is stuck; the batch is dispatched again, so giving up loses nothing.
            "options": "-c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=30000",
        }
        | environment.database["OPTIONS"],
    }
}

REDIS_URL = environment.redis
SENTRY_DSN = environment.sentry_dsn.get_secret_value()
SENTRY_ENVIRONMENT = environment.sentry_environment
RELEASE = f"fieldledger@{build.name()}"
FLOWER_URL = environment.flower_url
FLOWER_BASIC_AUTH = environment.flower_basic_auth.get_secret_value()
METRICS_TOKEN = environment.metrics_token.get_secret_value()
FIELD_KEYS = listed(environment.field_keys.get_secret_value())

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "hosts": [{"address": REDIS_URL, "socket_timeout": 2, "socket_connect_timeout": 2}],
            "prefix": "live",
        },
    }
}

# Celery. What carries tasks is disposable: the listener owns every message until PostgreSQL has it
# (docs/architecture.md). What differs between Redis and RabbitMQ stands in mqtt_app.queues.
CELERY_BROKER_URL = environment.broker
_terms = queues.terms(CELERY_BROKER_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = _terms.transport_options
CELERY_BROKER_USE_SSL = _terms.ssl
CELERY_BROKER_HEARTBEAT = 20  # seconds; of AMQP, on connections that consume
CELERY_CONTROL_QUEUE_EXCLUSIVE = False  # a worker that comes back would be refused its own until the server misses it
CELERY_CONTROL_QUEUE_DURABLE = True  # RabbitMQ keeps no others that several connections may use
CELERY_BROKER_NATIVE_DELAYED_DELIVERY_QUEUE_TYPE = "classic"  # of RabbitMQ: 28 queues, which are seldom used
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}
CELERY_IMPORTS = ("tasks.ingest", "tasks.control", "tasks.replay", "tasks.upkeep")
CELERY_TASK_DEFAULT_QUEUE = "control"
CELERY_TASK_ROUTES = {
    pattern: {"queue": queue, **_terms.publishing}
    for pattern, queue in {
        "tasks.ingest.*": "ingest",
        "tasks.replay.*": "ingest",
        "tasks.control.*": "control",
        "tasks.upkeep.*": "upkeep",
    }.items()
}
CELERY_TASK_QUEUES = tuple(_terms.queues)
CELERY_ACCEPT_CONTENT = ["json", "msgpack"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # a crashing payload would loop; the listener dispatches again instead
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 60
CELERY_TASK_SOFT_TIME_LIMIT = 30
CELERY_TASK_SEND_SENT_EVENT = False  # its worker tells of it milliseconds later
CELERY_WORKER_SEND_TASK_EVENTS = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 300_000  # kB. All children would reach a limit of tasks at once.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 15
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False  # repeats are harmless: a batch is done once
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "project.schedule:Scheduler"
CELERY_BEAT_SYNC_EVERY = 1  # each sent task is noted at once, so that a beat that sends none is noticed
CELERY_BEAT_SCHEDULE = {
    "reconcile": {
        "task": "tasks.control.reconcile",
        "schedule": schedule(timedelta(seconds=environment.reconcile_period_s)),
        # Level-triggered: a late run is worthless, the next one sees the same. django-celery-beat drops `expires`.
        "options": {"queue": "control", "expire_seconds": max(1, environment.reconcile_period_s - 5)},
    },
    "notices": {
        "task": "tasks.upkeep.tell",
        "schedule": schedule(timedelta(seconds=30)),
        "options": {"queue": "upkeep", "expire_seconds": 25},
    },
    "certificates": {
        "task": "tasks.upkeep.certificates",
        "schedule": schedule(timedelta(hours=6)),
        "options": {"queue": "upkeep", "expire_seconds": 3_600},
    },
    "housekeeping": {
        "task": "tasks.upkeep.clean",
        "schedule": schedule(timedelta(days=1)),
        "options": {"queue": "upkeep", "expire_seconds": 3_600},
    },
    "rollups": {
        "task": "tasks.upkeep.roll",
        "schedule": schedule(timedelta(minutes=1)),
        "options": {"queue": "upkeep", "expire_seconds": 50},
    },
}

# Ours. Each number's unit and reason stands in project.environment.
API_REQUESTS_PER_MINUTE = environment.api_requests_per_minute
RECONCILE_PERIOD_S = environment.reconcile_period_s
BATCHES_IN_FLIGHT = environment.batches_in_flight
QOS0_BUFFER_MESSAGES = environment.qos0_buffer_messages
LISTENER_BUFFER_BYTES = environment.listener_buffer_bytes
LISTENER_CAPACITY = environment.listener_capacity
REDISPATCH_AFTER_S = environment.redispatch_after_s
DEFAULT_INTERVAL_S = environment.default_interval_s
DISCOVERED_TOPICS_PER_SITE = environment.discovered_topics_per_site
LESSONS_PER_SITE = environment.lessons_per_site
READINGS_KEEP_DAYS = environment.readings_keep_days
CONNECTION_LOGS_KEEP_DAYS = environment.connection_logs_keep_days
PARSING_LOGS_KEEP_DAYS = environment.parsing_logs_keep_days
BATCHES_KEEP_DAYS = environment.batches_keep_days
ASK_BROKER_DROPS = environment.ask_broker_drops
ALLOW_PRIVATE_BROKERS = environment.allow_private_brokers

# The registry asks them in this order and takes the first whose pattern matches.
PARSERS = (
    "mqtt_app.parsers.telemetry.DataloggersTelemetry",
    "mqtt_app.parsers.datalogger_status.DataloggerStatusAggregated",
    "mqtt_app.parsers.datalogger_heartbeat.DataloggerHeartbeat",
    "mqtt_app.parsers.datalogger_output.DataloggerOutput",
    "mqtt_app.parsers.gateway_status.GatewayStatus",
    "mqtt_app.parsers.connection_status.ConnectionStatus",
    "mqtt_app.parsers.backend_beacon.BackendBeacon",
    "mqtt_app.parsers.datalogger_telemetry.DataloggerTelemetry",
    "mqtt_app.parsers.datalogger_answer.DataloggerAnswer",
    "mqtt_app.parsers.sparkplug.namespace.Sparkplug",
    "mqtt_app.parsers.homeassistant.HomeAssistant",
    "mqtt_app.parsers.zigbee2mqtt.Zigbee2Mqtt",
    "mqtt_app.parsers.shelly_gen1.ShellyGen1",
    "mqtt_app.parsers.victron.Victron",
    "mqtt_app.parsers.evcc.Evcc",
    "mqtt_app.parsers.solar_assistant.SolarAssistant",
    "mqtt_app.parsers.opendtu.OpenDtu",
    "mqtt_app.parsers.ahoydtu.AhoyDtu",
    "mqtt_app.parsers.thingsboard.ThingsBoard",
    "mqtt_app.parsers.chirpstack.ChirpStack",
    "mqtt_app.parsers.the_things_stack.TheThingsStack",
    "mqtt_app.parsers.cayenne.Cayenne",
    "mqtt_app.parsers.emoncms.Emoncms",
    "mqtt_app.parsers.ruuvi.Ruuvi",
    "mqtt_app.parsers.glow.Glow",
    "mqtt_app.parsers.grott.Grott",
    "mqtt_app.parsers.enphase.Enphase",
    "mqtt_app.parsers.tsun_proxy.TsunProxy",
    "mqtt_app.parsers.fiware_ultralight.FiwareUltralight",
    "mqtt_app.parsers.teltonika.Teltonika",
    "mqtt_app.parsers.owntracks.OwnTracks",
    "mqtt_app.parsers.meshtastic.Meshtastic",
    "mqtt_app.parsers.zwave_js.ZWaveJs",
    "mqtt_app.parsers.ebusd.Ebusd",
    "mqtt_app.parsers.tasmota.Tasmota",
    "mqtt_app.parsers.rtl_433.Rtl433",
    "mqtt_app.parsers.theengs.Theengs",
    "mqtt_app.parsers.rmap.RMap",
    "mqtt_app.parsers.homie.Homie",
    "mqtt_app.parsers.esphome.EspHome",
    "mqtt_app.parsers.shelly_gen2.ShellyGen2",
    "mqtt_app.parsers.neuron.Neuron",
    "mqtt_app.parsers.wmbusmeters.WmBusMeters",
    "mqtt_app.parsers.sbfspot.SbfSpot",
    "mqtt_app.parsers.amsreader.AmsReader",
    "mqtt_app.parsers.ai_on_the_edge.AiOnTheEdge",
    "mqtt_app.parsers.dbus_mqtt_battery.DbusMqttBattery",
    "mqtt_app.parsers.senml.SenMl",
    "mqtt_app.parsers.influx_line.InfluxLine",
    "mqtt_app.parsers.generic_json.GenericJson",
    "mqtt_app.parsers.plain_value.PlainValue",
)

LOGGING = logging_config(environment.log_dir, environment.log_level, environment.log_format)
