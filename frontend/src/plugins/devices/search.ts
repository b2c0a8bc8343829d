/** What of this page stands in its address. */

import { text, whole } from '@/app/search';

export type DevicesSearch = { search?: string | undefined; site?: number | undefined; sort?: string | undefined };

export function devicesSearch(given: Record<string, unknown>): DevicesSearch {
  return { search: text(given.search), site: whole(given.site), sort: text(given.sort) };
}
