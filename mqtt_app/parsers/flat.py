"""What families of one flat JSON object share: a sender, a time, and numbers with units that the format fixes."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from mqtt_app.parsers import texts
from mqtt_app.parsers.base import Context, Envelope, Family, Ignored
from mqtt_app.parsers.draft import Draft, Path, one
from mqtt_app.parsers.fields import Shape
from mqtt_app.parsers.measured import measures
from mqtt_app.parsers.times import moment
from mqtt_app.parsers.units import of_quantity
from sites.reports import Report


class Flat(Family):
    """Base of such a family: it says who sends, and what is what."""

    shape: ClassVar[type[Shape]] = Shape
    """What has to be there; without it the message is refused."""

    times: ClassVar[Collection[str]] = ()
    units: ClassVar[Mapping[str, str]] = {}
    unmeasured: ClassVar[Collection[str]] = ()
    energy: ClassVar[str] = ""

    def serial(self, envelope: Envelope, document: dict[str, Any]) -> str:  # noqa: ARG002
        return self.sender(envelope.topic) or envelope.topic.strip("/")

    def gateway(self, envelope: Envelope) -> str | None:  # noqa: ARG002
        return None

    def unit(self, path: Path) -> str:
        return self.units[path[-1]] if path[-1] in self.units else of_quantity(path[-1], self.energy)

    def is_left_out(self, path: Path) -> bool:
        return path[-1] in self.unmeasured or path[-1] in self.times or not measures(path[-1], 0)

    def parse(self, envelope: Envelope, context: Context) -> Report:
        if not envelope.payload:
            raise Ignored("nothing is said")
        document = texts.objects(envelope)
        texts.shaped(self.shape, document, context)
        draft = Draft(self.serial(envelope, document), envelope, context, self.name)
        draft.time = next((at for name in self.times if (at := moment(document.get(name), context.timezone))), None)
        draft.tree(document, self.unit, self.is_left_out)
        return one(draft, gateway=self.gateway(envelope))

    name: str
    patterns: tuple[str, ...]
