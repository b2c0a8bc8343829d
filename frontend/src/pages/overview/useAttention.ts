/** What needs attention now: from the overview, and from the devices that fell silent. */

import { useMemo } from 'react';
import { $api } from '@/api/client';
import type { Overview } from '@/api/types';
import { useNow } from '@/hooks/useNow';
import { attention, type Item, withKnown } from './attention';

const SHOWN = 200;

export function useAttention(overview: Overview | undefined): { items: Item[]; isCut: boolean } {
  const offline = { params: { query: { status: 'offline' as const, sort: 'status_since' as const, limit: SHOWN } } };
  const dataloggers = $api.useQuery('get', '/api/v1/dataloggers/', offline);
  const gateways = $api.useQuery('get', '/api/v1/gateways/', offline);
  const known = $api.useQuery('get', '/api/v1/acknowledgements/', {}, { refetchInterval: 60_000 });
  const now = useNow();
  const items = useMemo(
    () =>
      overview
        ? withKnown(
            attention(overview, dataloggers.data?.items ?? [], gateways.data?.items ?? [], now),
            known.data ?? [],
          )
        : [],
    [overview, dataloggers.data, gateways.data, known.data, now],
  );
  return { items, isCut: Math.max(dataloggers.data?.count ?? 0, gateways.data?.count ?? 0) > SHOWN };
}
