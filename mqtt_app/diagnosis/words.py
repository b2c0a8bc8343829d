"""The steps of a message's way, what may be found at each, and what to do about it."""

from enum import StrEnum


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
        "No listener holds the connection yet.",
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
