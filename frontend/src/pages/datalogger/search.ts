/** What of this page stands in its address. */

export type DataloggerSearch = Record<string, never>;

export function dataloggerSearch(_given: Record<string, unknown>): DataloggerSearch {
  return {};
}
