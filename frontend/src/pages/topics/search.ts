/** What of this page stands in its address. */

export type TopicsSearch = Record<string, never>;

export function topicsSearch(_given: Record<string, unknown>): TopicsSearch {
  return {};
}
