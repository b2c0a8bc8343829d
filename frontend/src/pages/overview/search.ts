/** What of this page stands in its address. */

import { oneOf, text } from '@/app/search';

export const WORDS = ['down', 'quiet', 'applying', 'late', 'waiting', 'paused', 'asleep', 'live'] as const;
export type OverviewSearch = {
  word?: (typeof WORDS)[number] | undefined;
  search?: string | undefined;
  view?: 'cards' | 'table' | 'map' | undefined;
  sort?: 'worst' | 'name' | 'heard' | undefined;
};

export function overviewSearch(given: Record<string, unknown>): OverviewSearch {
  return {
    word: oneOf(WORDS, given.word),
    search: text(given.search),
    view: oneOf(['cards', 'table', 'map'], given.view),
    sort: oneOf(['worst', 'name', 'heard'], given.sort),
  };
}
