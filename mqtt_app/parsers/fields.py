"""The values that all message families share, as annotated types: what is accepted is decided here, once.

A validator that refuses raises PydanticCustomError whose type is a Reason; refusals.py turns every other type into one.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, cast
from unicodedata import normalize

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from mqtt_app.parsers.base import Context, Reason
from sites.reports import Quality

IDENTIFIER_CHARACTERS = 128
LONGEST_INTERVAL_S = 31 * 86_400  # a device that promises less than a message a month promises nothing
LONGEST_VECTOR = 64  # components of one reading
EARLIEST_YEAR, LATEST_YEAR = 1970, 2100

# Controls, line and paragraph separators, and what turns the direction of the text around it.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Shape(BaseModel):
    """Base of all message shapes. Unknown keys are normal life; inputs stay out of error texts and so out of logs."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


def identifier(text: str) -> str:
    """`text` in NFC, if it can name a thing: 1 to 128 printable characters, not only spaces."""
    if text.isascii() and text.isprintable() and 0 < len(text) <= IDENTIFIER_CHARACTERS and not text.isspace():
        return text
    if len(text) > 4 * IDENTIFIER_CHARACTERS:  # normalising a hostile megabyte is slow, and NFC never shrinks it enough
        raise PydanticCustomError(Reason.BAD_IDENTIFIER, "An identifier has at most 128 characters")
    text = normalize("NFC", text)
    if len(text) > IDENTIFIER_CHARACTERS:
        raise PydanticCustomError(Reason.BAD_IDENTIFIER, "An identifier has at most 128 characters")
    if not text.strip():
        raise PydanticCustomError(Reason.BAD_IDENTIFIER, "An identifier is not empty")
    if _UNPRINTABLE.search(text):
        raise PydanticCustomError(Reason.BAD_IDENTIFIER, "An identifier holds no control, bidi or newline characters")
    return text


def _claimed(value: datetime, info: ValidationInfo) -> datetime:
    """The device's own time in UTC; without a zone it is the site's. Whether that is plausible is judged later."""
    if not EARLIEST_YEAR <= value.year <= LATEST_YEAR:
        raise PydanticCustomError(Reason.BAD_TS, "A time lies in the years 1970 to 2100")
    if value.tzinfo is None:
        context = cast("Context", info.context)
        value = value.replace(tzinfo=context.timezone)
    return value.astimezone(UTC)


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _folded(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


Identifier = Annotated[str, AfterValidator(identifier)]
Label = Annotated[str, Field(max_length=128)]  # a word of the device that names nothing: a status, a firmware
Unit = Annotated[str, Field(max_length=32)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]  # strict: "12.5" and true are no numbers
Values = Annotated[tuple[Number, ...], Field(min_length=1, max_length=LONGEST_VECTOR), BeforeValidator(_listed)]
Interval = Annotated[Number, Field(gt=0, le=LONGEST_INTERVAL_S)]
Time = Annotated[datetime, AfterValidator(_claimed)]
Graded = Annotated[Quality, BeforeValidator(_folded)]


class Message(Shape):
    """What every message of the field may say of itself."""

    timestamp: Time | None = None
    message_interval_seconds: Interval | None = None
    mqtt_api_version: Label | None = None

    @property
    def api_version(self) -> str | None:
        """The version without the v that some firmware puts before it."""
        return self.mqtt_api_version.removeprefix("v") if self.mqtt_api_version else None


MESSAGE_PARTS = ("message_interval_seconds", "mqtt_api_version")


class Measured(Shape):
    """What every reading may say of itself beside its value."""

    unit: Unit | None = None
    quality: Graded = Quality.GOOD
    timestamp: Time | None = None
