"""The app that knows how the field speaks to us."""

from django.apps import AppConfig

from mqtt_app import checks


class MqttAppConfig(AppConfig):
    name = "mqtt_app"
    verbose_name = "MQTT"

    def ready(self) -> None:
        checks.install()
