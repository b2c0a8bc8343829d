/** What of this page stands in its address: filters, order, columns and what is looked at. */

import { oneOf, text, whole } from '@/app/search';

export const STATUSES = ['online', 'offline', 'unknown'] as const;
export const NEW_SINCE = ['1h', '24h', '7d'] as const;
export const OPTIONAL = ['kind', 'site', 'gateway', 'latest', 'interval', 'tags', 'firmware', 'first_seen'] as const;
export type OptionalColumn = (typeof OPTIONAL)[number];

const SORTABLE = [
  'serial',
  'status',
  'kind',
  'site_name',
  'last_seen_at',
  'expected_interval_s',
  'firmware',
  'first_seen_at',
] as const;
export type Sort = (typeof SORTABLE)[number] | `-${(typeof SORTABLE)[number]}`;

export type DevicesSearch = {
  search?: string | undefined;
  site?: number | undefined;
  status?: (typeof STATUSES)[number] | undefined;
  kind?: string | undefined;
  firmware?: string | undefined;
  tag?: string | undefined;
  since?: (typeof NEW_SINCE)[number] | undefined;
  sort?: Sort | undefined;
  /** Names of the columns that are shown, with commas between. */
  columns?: string | undefined;
  /** The datalogger that is looked at beside the list. */
  look?: number | undefined;
};

export function devicesSearch(given: Record<string, unknown>): DevicesSearch {
  return {
    search: text(given.search),
    site: whole(given.site),
    status: oneOf(STATUSES, given.status),
    kind: text(given.kind),
    firmware: text(given.firmware),
    tag: text(given.tag),
    since: oneOf(NEW_SINCE, given.since),
    sort: oneOf(
      SORTABLE.flatMap((name) => [name, `-${name}`] as Sort[]),
      given.sort,
    ),
    columns: text(given.columns),
    look: whole(given.look),
  };
}

const SHOWN_AT_FIRST: OptionalColumn[] = ['kind', 'site', 'latest', 'interval'];

export function shownColumns({ columns }: DevicesSearch): OptionalColumn[] {
  if (columns === undefined) return SHOWN_AT_FIRST;
  const named = columns.split(',');
  return OPTIONAL.filter((name) => named.includes(name));
}

/** Undefined where nothing is filtered by. */
export function isFiltered({ search, site, status, kind, firmware, tag, since }: DevicesSearch): boolean {
  return [search, site, status, kind, firmware, tag, since].some((value) => value !== undefined);
}

const HOURS = { '1h': 1, '24h': 24, '7d': 168 };

/** To the minute, so that the same question stays the same for a while. */
export function sinceMoment(since: DevicesSearch['since'], now: number): string | undefined {
  if (!since) return undefined;
  const minute = 60_000;
  return new Date(Math.floor(now / minute) * minute - HOURS[since] * 3_600_000).toISOString();
}
