"""Everything that can be set from outside, typed, in one place; docs/settings.md is the table of it.

Variables come from the environment, secrets also from the file that X_FILE names. `manage.py up` also writes them to
`.data/local.env`, so that any other `manage.py` command run beside it speaks to the same servers; the environment wins.
"""

import os
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

from pydantic import Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parent.parent


class Misconfigured(ValueError):
    """What is wrong with the environment, in words."""


class SecretFiles(PydanticBaseSettingsSource):
    """X_FILE names a file that holds the secret X, as containers and systemd hand them over."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        name = field_name.upper()
        path = os.environ.get(f"{name}_FILE") if field.annotation is SecretStr else None
        if not path:
            return None, field_name, False
        if os.environ.get(name):
            raise Misconfigured(f"{name} and {name}_FILE are both set: set one of them.")
        try:
            return Path(path).read_text().strip(), field_name, False
        except (OSError, UnicodeError) as error:
            raise Misconfigured(f"{name}_FILE cannot be read: {error}") from error

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


class Environment(BaseSettings):
    """The environment variables that this system reads. An invalid one is named at start, with what is wrong."""

    model_config = SettingsConfigDict(env_file=BASE_DIR / ".data/local.env", extra="ignore")

    secret_key: SecretStr = SecretStr("")
    debug: bool = False
    allowed_hosts: str = "127.0.0.1,localhost"
    csrf_trusted_origins: str = ""
    trusted_proxies: str = Field("", description="addresses and networks whose X-Forwarded-For is believed")
    https: bool = Field(False, description="served behind TLS: secure cookies, HSTS and the redirect are on")

    database_url: SecretStr = SecretStr("postgresql://fieldledger@127.0.0.1:5432/fieldledger")
    database_password: SecretStr = Field(SecretStr(""), description="where DATABASE_URL names none")
    redis_url: SecretStr = SecretStr("redis://127.0.0.1:6379/0")
    redis_password: SecretStr = Field(SecretStr(""), description="where REDIS_URL names none")
    celery_broker_url: SecretStr = Field(SecretStr(""), description="what carries tasks, where it is not REDIS_URL")
    field_keys: SecretStr = Field(
        SecretStr(""), description="comma separated Fernet keys for broker passwords; the first one encrypts"
    )

    sentry_dsn: SecretStr = SecretStr("")
    sentry_environment: str = "production"
    log_dir: Path = Field(BASE_DIR / ".data/logs", description="folder of mqtt_connections.log and mqtt_parsing.log")
    log_level: str = "INFO"
    log_format: Literal["line", "json"] = Field("line", description="json: one object a line, for programs")

    flower_basic_auth: SecretStr = Field(SecretStr(""), description="user:password; Flower does not start without it")
    flower_port: int = 5555
    flower_broker_api: SecretStr = Field(SecretStr(""), description="RabbitMQ's management API, for Flower alone")
    flower_url: str = Field("", description="where people find Flower, for the link on the System page")
    metrics_token: SecretStr = Field(SecretStr(""), description="lets Prometheus read /metrics; superusers may anyway")

    require_second_factor: bool = Field(False, description="staff do nothing before they have given a code")
    api_requests_per_minute: int = Field(1_200, ge=0, description="of one person and their tokens; 0: any number")
    reconcile_period_s: int = Field(30, ge=1)
    batches_in_flight: int = Field(4, ge=1, le=64)
    qos0_buffer_messages: int = Field(10_000, ge=1)
    listener_buffer_bytes: int = Field(128 * 1024 * 1024, ge=1024 * 1024)
    listener_capacity: int = Field(1_000, ge=1)
    redispatch_after_s: float = Field(10.0, gt=0)
    default_interval_s: int = Field(300, ge=1, description="silence is judged by this where a device declares nothing")
    discovered_topics_per_site: int = Field(10_000, ge=0)
    lessons_per_site: int = Field(50_000, ge=0)
    readings_keep_days: int = Field(400, ge=1)
    connection_logs_keep_days: int = Field(30, ge=1)
    parsing_logs_keep_days: int = Field(90, ge=1)
    batches_keep_days: int = Field(2, ge=1)
    ask_broker_drops: bool = Field(True, description="whether brokers are asked how many messages they dropped")
    allow_private_brokers: bool = Field(
        False, description="whether anyone may connect to a loopback or private address; superusers may anyway"
    )

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource, **named: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Secret files win over `.data/local.env`; beside the variable itself they are refused."""
        return (SecretFiles(settings_cls), *sources, *named.values())

    @cached_property
    def redis(self) -> str:
        """REDIS_URL, with REDIS_PASSWORD where it names none."""
        url, password = urlsplit(self.redis_url.get_secret_value()), self.redis_password.get_secret_value()
        if url.password or not password:
            return url.geturl()
        user = quote(unquote(url.username or ""), safe="")
        host = url.netloc.rpartition("@")[2]
        return urlunsplit(url._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))

    @cached_property
    def broker(self) -> str:
        """What carries Celery's tasks: CELERY_BROKER_URL, or the Redis of everything else."""
        return self.celery_broker_url.get_secret_value() or self.redis

    @cached_property
    def database(self) -> dict[str, Any]:
        """DATABASE_URL as Django's DATABASES entry; `?host=` names a unix socket's folder."""
        url = urlsplit(self.database_url.get_secret_value())
        if url.scheme not in ("postgres", "postgresql"):
            raise ValueError("DATABASE_URL must begin with postgresql:// (only PostgreSQL is supported)")
        options = dict(parse_qsl(url.query))
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(url.path.lstrip("/")),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or "") or self.database_password.get_secret_value(),
            "HOST": options.pop("host", unquote(url.hostname or "")),
            "PORT": str(url.port or ""),
            "OPTIONS": options,
        }


def listed(words: str) -> list[str]:
    """`a, b` as ["a", "b"]."""
    return [word.strip() for word in words.split(",") if word.strip()]


environment = Environment()
