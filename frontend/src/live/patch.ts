/** Writes news into what React Query holds: never a status that the server did not say, never an older value over a newer. */

import type { QueryClient } from '@tanstack/react-query';
import type { ConnectionStatus, Datalogger, Gateway, Overview, Page, Sensor } from '@/api/types';
import type { News } from './news';

type Patch<Row> = (row: Row) => Row;

export function patchAll(client: QueryClient, news: News): void {
  if (news.dataloggers.size || news.dataloggerFalls.size) {
    const presence = devicePatch<Datalogger>(news.dataloggers, news.dataloggerFalls);
    const values = latestPatch(news);
    const patch = (row: Datalogger) => values(presence(row));
    patchPages(client, '/api/v1/dataloggers/', patch);
    patchOne(client, '/api/v1/dataloggers/{datalogger_id}/', patch);
  }
  if (news.gateways.size || news.gatewayFalls.size) {
    const patch = devicePatch<Gateway>(news.gateways, news.gatewayFalls);
    patchPages(client, '/api/v1/gateways/', patch);
    patchOne(client, '/api/v1/gateways/{gateway_id}/', patch);
  }
  if (news.sensors.size) {
    const patch = sensorPatch<Sensor>(news);
    patchPages(client, '/api/v1/sensors/', patch);
    patchOne(client, '/api/v1/sensors/{sensor_id}/', patch);
  }
  if (news.connections.size || news.heard.size) {
    const patch = connectionPatch(news);
    patchPages(client, '/api/v1/mqtt/connection-status/', patch);
    patchOne(client, '/api/v1/mqtt/site/{site_id}/status/', patch);
    patchOne<Overview>(client, '/api/v1/overview/', (overview) => patchOverview(overview, news));
  }
}

function patchPages<Row>(client: QueryClient, path: string, patch: Patch<Row>): void {
  patchOne<Page<Row>>(client, path, (page) => {
    if (!page.items) return page;
    const items = each(page.items, patch);
    return items === page.items ? page : { ...page, items };
  });
}

/** What is not changed is not touched: its time of reading stays, and nobody draws it again. */
function patchOne<Row>(client: QueryClient, path: string, patch: Patch<Row>): void {
  for (const [key, row] of client.getQueriesData<Row>({ queryKey: ['get', path] })) {
    if (!row) continue;
    const next = patch(row);
    if (next !== row) client.setQueryData<Row>(key, next);
  }
}

/** The same array where nothing has changed, so that nothing is drawn again. */
function each<Row>(rows: Row[], patch: Patch<Row>): Row[] {
  let isChanged = false;
  const patched = rows.map((row) => {
    const next = patch(row);
    isChanged ||= next !== row;
    return next;
  });
  return isChanged ? patched : rows;
}

function devicePatch<Row extends Gateway | Datalogger>(
  states: News['gateways'] | News['dataloggers'],
  falls: News['gatewayFalls'],
): Patch<Row> {
  return (row) => {
    const state = states.get(row.id);
    const fall = falls.get(row.id);
    const latest = fall && (!state || fall.ts >= state.ts) ? fall : state;
    if (!latest || older(latest.last_seen_at, row.last_seen_at)) return row;
    const isTurn = latest.status !== row.status;
    return {
      ...row,
      status: latest.status,
      last_seen_at: latest.last_seen_at,
      status_since: isTurn ? latest.ts : row.status_since,
      offline_reason: latest.status !== 'offline' ? '' : (fall?.reason ?? row.offline_reason),
    };
  };
}

function latestPatch(news: News): Patch<Datalogger> {
  const patch = sensorPatch<Datalogger['latest'][number]>(news);
  return (row) => {
    const latest = each(row.latest ?? [], patch);
    return latest === row.latest || !row.latest ? row : { ...row, latest };
  };
}

type Measuring = Pick<
  Sensor,
  'id' | 'unit' | 'components' | 'latest_values' | 'latest_time' | 'latest_received_at' | 'latest_quality'
>;

function sensorPatch<Row extends Measuring>(news: News): Patch<Row> {
  return (row) => {
    const value = news.sensors.get(row.id);
    if (!value || older(value.time, row.latest_time)) return row;
    return {
      ...row,
      unit: value.unit,
      components: value.components,
      latest_values: value.values,
      latest_time: value.time,
      latest_received_at: value.received_at,
      latest_quality: value.quality,
    };
  };
}

function connectionPatch(news: News): Patch<ConnectionStatus> {
  return (row) => {
    const status = news.connections.get(row.site_id);
    const heard = news.heard.get(row.site_id);
    const last_message_at = heard && !older(heard, row.last_message_at) ? heard : row.last_message_at;
    if (!status) return last_message_at === row.last_message_at ? row : { ...row, last_message_at };
    return {
      ...row,
      last_message_at,
      is_active: status.is_active,
      status: status.status,
      status_since: status.since,
      mqtt_retry_count: status.attempt,
      mqtt_next_retry: status.next_retry_at,
      last_error: status.last_error,
      next_reconcile_at: status.next_reconcile_at ?? row.next_reconcile_at,
    };
  };
}

function patchOverview(overview: Overview, news: News): Overview {
  const sites = each(overview.sites, (site) => {
    const link = site.connection;
    const status = news.connections.get(site.id);
    const heard = news.heard.get(site.id);
    if (!link || (!status && (!heard || older(heard, link.last_message_at)))) return site;
    const connection = { ...link };
    if (heard && !older(heard, link.last_message_at)) connection.last_message_at = heard;
    if (status) {
      connection.is_active = status.is_active;
      connection.status = status.status;
      connection.status_since = status.since;
      connection.last_error = status.last_error;
      connection.mqtt_retry_count = status.attempt;
      connection.mqtt_next_retry = status.next_retry_at;
    }
    return { ...site, connection };
  });
  return sites === overview.sites ? overview : { ...overview, sites };
}

function older(one: string | null, other: string | null): boolean {
  return other !== null && (one === null || Date.parse(one) < Date.parse(other));
}
