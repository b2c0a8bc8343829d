/** The ledger of a window of time that moves on with every minute. */

import { keepPreviousData } from '@tanstack/react-query';
import { $api } from '@/api/client';
import { useNow } from '@/hooks/useNow';
import { WINDOWS } from './ledger';
import type { Span } from './search';

const MINUTE_MS = 60_000;

export function useLedger(span: Span, connection: number | undefined) {
  const { seconds, step } = WINDOWS[span];
  const to = Math.ceil(useNow() / MINUTE_MS) * MINUTE_MS;
  const from = to - seconds * 1000;
  const query = { from: new Date(from).toISOString(), ...(connection !== undefined && { connection }) };
  const options = { placeholderData: keepPreviousData };
  const all = $api.useQuery(
    'get',
    '/api/v1/mqtt/ledger/',
    { params: { query: { from: query.from } } },
    { ...options, refetchInterval: 15_000 },
  );
  const series = $api.useQuery(
    'get',
    '/api/v1/mqtt/ledger/series/',
    { params: { query: { ...query, step } } },
    options,
  );
  return { from, to, step, all, series };
}
