"""Wrong configuration is told at start: system checks, each with an id and a hint how to mend it.

Those tagged `fieldledger` look at settings only; those tagged `database` ask servers (`check --database default`,
`doctor`).
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections
from django.db.migrations.loader import MigrationLoader
from redis import Redis, RedisError

from mqtt_app import queues
from mqtt_app.parsers import registry
from sites import fields

OWN = "fieldledger"
"""The tag of those that look at our settings. A process that serves no pages asks only them: Django's own would load
every URL first, a second of processor time."""

AT_START = (OWN, Tags.database)
"""Of a whole system that somebody starts by hand, once its servers answer."""

REDIS_TIMEOUT_S = 2.0
LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1", "testserver"}
DURABLE = {"fsync": ("on",), "full_page_writes": ("on",), "synchronous_commit": ("on", "remote_write", "remote_apply")}
OLDEST_POSTGRESQL = 150_000
MISPLACED = ("CELERY_VISIBILITY_TIMEOUT", "CELERY_BROKER_VISIBILITY_TIMEOUT", "BROKER_TRANSPORT_OPTIONS")


def field_keys(**_: Any) -> list[CheckMessage]:
    try:
        fields.keyring()
    except ImproperlyConfigured as error:
        return [Error("Broker passwords cannot be encrypted or read.", hint=str(error), id="fieldledger.E001")]
    return []


def secret_key(**_: Any) -> list[CheckMessage]:
    """Django itself says so only when the first session is signed."""
    try:
        settings.SECRET_KEY  # noqa: B018  raises when it is empty
    except ImproperlyConfigured:
        hint = "Set SECRET_KEY, or SECRET_KEY_FILE, to at least 50 random characters."
        return [Error("SECRET_KEY is empty: nobody could sign in.", hint=hint, id="fieldledger.E014")]
    return []


def demand_keys() -> None:
    """For processes that run no system checks: uvicorn, workers and beat. Raises ImproperlyConfigured, as these do."""
    if missing := [*secret_key(), *field_keys()]:
        raise ImproperlyConfigured(" ".join(f"{message.msg} {message.hint}" for message in missing))


def parsers(**_: Any) -> list[CheckMessage]:
    try:
        registry.load(settings.PARSERS)
    except ImproperlyConfigured as error:
        return [
            Error(str(error), hint="Correct PARSERS in the settings, or install the parser.", id="fieldledger.E002")
        ]
    return []


def parser_plugins(**_: Any) -> list[CheckMessage]:
    """A plugin that cannot be loaded is left out; messages that it would have read are read by others, or by nobody."""
    try:
        broken = registry.broken()
    except ImproperlyConfigured:
        return []  # the check above has told
    hint = "Mend or uninstall the package; everything else works."
    return [
        Warning(
            f"The parser plugin {one.entry_point} of {one.package} is left out: {one.error}",
            hint=hint,
            id="fieldledger.W012",
        )
        for one in broken
    ]


def queue_server(**_: Any) -> list[CheckMessage]:
    scheme = settings.CELERY_BROKER_URL.partition("://")[0]
    if scheme in queues.SCHEMES:
        return []
    hint = f"Let CELERY_BROKER_URL begin with one of {', '.join(f'{one}://' for one in queues.SCHEMES)}."
    return [Error(f"Nobody here speaks {scheme}: no task would be carried.", hint=hint, id="fieldledger.E015")]


def visibility_timeout(**_: Any) -> list[CheckMessage]:
    """A task that runs longer than the visibility timeout is handed out a second time while it still runs."""
    found = [name for name in MISPLACED if hasattr(settings, name)]
    hint = (
        "Set visibility_timeout in CELERY_BROKER_TRANSPORT_OPTIONS, above CELERY_TASK_TIME_LIMIT (120 and 60 seconds)."
    )
    timeout = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("visibility_timeout")
    if queues.is_amqp(settings.CELERY_BROKER_URL):
        return []  # it hands a task out again when its worker's connection ends, not by time
    if found:
        return [Error(f"{', '.join(found)} is not read by Celery's Redis transport.", hint=hint, id="fieldledger.E003")]
    if timeout is None or timeout <= settings.CELERY_TASK_TIME_LIMIT:
        return [Error("The visibility timeout is not above the hard time limit.", hint=hint, id="fieldledger.E004")]
    return []


def worker_safety(**_: Any) -> list[CheckMessage]:
    messages: list[CheckMessage] = []
    if settings.CELERY_TASK_REJECT_ON_WORKER_LOST:
        hint = "Set CELERY_TASK_REJECT_ON_WORKER_LOST = False: the listener dispatches a lost batch again by itself."
        messages.append(
            Error("A payload that kills a worker would kill it for ever.", hint=hint, id="fieldledger.E005")
        )
    if not set(settings.CELERY_ACCEPT_CONTENT) <= {"json", "msgpack"}:
        hint = 'Set CELERY_ACCEPT_CONTENT = ["json", "msgpack"].'
        messages.append(
            Error("Whoever can write to the queues could run code in a worker.", hint=hint, id="fieldledger.E006")
        )
    return messages


def flower(**_: Any) -> list[CheckMessage]:
    """Without a sign-in it does not start at all; half of one would leave it open, or lock everyone out."""
    user, _colon, password = settings.FLOWER_BASIC_AUTH.partition(":")
    if not settings.FLOWER_BASIC_AUTH or (user and password and "," not in settings.FLOWER_BASIC_AUTH):
        return []
    hint = "Set FLOWER_BASIC_AUTH=user:password, without a comma; or leave it empty, and Flower does not start."
    return [Error("FLOWER_BASIC_AUTH is no sign-in.", hint=hint, id="fieldledger.E012")]


QUEUE_ENOUGH = 100_000  # messages
AUTOSAVE_LIMIT_S = 60


def mosquitto_profile(text: str) -> list[CheckMessage]:
    """What a mosquitto with this configuration would do to messages: nothing asks it over MQTT, so its file is read."""
    lines = (line.split(None, 1) for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    said = {words[0]: words[1].strip() for words in lines if len(words) == 2}
    queued, autosave = said.get("max_queued_messages", "1000"), said.get("autosave_interval", "1800")
    mistakes = []
    if said.get("persistence", "false") != "true":
        mistakes.append(("It forgets what waits for us when it is started anew.", "persistence true"))
    elif not autosave.isdecimal() or int(autosave) > AUTOSAVE_LIMIT_S:
        mistakes.append((f"A crash forgets up to {autosave} s of what waits for us.", "autosave_interval 1"))
    if queued != "0" and not (queued.isdecimal() and int(queued) >= QUEUE_ENOUGH):
        mistakes.append(
            (f"It drops what waits for us beyond {queued} messages, and confirms it.", "max_queued_messages 0")
        )
    if said.get("allow_anonymous", "false") == "true":
        mistakes.append(
            ("Anyone may publish there, and hear everything.", "allow_anonymous false, and a password_file")
        )
    return [
        Warning(words, hint=f"Set {cure} (deploy/mosquitto.conf).", id="fieldledger.W013") for words, cure in mistakes
    ]


def exposure(**_: Any) -> list[CheckMessage]:
    messages: list[CheckMessage] = []
    if settings.DEBUG and not set(settings.ALLOWED_HOSTS) <= LOOPBACK:
        hint = "Unset DEBUG, or name only 127.0.0.1 and localhost in ALLOWED_HOSTS."
        messages.append(Warning("DEBUG shows settings and code to other machines.", hint=hint, id="fieldledger.W007"))
    if "*" in settings.ALLOWED_HOSTS:
        hint = "Name the hosts in ALLOWED_HOSTS."
        messages.append(
            Warning(
                "Any page may open a signed-in user's WebSocket: ALLOWED_HOSTS holds *.",
                hint=hint,
                id="fieldledger.W008",
            )
        )
    return messages


def durability(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """A message is acknowledged once PostgreSQL has committed it: a commit must be one."""
    messages: list[CheckMessage] = []
    for alias in databases or ():
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(DURABLE)])
                weak = [f"{name} = {value}" for name, value in cursor.fetchall() if value not in DURABLE[name]]
                cursor.execute("SHOW server_version_num")
                version = int(cursor.fetchone()[0])
        except DatabaseError:
            continue  # whoever asks next says so in its own words
        if weak:
            hint = "Set it to on in postgresql.conf; to accept the loss, silence fieldledger.E009."
            messages.append(
                Error(
                    f"A power cut can lose messages already acknowledged: {', '.join(weak)}.",
                    hint=hint,
                    id="fieldledger.E009",
                )
            )
        if version < OLDEST_POSTGRESQL:
            hint = "Upgrade to 15 or newer."
            messages.append(Error(f"PostgreSQL {version // 10_000} is too old.", hint=hint, id="fieldledger.E010"))
    return messages


def replaced_migrations(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Django would go on from the middle, with tables that lack columns, until a statement fails."""
    messages: list[CheckMessage] = []
    hint = "Run `migrate` of the last version that has these migrations one by one, then this one's."
    for alias in databases or ():
        try:
            loader = MigrationLoader(connections[alias])
        except DatabaseError:
            continue  # the check above has told
        applied = loader.applied_migrations.keys()
        halves = [
            f"{app}.{name}"
            for (app, name), one in loader.disk_migrations.items()
            if one.replaces
            and (app, name) not in applied
            and applied & set(one.replaces)
            and set(one.replaces) - applied
        ]
        if halves:
            words = f"The database has some of what these migrations replace, and not all: {', '.join(halves)}."
            messages.append(Error(words, hint=hint, id="fieldledger.E016"))
    return messages


def eviction(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Any other policy throws the whole queue away when memory is short. Not asked where Redis does not answer."""
    if not databases or queues.is_amqp(settings.CELERY_BROKER_URL):
        return []
    timeouts = {"socket_timeout": REDIS_TIMEOUT_S, "socket_connect_timeout": REDIS_TIMEOUT_S}
    try:
        with Redis.from_url(settings.CELERY_BROKER_URL, decode_responses=True, **timeouts) as client:
            policy = client.config_get("maxmemory-policy").get("maxmemory-policy", "noeviction")
    except (RedisError, OSError, ValueError):  # the last: no address of a Redis, which queue_server tells
        return []
    if policy == "noeviction":
        return []
    hint = "Set maxmemory-policy noeviction; give caches a Redis of their own."
    return [Error(f"Redis may evict the queues: maxmemory-policy is {policy}.", hint=hint, id="fieldledger.E011")]


def install() -> None:
    """Called once, when the app is ready."""
    for check in (
        field_keys,
        secret_key,
        parsers,
        parser_plugins,
        queue_server,
        visibility_timeout,
        worker_safety,
        flower,
    ):
        register(check, OWN)
    register(exposure, OWN, Tags.security)
    register(durability, Tags.database)
    register(replaced_migrations, Tags.database)
    register(eviction, Tags.database)
