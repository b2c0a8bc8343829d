/** What of this page stands in its address. */

import { oneOf } from '@/app/search';

export const TABS = ['profile', 'tokens', 'people', 'retention', 'about'] as const;
export type SettingsSearch = { tab?: (typeof TABS)[number] | undefined };

export function settingsSearch(given: Record<string, unknown>): SettingsSearch {
  return { tab: oneOf(TABS, given.tab) };
}
