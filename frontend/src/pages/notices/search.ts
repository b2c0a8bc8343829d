/** What of this page stands in its address. */

import { oneOf, whole } from '@/app/search';

export const TABS = ['rules', 'maintenance', 'log', 'incidents'] as const;
export type NoticesSearch = { site?: number | undefined; tab?: (typeof TABS)[number] | undefined };

export function noticesSearch(given: Record<string, unknown>): NoticesSearch {
  return { site: whole(given.site), tab: oneOf(TABS, given.tab) };
}
