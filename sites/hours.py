"""Hours of a day in which something holds: from, to, and where; they may pass midnight."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sites.models import Site


def within(start: time, end: time, zone: str, now: datetime) -> bool:
    """Whether `now` lies in start…end by the clocks of `zone`; never when both are the same."""
    here = now.astimezone(ZoneInfo(zone)).time()
    return start <= here < end if start <= end else here >= start or here < end


def at_work(site: Site, now: datetime) -> bool:
    """Whether the site's devices are meant to speak now; without working hours they always are."""
    start, end = site.works_from, site.works_to
    return start is None or end is None or start == end or within(start, end, site.timezone, now)


def opened_at(site: Site, now: datetime) -> datetime | None:
    """When the working hours that `now` lies in began, by the clocks of the site; None outside of them.

    A site that always works has worked since the beginning of time.
    """
    if not at_work(site, now):
        return None
    start, end = site.works_from, site.works_to
    if start is None or start == end:
        return datetime.min.replace(tzinfo=UTC)
    here = now.astimezone(ZoneInfo(site.timezone))
    day = here.date() if here.time() >= start else here.date() - timedelta(days=1)
    return datetime.combine(day, start, here.tzinfo)
