"""What programs may rely on, as one document: the description of the REST API, and of the WebSocket's frames."""

import json
from datetime import datetime
from typing import Any, Literal, get_args

from ninja.responses import NinjaJSONEncoder
from pydantic import BaseModel, create_model
from pydantic.json_schema import models_json_schema

from mqtt_app.browsers.events import Event, MqttStatus, Notice, Told
from project.api import api
from project.environment import BASE_DIR

PATH = BASE_DIR / "frontend/openapi.json"
TEMPLATE = "#/components/schemas/{model}"
OUTSIDE = ("type", "site_id")
EVENTS: tuple[type[BaseModel], ...] = (*get_args(get_args(Event)[0]), *get_args(Notice))


class Data(Told, extra="forbid"):
    """What stands under `data`."""


class Envelope(BaseModel, extra="forbid"):
    """What every frame has. seq: counts a socket's frames from 1 without a hole."""

    v: Literal[1]
    seq: int
    ts: datetime


def frame(event: type[BaseModel]) -> type[Envelope]:
    """An event as it stands on the wire: its type and site outside, all else under `data`."""
    fields: dict[str, Any] = {name: (field.annotation, field) for name, field in event.model_fields.items()}
    outside: dict[str, Any] = {name: (event.model_fields[name].annotation, ...) for name in OUTSIDE}
    if event is MqttStatus:
        outside["alias"] = (Literal["status_update"], ...)
    inside = {name: field for name, field in fields.items() if name not in OUTSIDE}
    data = create_model(f"{event.__name__}Data", __base__=Data, __doc__=Data.__doc__, **inside)
    return create_model(event.__name__, __base__=Envelope, __doc__=event.__doc__, **outside, data=(data, ...))


FRAMES: dict[str, type[Envelope]] = {event.model_fields["type"].default: frame(event) for event in EVENTS}
"""By the `type` that tells them apart."""


def document() -> dict[str, Any]:
    """The OpenAPI document, with `ServerEvent`, every frame that the WebSocket may send, among its schemas."""
    found: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), cls=NinjaJSONEncoder))
    schemas, frames = found["components"]["schemas"], frame_schemas()
    if twice := schemas.keys() & frames.keys():
        raise ValueError(f"These names mean two things: {', '.join(sorted(twice))}")
    found["components"]["schemas"] = dict(sorted((schemas | frames).items()))
    return found


def frame_schemas() -> dict[str, Any]:
    """By name. The mapping says which `type` means which; without it, programs take the schema's name for the type."""
    _, shapes = models_json_schema([(shape, "serialization") for shape in FRAMES.values()], ref_template=TEMPLATE)
    mapping = {word: TEMPLATE.format(model=shape.__name__) for word, shape in FRAMES.items()}
    union = {
        "description": "A frame of the WebSocket /ws/mqtt/status/.",
        "oneOf": [{"$ref": ref} for ref in mapping.values()],
        "discriminator": {"propertyName": "type", "mapping": mapping},
    }
    named: dict[str, Any] = shapes["$defs"]
    return named | {"ServerEvent": union}


def text() -> str:
    """The document as it is committed."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"
