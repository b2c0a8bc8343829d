/** What of this page stands in its address: the tab, and what its devices are filtered by. */

import { oneOf } from '@/app/search';
import { type DevicesSearch, devicesSearch } from '@/plugins/devices/search';

export const TABS = ['summary', 'devices', 'settings'] as const;
export type Tab = (typeof TABS)[number];
export type SiteSearch = DevicesSearch & { tab?: Tab | undefined };

export function siteSearch(given: Record<string, unknown>): SiteSearch {
  return { ...devicesSearch(given), tab: oneOf(TABS, given.tab) };
}
