/** What is known of one site: itself, how it does, and its connection. */

import { keepPreviousData } from '@tanstack/react-query';
import { $api } from '@/api/client';
import { Problem } from '@/api/problem';
import { useTurns } from '@/hooks/useTurns';

const MINUTES = 60;

export function useSite(id: number) {
  const path = { params: { path: { site_id: id } } };
  const site = $api.useQuery('get', '/api/v1/sites/{site_id}/', path);
  const overview = $api.useQuery(
    'get',
    '/api/v1/overview/',
    { params: { query: { minutes: MINUTES } } },
    { placeholderData: keepPreviousData, refetchInterval: 60_000 },
  );
  useTurns(overview.data);
  const connection = $api.useQuery('get', '/api/v1/mqtt/site/{site_id}/status/', path);
  const hasNone = connection.error instanceof Problem && connection.error.status === 404;
  return {
    site,
    overview,
    seen: overview.data?.sites.find((each) => each.id === id),
    connection,
    /** The site has no connection at all; null while that is not known. */
    hasNone: connection.data ? false : hasNone ? true : null,
  };
}
