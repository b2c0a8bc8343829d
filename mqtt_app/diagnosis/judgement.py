"""The facts of a site, judged step by step; at the first step that is broken it is said what to do. No database."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from mqtt_app.diagnosis.words import WORDS, Code, State, Step
from mqtt_app.models import MqttConnection
from mqtt_app.overview import Word

WINDOW = timedelta(minutes=15)
"""How far back fates are counted, at least: three of the site's intervals where that is longer."""
PENDING_LIMIT = timedelta(seconds=60)
"""How long a message may await its commit: batches that nobody took are sent again every ten seconds."""
CLOCK_LIMIT = timedelta(minutes=5)
"""How far a device's clock may be off before its stamps are called wrong."""


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
