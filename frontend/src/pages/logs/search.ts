/** What of the logs stands in their addresses: every filter, and which kind of failure is open. */

import { oneOf, text, whole } from '@/app/search';

export const LEVELS = ['INFO', 'WARNING', 'ERROR'] as const;
export const SPANS = ['24h', '7d', '30d'] as const;
export const STATES = ['open', 'resolved', 'ignored'] as const;

export type LogsSearch = {
  site?: number | undefined;
  level?: (typeof LEVELS)[number] | undefined;
  find?: string | undefined;
  span?: (typeof SPANS)[number] | undefined;
  /** One hour of the histogram, by when it began, in seconds since 1970. */
  hour?: number | undefined;
  state?: (typeof STATES)[number] | undefined;
  sort?: '-count' | 'count' | '-last_seen_at' | 'last_seen_at' | '-first_seen_at' | 'first_seen_at' | undefined;
  /** The open kind of failure, and the open failure. */
  kind?: string | undefined;
  failure?: number | undefined;
  /** Failures on topics of this filter are to be read again. */
  again?: string | undefined;
};

const SORTS = ['-count', 'count', '-last_seen_at', 'last_seen_at', '-first_seen_at', 'first_seen_at'] as const;

export function logsSearch(given: Record<string, unknown>): LogsSearch {
  return {
    site: whole(given.site),
    level: oneOf(LEVELS, given.level),
    find: text(given.find),
    span: oneOf(SPANS, given.span),
    hour: whole(given.hour),
    state: oneOf(STATES, given.state),
    sort: oneOf(SORTS, given.sort),
    kind: text(given.kind),
    failure: whole(given.failure),
    again: text(given.again),
  };
}

const HOURS = { '24h': 24, '7d': 7 * 24, '30d': 30 * 24 };
const HOUR_MS = 3_600_000;

/** From when, and until when where that is not now. Whole hours, so that it does not change with every look. */
export function timesOf({ span, hour }: LogsSearch, nowMs: number): { from: string; to?: string } {
  if (hour !== undefined) {
    return { from: new Date(hour * 1000).toISOString(), to: new Date(hour * 1000 + HOUR_MS).toISOString() };
  }
  const begin = Math.floor(nowMs / HOUR_MS) * HOUR_MS - HOURS[span ?? '24h'] * HOUR_MS;
  return { from: new Date(begin).toISOString() };
}

/** A line's id that is later than all: the client sends some number for the first part, and 0 would be before all. */
export const NEWEST = Number.MAX_SAFE_INTEGER;
