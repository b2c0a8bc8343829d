/** What of the parsers' pages stands in their addresses. */

import { text, whole } from '@/app/search';

export type ParsersSearch = { site?: number | undefined };

export type MappingSearch = {
  /** Whose messages it is tried on; of a new one also whose it will be. */
  site?: number | undefined;
  /** A new one begins with what this topic said, and is for all that are like it: its template. */
  topic?: string | undefined;
  template?: string | undefined;
  /** A message that could not be read, to be tried first. */
  failure?: number | undefined;
};

export function parsersSearch(given: Record<string, unknown>): ParsersSearch {
  return { site: whole(given.site) };
}

export function mappingSearch(given: Record<string, unknown>): MappingSearch {
  return {
    site: whole(given.site),
    topic: text(given.topic),
    template: text(given.template),
    failure: whole(given.failure),
  };
}
