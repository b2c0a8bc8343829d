/** What of this page stands in its address. */

export type SettingsSearch = Record<string, never>;

export function settingsSearch(_given: Record<string, unknown>): SettingsSearch {
  return {};
}
