"""What stands in the field: sites, gateways, dataloggers, sensors and what they read; and who may see them."""

from sites.models.attention import Acknowledgement
from sites.models.audit import AuditEntry
from sites.models.devices import (
    Datalogger,
    Gateway,
    IdentityChange,
    IntervalFrom,
    OfflineReason,
    Presence,
    Present,
    Sensor,
)
from sites.models.history import Reading, Rollup, RollupEdge
from sites.models.newcomers import DeviceRule, Newcomer, SerialConflict
from sites.models.people import ApiToken, Bookmark, Membership, Profile, Role
from sites.models.second_factor import AuthenticatorApp
from sites.models.sites import Admission, Site, validate_keep_days, validate_timezone

__all__ = [
    "Acknowledgement",
    "Admission",
    "ApiToken",
    "AuditEntry",
    "AuthenticatorApp",
    "Bookmark",
    "Datalogger",
    "DeviceRule",
    "Gateway",
    "IdentityChange",
    "IntervalFrom",
    "Membership",
    "Newcomer",
    "OfflineReason",
    "Presence",
    "Present",
    "Profile",
    "Reading",
    "Role",
    "Rollup",
    "RollupEdge",
    "Sensor",
    "SerialConflict",
    "Site",
    "validate_keep_days",
    "validate_timezone",
]
