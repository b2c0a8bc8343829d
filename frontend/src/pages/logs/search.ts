/** What of this page stands in its address. */

export type LogsSearch = Record<string, never>;

export function logsSearch(_given: Record<string, unknown>): LogsSearch {
  return {};
}
