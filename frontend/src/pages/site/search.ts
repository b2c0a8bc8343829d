/** What of this page stands in its address. */

import { oneOf } from '@/app/search';

export const TABS = ['summary', 'devices', 'topics', 'logs', 'settings'] as const;
export type Tab = (typeof TABS)[number];
export type SiteSearch = { tab?: Tab | undefined };

export function siteSearch(given: Record<string, unknown>): SiteSearch {
  return { tab: oneOf(TABS, given.tab) };
}
