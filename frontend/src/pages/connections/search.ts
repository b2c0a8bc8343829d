/** What of this page stands in its address. */

import { flag, oneOf, text, whole } from '@/app/search';

export const STATUSES = ['connected', 'connecting', 'disconnected', 'error'] as const;
export type ConnectionsSearch = {
  search?: string | undefined;
  status?: (typeof STATUSES)[number] | undefined;
  wish?: 'on' | 'off' | undefined;
  /** From 1. */
  page?: number | undefined;
  /** The form: a new connection, perhaps for this site, or one that is there. */
  add?: true | undefined;
  site?: number | undefined;
  edit?: number | undefined;
};

export function connectionsSearch(given: Record<string, unknown>): ConnectionsSearch {
  const page = whole(given.page);
  return {
    search: text(given.search),
    status: oneOf(STATUSES, given.status),
    wish: oneOf(['on', 'off'], given.wish),
    page: page && page > 1 ? page : undefined,
    add: flag(given.add),
    site: whole(given.site),
    edit: whole(given.edit),
  };
}
