/** What a row of the ledger is called. */

import { $api } from '@/api/client';
import { t } from '@/i18n';
import type { LedgerRow } from './ledger';
import { texts } from './texts';

/** The site's name; a connection that was deleted has only its number. */
export function useNames(): (row: LedgerRow) => string {
  const { data } = $api.useQuery('get', '/api/v1/overview/', { params: { query: { minutes: 15 } } });
  const names = new Map(data?.sites.map((site) => [site.id, site.name]));
  return (row) => names.get(row.site_id) ?? t(texts.deleted, { id: row.connection_id });
}
