/** The three wishes that an operator has for a connection. Nothing changes on the screen before the server has agreed. */

import { useQueryClient } from '@tanstack/react-query';
import { $api } from '@/api/client';
import type { ConnectionStatus, Overview, Page, Wish } from '@/api/types';

export function useSwitch(siteId: number) {
  const client = useQueryClient();
  const options = { onSuccess: (wish: Wish) => keep(wish) };
  const start = $api.useMutation('post', '/api/v1/mqtt/site/{site_id}/start/', options);
  const stop = $api.useMutation('post', '/api/v1/mqtt/site/{site_id}/stop/', options);
  const discover = $api.useMutation('post', '/api/v1/mqtt/site/{site_id}/force-discovery/', {
    onSuccess: () => refresh(),
  });
  const request = { params: { path: { site_id: siteId } } };

  /** The answer to a wish is what the database holds now. */
  function keep(wish: Wish): void {
    const said = <Row extends { site_id: number }>(row: Row): Row =>
      row.site_id === siteId ? { ...row, ...wish } : row;
    client.setQueriesData<ConnectionStatus>(
      { queryKey: ['get', '/api/v1/mqtt/site/{site_id}/status/'] },
      (row) => row && said(row),
    );
    client.setQueriesData<Page<ConnectionStatus>>(
      { queryKey: ['get', '/api/v1/mqtt/connection-status/'] },
      (page) => page && { ...page, items: page.items.map(said) },
    );
    client.setQueriesData<Overview>(
      { queryKey: ['get', '/api/v1/overview/'] },
      (seen) => seen && wished(seen, siteId, wish),
    );
    refresh();
  }

  function refresh(): void {
    for (const path of ['/api/v1/mqtt/site/{site_id}/status/', '/api/v1/mqtt/connection-status/', '/api/v1/overview/'])
      void client.invalidateQueries({ queryKey: ['get', path] });
  }

  return {
    start: () => start.mutateAsync(request),
    stop: () => stop.mutateAsync(request),
    discover: () => discover.mutateAsync(request),
    isBusy: start.isPending || stop.isPending || discover.isPending,
    error: start.error ?? stop.error ?? discover.error,
    reset: () => {
      start.reset();
      stop.reset();
      discover.reset();
    },
  };
}

function wished(overview: Overview, siteId: number, wish: Wish): Overview {
  const sites = overview.sites.map((site) =>
    site.id === siteId && site.connection
      ? { ...site, connection: { ...site.connection, is_active: wish.is_active, status: wish.status } }
      : site,
  );
  return { ...overview, sites };
}
