"""ChirpStack 3 and 4: application/{id}/device/{DevEUI}/event/{what}, before 3.11 …/rx and the like."""

from pydantic import AliasChoices, Field, JsonValue

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored
from mqtt_app.parsers.draft import Draft, one
from mqtt_app.parsers.fields import Shape
from mqtt_app.parsers.lorawan import decoded
from mqtt_app.parsers.times import moment
from sites.reports import Report

LIVE = ("up", "rx", "join", "status")  # events that the device itself caused


class DeviceInfo(Shape):
    """Who sent it, since version 4."""

    name: str = Field(default="", validation_alias="deviceName")
    profile: str = Field(default="", validation_alias="deviceProfileName")
    application: str = Field(default="", validation_alias="applicationName")


class Radio(Shape):
    """One gateway's reception; in version 3 the only place of a time."""

    time: JsonValue = None


class Event(Shape):
    """An event of any kind. `object` is what a codec made of the bytes, as an object or, in version 3, as its text."""

    info: DeviceInfo | None = Field(default=None, validation_alias="deviceInfo")
    name: str = Field(default="", validation_alias="deviceName")
    application: str = Field(default="", validation_alias="applicationName")
    time: JsonValue = Field(default=None, validation_alias=AliasChoices("time", "publishedAt"))
    receptions: list[Radio] = Field(default=[], validation_alias="rxInfo")
    values: JsonValue = Field(default=None, validation_alias="object")
    text: str | None = Field(default=None, validation_alias="objectJSON")
    battery: float | None = Field(default=None, validation_alias="batteryLevel")
    no_battery: bool = Field(default=False, validation_alias="batteryLevelUnavailable")
    mains: bool = Field(default=False, validation_alias="externalPowerSource")
    margin: float | None = None
    location: JsonValue = None


class ChirpStack(Family):
    """A device is called by its DevEUI, as its topic says: names are unique within an application only."""

    name = "chirpstack"
    patterns = (
        "application/+/device/+/event/+",
        *(f"application/+/device/+/{what}" for what in ("rx", "join", "status", "ack", "error", "location")),
        *(f"application/+/node/+/{what}" for what in ("rx", "join", "ack", "error")),
        "application/+/device/+/command/+",
    )

    def sender(self, topic: str) -> str | None:
        return topic.split("/")[3].lower()

    def parse(self, envelope: Envelope, context: Context) -> Report:
        levels = envelope.topic.split("/")
        what = levels[-1]
        if "command" in levels:
            raise Ignored("a command")
        event = texts.shaped(Event, texts.objects(envelope), context)
        draft = Draft(levels[3].lower(), envelope, context, (event.info.profile if event.info else "") or "lorawan")
        times = [event.time, *(radio.time for radio in event.receptions)]
        draft.time = next((at for time in times if (at := moment(time, context.timezone))), None)
        if what in ("up", "rx"):
            decoded(draft, event.values if event.values is not None else event.text)
        elif what == "status":
            draft.add("batteryLevel", None if event.no_battery or event.mains else event.battery, "%")
            draft.add("margin", event.margin, "dB")
        elif what == "location" and isinstance(event.location, dict):
            draft.tree({key: event.location.get(key) for key in ("latitude", "longitude", "altitude")})
        info = event.info or DeviceInfo(deviceName=event.name, applicationName=event.application)
        about = {"name": info.name[:128] or None, "application": info.application[:128] or None}
        return one(draft, alive=what in LIVE, **about)  # type: ignore[arg-type]
