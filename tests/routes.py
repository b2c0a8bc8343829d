"""Who may use each route of the API, and what a good call of it says. Whoever makes a route writes it here."""

from typing import Any, NamedTuple

from sites.models import Role

VIEWER, OPERATOR, ADMIN = LADDER = Role.VIEWER, Role.OPERATOR, Role.ADMIN
MISSING = 404


class At(NamedTuple):
    """A route of one site: what it answers to `need` and above. Below: 403. To members elsewhere: as if it were not."""

    need: Role
    good: int = 200
    body: dict[str, Any] | None = None
    query: str = ""


class Anyone(NamedTuple):
    """A route for whoever is signed in, who sees in it what is theirs. forbidden: not for them but for superusers."""

    good: int = 200
    body: dict[str, Any] | None = None
    query: str = ""
    forbidden: bool = False


DEFINITION = {"template": "a/{b}", "device": "{b}", "sensors": [{"key": "c", "value": "c"}]}
HERE = {"site": "{site}", "template": "a/b"}
NOWHERE = "json://127.0.0.1:1/planted-token"
RULE = {"site": "{site}", "name": "other", "problems": ["device"], "address": NOWHERE}
PLANNED = {"site": "{site}", "starts_at": "2026-05-04T10:00Z", "ends_at": "2026-05-04T11:00Z"}
ROUTES: dict[str, At | Anyone] = {
    "get sites/": Anyone(),
    "post sites/": Anyone(201, {"name": "New", "slug": "new"}, forbidden=True),
    "get sites/{site_id}/": At(VIEWER),
    "patch sites/{site_id}/": At(ADMIN, body={"location": "north"}),
    "delete sites/{site_id}/": At(ADMIN, 409),
    "get sites/{site_id}/diagnosis/": At(VIEWER),
    "get sites/{site_id}/members/": At(ADMIN),
    "put sites/{site_id}/members/{username}/": At(ADMIN, body={"role": "viewer"}),
    "delete sites/{site_id}/members/{username}/": At(ADMIN, 204),
    "post people/": Anyone(201, {"username": "new"}, forbidden=True),
    "get sites/{site_id}/curve/": At(VIEWER),
    "get sites/{site_id}/days/": At(VIEWER),
    "get sites/{site_id}/motion/": At(VIEWER),
    "get gateways/": Anyone(),
    "get gateways/{gateway_id}/": At(VIEWER),
    "patch gateways/{gateway_id}/": At(OPERATOR, body={"name": "north"}),
    "get dataloggers/": Anyone(),
    "get dataloggers/{datalogger_id}/": At(VIEWER),
    "get dataloggers/{datalogger_id}/trends/": At(VIEWER),
    "get dataloggers/{datalogger_id}/availability/": At(VIEWER),
    "get dataloggers/{datalogger_id}/identity/": At(VIEWER),
    "patch sensors/{sensor_id}/": At(OPERATOR, body={"label": "north"}),
    "patch dataloggers/": At(OPERATOR, body={"dataloggers": ["{datalogger}"], "add_tags": ["north"]}),
    "get dataloggers/facets/": Anyone(),
    "get device-rules/": Anyone(),
    "post device-rules/": At(ADMIN, 201, {"site": "{site}", "pattern": "B*", "action": "hold"}),
    "patch device-rules/{rule_id}/": At(ADMIN, body={"position": 3}),
    "delete device-rules/{rule_id}/": At(ADMIN),
    "get newcomers/": Anyone(),
    "delete newcomers/{newcomer_id}/": At(OPERATOR),
    "post newcomers/approve/": At(OPERATOR, body={"ids": ["{newcomer}"]}),
    "post newcomers/refuse/": At(OPERATOR, body={"ids": ["{newcomer}"]}),
    "get serial-conflicts/": Anyone(),
    "post serial-conflicts/{conflict_id}/acknowledge/": At(OPERATOR),
    "get sensors/": Anyone(),
    "get sensors/{sensor_id}/": At(VIEWER),
    "get sensors/{sensor_id}/readings": At(VIEWER),
    "get dataloggers/{datalogger_id}/last-words/": At(VIEWER),
    "get sensors/{sensor_id}/origin/": At(VIEWER, query="?at=2026-05-04T10:00Z"),
    "get sensors/{sensor_id}/gaps/": At(VIEWER),
    "get readings/": At(VIEWER, query="?sensor={sensor}"),
    "get tokens/": Anyone(),
    "post tokens/": Anyone(201, {"name": "t"}),
    "delete tokens/{token_id}/": Anyone(MISSING),
    "get notice-rules/": Anyone(),
    "post notice-rules/": At(ADMIN, 201, RULE),
    "get notice-rules/{rule_id}/": At(VIEWER),
    "patch notice-rules/{rule_id}/": At(ADMIN, body={"delay_s": 5}),
    "delete notice-rules/{rule_id}/": At(ADMIN),
    "post notice-rules/{rule_id}/test/": At(ADMIN),
    "get notices/": Anyone(),
    "get incidents/": Anyone(),
    "get maintenances/": Anyone(),
    "post maintenances/": At(OPERATOR, 201, PLANNED),
    "delete maintenances/{maintenance_id}/": At(OPERATOR),
    "get me/": Anyone(),
    "patch me/": Anyone(body={"name": "A"}),
    "get me/bookmarks/": Anyone(),
    "post me/bookmarks/": Anyone(201, {"kind": "view", "name": "n", "address": "/devices"}),
    "delete me/bookmarks/{bookmark_id}/": Anyone(MISSING),
    "get acknowledgements/": Anyone(),
    "post acknowledgements/": At(OPERATOR, 201, {"sites": ["{site}"]}),
    "delete acknowledgements/{acknowledgement_id}/": At(OPERATOR, 204),
    "get audit/": Anyone(),
    "get overview/": Anyone(),
    "get mqtt/connection-status/": Anyone(),
    "get mqtt/site/{site_id}/status/": At(VIEWER),
    "post mqtt/site/{site_id}/start/": At(OPERATOR, 202),
    "post mqtt/site/{site_id}/stop/": At(OPERATOR, 202),
    "post mqtt/site/{site_id}/force-discovery/": At(OPERATOR, 202),
    "post mqtt/site/{site_id}/retry/": At(OPERATOR, 202),
    "get mqtt/site/{site_id}/discoveries/": At(VIEWER),
    "post mqtt/site/{site_id}/tail/": At(OPERATOR, 422, {"filter": "a/#/b"}),
    "get mqtt/ledger/": Anyone(),
    "get mqtt/ledger/series/": Anyone(),
    "get connections/": Anyone(),
    "post connections/": At(ADMIN, 422, {"site": "{site}", "broker_host": "h"}),
    "get connections/{connection_id}/": At(VIEWER),
    "patch connections/{connection_id}/": At(ADMIN, body={"username": "other"}),
    "delete connections/{connection_id}/": At(ADMIN),
    "post connections/{connection_id}/test/": At(OPERATOR),
    "get topics/": Anyone(),
    "post topics/": At(OPERATOR, 201, {"connection": "{connection}", "topic_pattern": "a/b"}),
    "get topics/{topic_id}/": At(VIEWER),
    "patch topics/{topic_id}/": At(OPERATOR, body={"is_active": False}),
    "delete topics/{topic_id}/": At(OPERATOR),
    "get discovered-topics/": Anyone(),
    "get discovered-topics/{topic_id}/": At(VIEWER),
    "get discovered-topics/{topic_id}/samples/": At(VIEWER),
    "get topic-tree/": Anyone(),
    "get coverage/": Anyone(),
    "get topic-templates/": At(VIEWER, query="?site={site}"),
    "post topic-templates/parse/": At(OPERATOR, 201, HERE),
    "post topic-templates/mute/": At(OPERATOR, 201, HERE),
    "get connection-logs/": Anyone(),
    "get connection-logs/histogram/": Anyone(),
    "get parsing-logs/": Anyone(),
    "get parsing-logs/{log_id}/": At(VIEWER),
    "get parsing-groups/": Anyone(),
    "get parsing-groups/{fingerprint}/": At(VIEWER),
    "patch parsing-groups/{fingerprint}/": At(OPERATOR, body={"state": "resolved"}),
    "get parsing-groups/{fingerprint}/samples/": At(VIEWER),
    "get system/": Anyone(),
    "get system/support/": Anyone(forbidden=True),
    "get parsers/": Anyone(),
    "get parsers/broken/": Anyone(),
    "post parsers/try/": At(OPERATOR, body={"site": "{site}", "topic": "a", "text": "1"}),
    "post parsers/try-topic/": At(OPERATOR, body={"site": "{site}", "filter": "a/#"}),
    "get commands/": Anyone(),
    "post commands/": At(
        OPERATOR, 202, {"site": "{site}", "gateway": "1", "datalogger": "all", "method": "get_status"}
    ),
    "post commands/rebirth/": At(OPERATOR, 202, {"site": "{site}", "group": "g", "node": "n"}),
    "post commands/raw/": At(ADMIN, 202, {"site": "{site}", "topic": "a", "text": "1"}),
    "get commands/{command_id}/": At(VIEWER),
    "post commands/{command_id}/cancel/": At(OPERATOR),
    "get replays/": Anyone(),
    "post replays/": At(OPERATOR, 202, {"site": "{site}", "ids": []}),
    "post replays/everywhere/": Anyone(202, {"source": "failures"}),
    "get replays/{replay_id}/": At(VIEWER),
    "post replays/{replay_id}/{verb}/": At(OPERATOR, 202),
    "get parser-cases/": Anyone(),
    "post parser-cases/": At(
        OPERATOR, 201, {"site": "{site}", "topic": "a", "text": "1", "name": "n", "parser_name": "gateway_status"}
    ),
    "post parser-cases/run/": Anyone(body={}),
    "get parser-cases/{case_id}/": At(VIEWER),
    "patch parser-cases/{case_id}/": At(OPERATOR, body={"name": "other"}),
    "delete parser-cases/{case_id}/": At(OPERATOR),
    "get mappings/": Anyone(),
    "post mappings/": At(OPERATOR, 201, {"site": "{site}", "name": "n", "definition": DEFINITION}),
    "get mappings/suggestion/": At(OPERATOR, query="?discovered_topic={discovered}"),
    "post mappings/preview/": At(
        OPERATOR, body={"site": "{site}", "topic": "a", "text": "1", "definition": DEFINITION}
    ),
    "post mappings/preview-topics/": At(OPERATOR, body={"site": "{site}", "definition": DEFINITION}),
    "get mappings/{mapping_id}/": At(VIEWER),
    "delete mappings/{mapping_id}/": At(OPERATOR),
    "get mappings/{mapping_id}/versions/": At(VIEWER),
    "post mappings/{mapping_id}/versions/": At(OPERATOR, 201, {"definition": DEFINITION}),
    "post mappings/{mapping_id}/test/": At(OPERATOR, body={"number": 1}),
    "post mappings/{mapping_id}/activate/": At(OPERATOR, 409, {"number": 1}),
    "post mappings/{mapping_id}/deactivate/": At(OPERATOR),
}
FINGERPRINT = "0123456789abcdef"
