/** What of this page stands in its address. */

import { text, whole } from '@/app/search';

export type TopicsSearch = { site?: number | undefined; path?: string | undefined; find?: string | undefined };

export function topicsSearch(given: Record<string, unknown>): TopicsSearch {
  return { site: whole(given.site), path: text(given.path), find: text(given.find) };
}
