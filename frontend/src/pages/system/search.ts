/** What of this page stands in its address. */

import { oneOf, whole } from '@/app/search';

export const SPANS = ['1h', '24h', '7d', '30d'] as const;
export type Span = (typeof SPANS)[number];
export type SystemSearch = {
  span?: Span | undefined;
  /** The id of a connection. */
  connection?: number | undefined;
};

export function systemSearch(given: Record<string, unknown>): SystemSearch {
  return { span: oneOf(SPANS, given.span), connection: whole(given.connection) };
}
