/** What of this page stands in its address: whose topics, what is looked for, and which one is open. */

import { flag, oneOf, text, whole } from '@/app/search';

export type TopicsSearch = {
  /** Topics of this site only. */
  site?: number | undefined;
  /** The open topic or branch, and whose it is where all sites are shown. */
  path?: string | undefined;
  of?: number | undefined;
  /** Words, or an MQTT filter. */
  find?: string | undefined;
  view?: 'alike' | undefined;
  /** The reports of listening to everything are open; they need a site. */
  discovery?: true | undefined;
};

export function topicsSearch(given: Record<string, unknown>): TopicsSearch {
  return {
    site: whole(given.site),
    path: text(given.path),
    of: whole(given.of),
    find: text(given.find),
    view: oneOf(['alike'], given.view),
    discovery: flag(given.discovery),
  };
}
