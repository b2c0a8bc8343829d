"""The further topics on which an announced entity speaks: what a thermostat measures, where a cover stands."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Spoken(NamedTuple):
    """A topic of an entity beside its state_topic, and the template that reads it. name: what is said there."""

    topic: str
    template: str | None
    name: str
    unit: str


_ATTRIBUTES = (("json_attributes_topic", "json_attr_t"), ("json_attributes_template", "json_attr_tpl"))
_TEMPERATURE = "temperature_unit"
_TOPICS = (  # long and short keys of topic and template, as Home Assistant lists them
    (("current_temperature_topic", "curr_temp_t"), ("current_temperature_template", "curr_temp_tpl"), _TEMPERATURE),
    (("temperature_state_topic", "temp_stat_t"), ("temperature_state_template", "temp_stat_tpl"), _TEMPERATURE),
    (("temperature_high_state_topic", "temp_hi_stat_t"), ("temperature_high_state_template", "temp_hi_stat_tpl"),
     _TEMPERATURE),
    (("temperature_low_state_topic", "temp_lo_stat_t"), ("temperature_low_state_template", "temp_lo_stat_tpl"),
     _TEMPERATURE),
    (("current_humidity_topic", "curr_hum_t"), ("current_humidity_template", "curr_hum_tpl"), "%"),
    (("target_humidity_state_topic", "hum_stat_t"), ("target_humidity_state_template", "hum_state_tpl"), "%"),
    (("mode_state_topic", "mode_stat_t"), ("mode_state_template", "mode_stat_tpl"), ""),
    (("fan_mode_state_topic", "fan_mode_stat_t"), ("fan_mode_state_template", "fan_mode_stat_tpl"), ""),
    (("action_topic", "act_t"), ("action_template", "act_tpl"), ""),
    (("position_topic", "pos_t"), ("position_template", "pos_tpl"), ""),
    (("tilt_status_topic", "tilt_status_t"), ("tilt_status_template", "tilt_status_tpl"), ""),
    (("percentage_state_topic", "pct_stat_t"), ("percentage_value_template", "pct_val_tpl"), ""),
    (("brightness_state_topic", "bri_stat_t"), ("brightness_value_template", "bri_val_tpl"), ""),
    (("color_temp_state_topic", "clr_temp_stat_t"), ("color_temp_value_template", "clr_temp_val_tpl"), ""),
)  # fmt: skip


def spoken(entity: Mapping[str, Any]) -> Iterator[Spoken]:
    """The further topics of an entity that carry one value each."""
    for topics, templates, unit in _TOPICS:
        if topic := _text(entity, topics):
            name = topics[0].removesuffix("_topic").removesuffix("_state")
            stated = _degrees(entity) if unit == _TEMPERATURE else unit
            yield Spoken(topic, _text(entity, templates), name, stated)


def attributes(entity: Mapping[str, Any], state_topic: str | None) -> tuple[str, str | None] | None:
    """The topic whose whole JSON object belongs to the entity, and the template of what is taken of it."""
    topics, templates = _ATTRIBUTES
    topic = _text(entity, topics)
    if not topic and entity.get("schema") == "json":  # a light: state, brightness and colour stand in one object
        return (state_topic, None) if state_topic else None
    return (topic, _text(entity, templates)) if topic else None


def _degrees(entity: Mapping[str, Any]) -> str:
    unit = _text(entity, ("temperature_unit", "temp_unit"))
    return {"C": "°C", "F": "°F"}.get(unit or "", "")


def _text(entity: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return next((found for name in names if isinstance(found := entity.get(name), str) and found), None)
