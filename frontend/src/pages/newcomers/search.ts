/** What of this page stands in its address. */

import { oneOf, whole } from '@/app/search';

export const STATES = ['waiting', 'refused', 'approved'] as const;
export type NewcomersSearch = { site?: number | undefined; state?: (typeof STATES)[number] | undefined };

export function newcomersSearch(given: Record<string, unknown>): NewcomersSearch {
  return { site: whole(given.site), state: oneOf(STATES, given.state) };
}
