"""The Things Stack 3: v3/{application}[@{tenant}]/devices/{device}/{up, join, down/…, location/solved, …}."""

from pydantic import Field, JsonValue

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored
from mqtt_app.parsers.draft import Draft, one
from mqtt_app.parsers.fields import Shape
from mqtt_app.parsers.lorawan import decoded
from mqtt_app.parsers.times import moment
from sites.reports import Report


class Device(Shape):
    """Who sent it."""

    dev_eui: str = ""


class Uplink(Shape):
    """An uplink; decoded_payload is there when a formatter is set, normalized_payload when it is a standard one."""

    received_at: JsonValue = None
    decoded_payload: JsonValue = None
    normalized_payload: JsonValue = None


class Envelope3(Shape):
    """Any message of the application. Fields that are empty are left out."""

    device: Device = Field(default=Device(), validation_alias="end_device_ids")
    received_at: JsonValue = None
    uplink: Uplink | None = Field(default=None, validation_alias="uplink_message")
    normalized: Uplink | None = Field(default=None, validation_alias="uplink_normalized")
    solved: dict[str, JsonValue] | None = Field(default=None, validation_alias="location_solved")


class TheThingsStack(Family):
    """A device is called by its application and id: ids are unique within an application only."""

    name = "the_things_stack"
    patterns = ("v3/+/devices/+/#",)

    def sender(self, topic: str) -> str | None:
        _, application, _, device = topic.split("/")[:4]
        return f"{application}/{device}"

    def parse(self, envelope: Envelope, context: Context) -> Report:
        what = "/".join(envelope.topic.split("/")[4:])
        if what in ("down/push", "down/replace"):
            raise Ignored("a command")
        found = texts.shaped(Envelope3, texts.objects(envelope), context)
        draft = Draft(self.sender(envelope.topic) or "", envelope, context, "lorawan")
        uplink = found.uplink or found.normalized or Uplink()
        times = (uplink.received_at, found.received_at)
        draft.time = next((at for time in times if (at := moment(time, context.timezone))), None)
        if what.startswith("up"):
            said = uplink.decoded_payload or uplink.normalized_payload
            for part in said if isinstance(said, list) else [said]:  # an uplink may hold several measurements
                decoded(draft, part)
        elif what == "location/solved" and isinstance(place := (found.solved or {}).get("location"), dict):
            draft.tree({key: place.get(key) for key in ("latitude", "longitude", "altitude")})
        return one(draft, alive=what.startswith(("up", "join")), dev_eui=found.device.dev_eui[:32] or None)
