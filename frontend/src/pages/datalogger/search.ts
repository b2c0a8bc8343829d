/** What of this page stands in its address: the range, what is charted, and whether as a table. */

import { flag, oneOf, text, whole } from '@/app/search';

export const RANGES = ['1h', '6h', '24h', '7d', '30d'] as const;
export type RangeName = (typeof RANGES)[number];

export type DataloggerSearch = {
  range?: RangeName | undefined;
  /** Both, in seconds since 1970, instead of a range that ends now. */
  from?: number | undefined;
  to?: number | undefined;
  /** Numbers of the sensors that are charted, with commas between. */
  show?: string | number | undefined;
  table?: true | undefined;
};

export function dataloggerSearch(given: Record<string, unknown>): DataloggerSearch {
  const from = whole(given.from);
  const to = whole(given.to);
  const isRange = from !== undefined && to !== undefined && from < to;
  return {
    range: oneOf(RANGES, given.range),
    from: isRange ? from : undefined,
    to: isRange ? to : undefined,
    show: listed(text(given.show)),
    table: flag(given.table),
  };
}

/** One alone is a number, so that the address needs no quotes. */
function listed(said: string | undefined): string | number | undefined {
  const list = said?.replace(/[^\d,]/g, '') || undefined;
  return list !== undefined && /^\d{1,15}$/.test(list) ? Number(list) : list;
}
