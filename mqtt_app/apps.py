"""The app that knows how the field speaks to us."""

from django.apps import AppConfig


class MqttAppConfig(AppConfig):
    name = "mqtt_app"
    verbose_name = "MQTT"
