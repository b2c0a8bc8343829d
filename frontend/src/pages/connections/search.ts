/** What of this page stands in its address. */

export type ConnectionsSearch = Record<string, never>;

export function connectionsSearch(_given: Record<string, unknown>): ConnectionsSearch {
  return {};
}
