"""How the field speaks to us: connections, topics, who holds what, what was logged, and where every message went."""

from mqtt_app.models.commands import Command
from mqtt_app.models.connections import CLIENT_ID_LIMIT, Listener, MqttConnection, MqttConnectionLog, Protocol
from mqtt_app.models.failures import MqttParsingLog, ParsingGroup
from mqtt_app.models.last_words import LastWords
from mqtt_app.models.ledger import Batch, LedgerMinute, Pulse, Receipt
from mqtt_app.models.notices import Delivery, Incident, Maintenance, Notice, NoticeRule, Problem
from mqtt_app.models.parsers import Lesson, Mapping, MappingVersion, ParserCase
from mqtt_app.models.replays import RawMessage, Replay
from mqtt_app.models.sparkplug import SparkplugArrival, SparkplugNode
from mqtt_app.models.topics import DiscoveredTopic, DiscoveryRun, MqttTopic, TopicOverflow, TopicSample

__all__ = [
    "CLIENT_ID_LIMIT",
    "Batch",
    "Command",
    "Delivery",
    "DiscoveredTopic",
    "DiscoveryRun",
    "Incident",
    "LastWords",
    "LedgerMinute",
    "Lesson",
    "Listener",
    "Maintenance",
    "Mapping",
    "MappingVersion",
    "MqttConnection",
    "MqttConnectionLog",
    "MqttParsingLog",
    "MqttTopic",
    "Notice",
    "NoticeRule",
    "ParserCase",
    "ParsingGroup",
    "Problem",
    "Protocol",
    "Pulse",
    "RawMessage",
    "Receipt",
    "Replay",
    "SparkplugArrival",
    "SparkplugNode",
    "TopicOverflow",
    "TopicSample",
]
