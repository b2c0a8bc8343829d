"""What happens to the simulated fleet, and when: silences, tremors, a sensor that dies, a firmware that errs.

Everything is told from one instant, that at which the fleet begins to speak: a part of it lies before, for the history.
"""

from dataclasses import dataclass

from project.local.signals import HOUR_S, MINUTE_S, Span, Tremor


@dataclass(frozen=True)
class Story:
    """The timetable. begin: seconds since 1970."""

    begin: float

    def _span(self, begin: float, end: float) -> Span:
        return Span(self.begin + begin, self.begin + end)

    @property
    def tremors(self) -> tuple[Tremor, ...]:
        """The ground shook in the night, and shakes again while somebody looks."""
        return (
            Tremor(self._span(-5.3 * HOUR_S, -5.3 * HOUR_S + 50), 14.0),
            Tremor(self._span(45, 65), 9.0),
        )

    @property
    def gateway_silences(self) -> tuple[Span, ...]:
        """When the bridge's second gateway says nothing. It returns by itself."""
        return self._span(-3.2 * HOUR_S, -2.8 * HOUR_S), self._span(25, 130)

    @property
    def outage(self) -> Span:
        """When the line to the solar plant was cut, and nobody heard anything."""
        return self._span(-2.5 * HOUR_S, -2.25 * HOUR_S)

    @property
    def last_words(self) -> float:
        """When the piezometer spoke for the last time."""
        return self.begin - 4.7 * HOUR_S

    @property
    def new_firmware(self) -> float:
        """Since when the bridge's second cabinet sends text instead of its battery's voltage."""
        return self.begin - 1.5 * HOUR_S

    @property
    def newcomer(self) -> float:
        """From when somebody tries something on a topic that no parser knows."""
        return self.begin + 35

    @property
    def marks(self) -> tuple[float, ...]:
        """Just before each change of the past: what was said then is remembered."""
        before = (self.last_words, self.new_firmware, self.outage.begin, *(s.begin for s in self.gateway_silences))
        return tuple(sorted(at - 1 for at in before if at < self.begin))


FADING_S = 40 * MINUTE_S
"""How long the piezometer took to die."""
