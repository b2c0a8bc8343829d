/** What the control room reads: the connections of one part of the list, and of each site its traffic and devices. */

import { keepPreviousData } from '@tanstack/react-query';
import { useMemo } from 'react';
import { $api } from '@/api/client';
import type { SiteOverview } from '@/api/types';
import type { ConnectionsSearch } from './search';

export const PER_PAGE = 50;
export const MINUTES = 15;

export function useConnections({ search, status, wish, page = 1 }: ConnectionsSearch) {
  const query = {
    limit: PER_PAGE,
    offset: (page - 1) * PER_PAGE,
    ...(search && { search }),
    ...(status && { status }),
    ...(wish && { is_active: wish === 'on' }),
  };
  return $api.useQuery(
    'get',
    '/api/v1/mqtt/connection-status/',
    { params: { query } },
    { placeholderData: keepPreviousData },
  );
}

/** By site id; empty until it is known. */
export function useSites(): { sites: Map<number, SiteOverview>; all: SiteOverview[] | undefined } {
  const { data } = $api.useQuery('get', '/api/v1/overview/', { params: { query: { minutes: MINUTES } } });
  const all = data?.sites;
  return useMemo(() => ({ sites: new Map(all?.map((site) => [site.id, site])), all }), [all]);
}

export function devicesOf(site: SiteOverview | undefined): { online: number; all: number } | null {
  if (!site) return null;
  const { gateways: g, dataloggers: d } = site;
  return { online: g.online + d.online, all: g.online + g.offline + g.unknown + d.online + d.offline + d.unknown };
}
