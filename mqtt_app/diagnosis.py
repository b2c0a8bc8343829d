"""Why is this site quiet? The way of its messages, step by step, and what to do at the first that is broken."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from mqtt_app.models import MqttConnection
from mqtt_app.overview import Word

WINDOW = timedelta(minutes=15)
"""How far back fates are counted, at least: three of the site's intervals where that is longer."""
PENDING_LIMIT = timedelta(seconds=60)
"""How long a message may await its commit: batches that nobody took are sent again every ten seconds."""
CLOCK_LIMIT = timedelta(minutes=5)
"""How far a device's clock may be off before its stamps are called wrong."""


class Step(StrEnum):
    """The way of a message, in its order."""

    WISH = "wish"
    LISTENER = "listener"
    LINK = "link"
    SUBSCRIBED = "subscribed"
    ARRIVING = "arriving"
    UNDERSTOOD = "understood"
    FRESH = "fresh"
    STORED = "stored"
    DEVICES = "devices"


class State(StrEnum):
    """UNKNOWN: cannot be judged, because an earlier step is broken or nothing has come this far."""

    OK = "ok"
    BROKEN = "broken"
    UNKNOWN = "unknown"


class Code(StrEnum):
    """What is said of a step; translators go by it."""

    ON = "on"
    NO_CONNECTION = "no_connection"
    OFF = "off"
    ALIVE = "alive"
    NONE_ALIVE = "none_alive"
    NOT_HELD = "not_held"
    OPEN = "open"
    DOWN = "down"
    OPENING = "opening"
    GRANTED = "granted"
    NOTHING_GRANTED = "nothing_granted"
    ARRIVING = "arriving"
    NEVER = "never"
    STOPPED = "stopped"
    ASLEEP = "asleep"
    UNDERSTOOD = "understood"
    UNRECOGNISED = "unrecognised"
    FAILING = "failing"
    IGNORED = "ignored"
    FRESH = "fresh"
    BEHIND = "behind"
    AHEAD = "ahead"
    STORED = "stored"
    WAITING = "waiting"
    ALL_SPEAK = "all_speak"
    GATEWAY_SILENT = "gateway_silent"
    SOME_SILENT = "some_silent"
    UNJUDGED = "unjudged"


WORDS: dict[Code, tuple[str, str]] = {
    Code.ON: ("The site is wished on.", ""),
    Code.NO_CONNECTION: ("The site has no connection to a broker.", "Add a connection."),
    Code.OFF: ("The site is stopped: nobody wants its messages.", "Start it."),
    Code.ALIVE: ("A listener is alive and holds the connection.", ""),
    Code.NONE_ALIVE: ("No listener is alive: nothing is received.", "Start one: python manage.py run_mqtt"),
    Code.NOT_HELD: (
        "No listener that is alive holds the connection.",
        "Wait for the next reconcile; if it stays so, start another listener: those that run are full.",
    ),
    Code.OPEN: ("Connected to {broker} for {span}.", ""),
    Code.DOWN: ("{broker} cannot be reached: {error}", "Read the connection log, and test the connection."),
    Code.OPENING: ("The connection to {broker} is being opened.", "Wait; if it stays so, test the connection."),
    Code.GRANTED: ("Subscribed to {filters}.", ""),
    Code.NOTHING_GRANTED: (
        "The broker has granted no subscription.",
        "Activate a topic of the connection, or let the broker's access list allow it.",
    ),
    Code.ARRIVING: ("The last message came {span} ago; one is expected every {pace}.", ""),
    Code.NEVER: (
        "Nothing has ever arrived.",
        "Check the topics' first level, the broker's access list and the gateway's power; force discovery shows all.",
    ),
    Code.STOPPED: (
        "Nothing has arrived for {span}; a message is expected every {pace}.",
        "Check the gateway's power and its way to the broker.",
    ),
    Code.ASLEEP: ("The last message came {span} ago; the site sleeps outside of its hours.", ""),
    Code.UNDERSTOOD: ("{count} messages of the last {window} were understood; {failed} failed.", ""),
    Code.UNRECOGNISED: (
        "No parser recognises any of the {count} messages of the last {window}.",
        "Try a parser on a topic, or map the fields of its payload.",
    ),
    Code.FAILING: (
        "All {count} messages of the last {window} that a parser took have failed.",
        "Open the parsing failures: they show the place in the payload.",
    ),
    Code.IGNORED: ("All {count} messages of the last {window} were ignored.", "Activate the parsing of their topics."),
    Code.FRESH: ("The newest value was measured {span} ago.", ""),
    Code.BEHIND: (
        "Messages arrive, but the newest value was measured {span} ago.",
        "Set the devices' clocks; or they send again what is old.",
    ),
    Code.AHEAD: ("The newest value carries a time {span} ahead.", "Set the devices' clocks."),
    Code.STORED: ("Everything that was received is committed.", ""),
    Code.WAITING: (
        "The oldest message has waited {span} for its commit.",
        "Start the ingest worker: celery -A project worker -Q ingest",
    ),
    Code.ALL_SPEAK: ("All {count} devices speak.", ""),
    Code.GATEWAY_SILENT: (
        "The gateway {serial} is silent: what stands behind it cannot be heard.",
        "Check its power and network.",
    ),
    Code.SOME_SILENT: (
        "{silent} of {count} devices are silent while the others speak.",
        "Open the silent ones: their last words and the reason stand there.",
    ),
    Code.UNJUDGED: ("Not judged.", ""),
}
"""What was found, and what to do."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the judgement hangs on. Ages are durations before now; negative ones lie ahead."""

    has_connection: bool = True
    is_wanted: bool = True
    listener_alive: bool = True
    is_held: bool = True
    status: str = MqttConnection.Status.CONNECTED
    status_age: timedelta = timedelta(hours=1)
    error: str = ""
    broker: str = ""
    filters: tuple[str, ...] = ()
    data: Word = Word.LIVE
    message_age: timedelta | None = None
    pace: timedelta = timedelta(0)
    window: timedelta = WINDOW
    stored: int = 0
    failed: int = 0
    unrecognised: int = 0
    ignored: int = 0
    stamp_age: timedelta | None = None
    pending_age: timedelta | None = None
    devices: int = 0
    silent: int = 0
    silent_gateway: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One step, judged. values fill the slots of WORDS."""

    name: Step
    state: State
    code: Code
    values: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        return WORDS[self.code][0].format(**self.values)

    @property
    def action(self) -> str:
        return WORDS[self.code][1]


def span(age: timedelta) -> str:
    """As people say it: 40 s, 14 min, 3 h, 2 d."""
    seconds = abs(age.total_seconds())
    for unit, size, below in (("s", 1, 120), ("min", 60, 7_200), ("h", 3_600, 172_800)):
        if seconds < below:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86_400:.0f} d"


Said = tuple[Code, dict[str, str]]
Status = MqttConnection.Status


def wish(facts: Facts) -> Said:
    code = Code.ON if facts.is_wanted else Code.OFF
    return (code if facts.has_connection else Code.NO_CONNECTION), {}


def listener(facts: Facts) -> Said:
    code = Code.ALIVE if facts.is_held else Code.NOT_HELD
    return (code if facts.listener_alive else Code.NONE_ALIVE), {}


def link(facts: Facts) -> Said:
    if facts.status == Status.CONNECTED:
        return Code.OPEN, {"broker": facts.broker, "span": span(facts.status_age)}
    if facts.error:
        return Code.DOWN, {"broker": facts.broker, "error": facts.error}
    return Code.OPENING, {"broker": facts.broker}


def subscribed(facts: Facts) -> Said:
    if not facts.filters:
        return Code.NOTHING_GRANTED, {}
    return Code.GRANTED, {"filters": ", ".join(facts.filters)}


def arriving(facts: Facts) -> Said:
    if facts.message_age is None:
        return Code.NEVER, {}
    code = {Word.QUIET: Code.STOPPED, Word.ASLEEP: Code.ASLEEP}.get(facts.data, Code.ARRIVING)
    return code, {"span": span(facts.message_age)} | ({} if code is Code.ASLEEP else {"pace": span(facts.pace)})


def understood(facts: Facts) -> Said:
    """Where one message is understood the site speaks; failures beside it have their own page."""
    window = span(facts.window)
    if facts.stored:
        return Code.UNDERSTOOD, {"count": f"{facts.stored:,}", "failed": f"{facts.failed:,}", "window": window}
    for code, count in (
        (Code.FAILING, facts.failed),
        (Code.UNRECOGNISED, facts.unrecognised),
        (Code.IGNORED, facts.ignored),
    ):
        if count:
            return code, {"count": f"{count:,}", "window": window}
    return Code.UNJUDGED, {}


def fresh(facts: Facts) -> Said:
    """What was measured, by the device's clock, against the clock of the database."""
    if facts.stamp_age is None or facts.message_age is None:
        return Code.UNJUDGED, {}
    if facts.stamp_age < -CLOCK_LIMIT:
        return Code.AHEAD, {"span": span(facts.stamp_age)}
    behind = facts.stamp_age - facts.message_age > max(CLOCK_LIMIT, 2 * facts.pace)
    return (Code.BEHIND if behind else Code.FRESH), {"span": span(facts.stamp_age)}


def stored(facts: Facts) -> Said:
    if facts.pending_age is not None and facts.pending_age > PENDING_LIMIT:
        return Code.WAITING, {"span": span(facts.pending_age)}
    return Code.STORED, {}


def devices(facts: Facts) -> Said:
    if not facts.devices:
        return Code.UNJUDGED, {}
    if facts.silent_gateway:
        return Code.GATEWAY_SILENT, {"serial": facts.silent_gateway}
    if facts.silent:
        return Code.SOME_SILENT, {"silent": f"{facts.silent:,}", "count": f"{facts.devices:,}"}
    return Code.ALL_SPEAK, {"count": f"{facts.devices:,}"}


JUDGES: dict[Step, Callable[[Facts], Said]] = {
    Step.WISH: wish,
    Step.LISTENER: listener,
    Step.LINK: link,
    Step.SUBSCRIBED: subscribed,
    Step.ARRIVING: arriving,
    Step.UNDERSTOOD: understood,
    Step.FRESH: fresh,
    Step.STORED: stored,
    Step.DEVICES: devices,
}


def judge(facts: Facts) -> list[Found]:
    """Every step in order; nothing is said of those after the first that is broken, which is what has an action."""
    found: list[Found] = []
    is_broken = False
    for name, said in JUDGES.items():
        code, values = (Code.UNJUDGED, {}) if is_broken else said(facts)
        is_broken = is_broken or bool(WORDS[code][1])
        state = State.UNKNOWN if code is Code.UNJUDGED else State.BROKEN if is_broken else State.OK
        found.append(Found(name, state, code, values))
    return found
