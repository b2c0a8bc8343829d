/** Rows as the API sends them, with whatever a test wants to be different. */

import type { Datalogger, Gateway, Overview, SiteOverview } from '@/api/types';

export const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();

export function site(changes: Partial<SiteOverview> = {}): SiteOverview {
  return {
    id: 1,
    name: 'Diga di Valdora',
    slug: 'valdora',
    site_type: 'dam',
    location: 'Valdora',
    latitude: null,
    longitude: null,
    word: 'live',
    link: 'live',
    data: 'live',
    interval_s: 15,
    connection: {
      is_active: true,
      status: 'connected',
      status_since: ago(3600),
      last_message_at: ago(4),
      last_error: '',
      mqtt_retry_count: 0,
      mqtt_next_retry: null,
      broker_host: 'broker.example',
      broker_port: 1883,
    },
    gateways: { online: 1, offline: 0, unknown: 0 },
    dataloggers: { online: 4, offline: 0, unknown: 0 },
    received: Array.from({ length: 60 }, () => 6),
    failed: 0,
    headline: { name: 'tilt', value: 0.62, unit: '°', at: ago(0) },
    ...changes,
  };
}

export function overview(sites: SiteOverview[], changes: Partial<Overview> = {}): Overview {
  const words: Record<string, number> = {};
  for (const { word } of sites) words[word] = (words[word] ?? 0) + 1;
  return {
    at: ago(0),
    next_reconcile_at: ago(-60), // however long the test takes until it is drawn
    reconcile_period_s: 30,
    listener_alive: true,
    words,
    devices: { online: 5, offline: 0, unknown: 0 },
    received: Array.from({ length: 60 }, () => 6),
    failed: 0,
    sites,
    ...changes,
  };
}

export function gateway(changes: Partial<Gateway> = {}): Gateway {
  return {
    id: 1,
    site_id: 1,
    serial: 'gateway_1',
    status: 'online',
    status_since: ago(600),
    offline_reason: '',
    last_seen_at: ago(5),
    interval_s: 15,
    expected_interval_s: 15,
    interval_from: 'device',
    firmware: '2.4.1',
    metadata: {},
    first_seen_at: ago(86_400),
    addresses: {},
    name: '',
    muted_until: null,
    ...changes,
  };
}

export function datalogger(changes: Partial<Datalogger> = {}): Datalogger {
  const { addresses: _, ...device } = gateway();
  return {
    ...device,
    id: 7,
    serial: 'PZ203',
    site_name: 'Diga di Valdora',
    gateway_id: 1,
    gateway_serial: 'gateway_1',
    kind: 'piezometer',
    tags: [],
    latest: [],
    ...changes,
  };
}

export function page<Row>(items: Row[], count = items.length) {
  return { items, count, count_is_capped: false };
}
