/** What of this page stands in its address. */

export type SystemSearch = Record<string, never>;

export function systemSearch(_given: Record<string, unknown>): SystemSearch {
  return {};
}
