/** What needs attention, worst first and then longest first, each with its reason. Pure. */

import type { components } from '@/api/schema';
import type { Datalogger, Gateway, Overview, SiteOverview } from '@/api/types';
import { t } from '@/i18n';
import { pace, span } from '@/i18n/format';
import { WORDS } from './search';
import { texts } from './strings';

export type Item = {
  key: string;
  kind: 'site' | 'connection' | 'datalogger' | 'gateway';
  /** Of the datalogger, or of the site. */
  id: number;
  word: string;
  name: string;
  /** Where a device stands. */
  place: string | null;
  reason: string;
  since: string | null;
  siteId: number;
  /** Of the device; of the site where that is what is wrong. */
  subject: number;
  /** Somebody has said that they know of it. */
  known?: Known | undefined;
};

export type Known = components['schemas']['AcknowledgementOut'];

export function attention(overview: Overview, dataloggers: Datalogger[], gateways: Gateway[], now: number): Item[] {
  const names = new Map(overview.sites.map((site) => [site.id, site.name]));
  const items = overview.sites.flatMap((site) => siteItem(site, now) ?? []);
  const unheard = new Set(
    overview.sites.filter((site) => site.link !== 'live' || site.word === 'asleep').map((site) => site.id),
  );
  for (const gateway of gateways) {
    if (gateway.status !== 'offline' || unheard.has(gateway.site_id)) continue;
    items.push(device('gateway', gateway, names.get(gateway.site_id) ?? '', gateway.site_id));
  }
  for (const datalogger of dataloggers) {
    if (datalogger.status !== 'offline' || datalogger.offline_reason === 'gateway') continue;
    if (unheard.has(datalogger.site_id)) continue;
    items.push(device('datalogger', datalogger, names.get(datalogger.site_id) ?? '', datalogger.id));
  }
  return items.sort((one, other) => rank(one.word) - rank(other.word) || earlier(one.since, other.since));
}

/** The same items, each with what somebody has said of it. */
export function withKnown(items: Item[], known: Known[]): Item[] {
  if (!known.length) return items;
  const byKey = new Map(known.map((one) => [keyOf(one), one]));
  return items.map((item) => ({ ...item, known: byKey.get(item.key) }));
}

function keyOf({ site_id, gateway_id, datalogger_id }: Known): string {
  if (datalogger_id !== null) return `datalogger-${datalogger_id}`;
  return gateway_id !== null ? `gateway-${gateway_id}` : `site-${site_id}`;
}

function rank(word: string): number {
  const place = (WORDS as readonly string[]).indexOf(word === 'offline' ? 'quiet' : word);
  return place === -1 ? WORDS.length : place;
}

function earlier(one: string | null, other: string | null): number {
  return (one ?? '').localeCompare(other ?? '');
}

function device(kind: 'gateway' | 'datalogger', row: Gateway | Datalogger, place: string, id: number): Item {
  const reason =
    row.offline_reason === 'declared'
      ? t(texts.deviceDeclared)
      : t(texts.deviceSilent, { interval: pace(row.expected_interval_s) });
  return {
    key: `${kind}-${row.id}`,
    kind,
    id,
    word: 'offline',
    name: ('name' in row && row.name) || row.serial,
    place,
    reason,
    since: row.last_seen_at ?? row.status_since,
    siteId: row.site_id,
    subject: row.id,
  };
}

function siteItem(site: SiteOverview, now: number): Item | null {
  const link = site.connection;
  if (!link) return null;
  const item = (word: string, kind: 'site' | 'connection', reason: string, since: string | null): Item => ({
    key: `site-${site.id}`,
    kind,
    id: site.id,
    word,
    name: site.name,
    place: null,
    reason,
    since,
    siteId: site.id,
    subject: site.id,
  });
  const interval = pace(site.interval_s);
  if (site.link === 'down') return item('down', 'connection', whyDown(site, now), link.status_since);
  if (site.link === 'applying') return null; // a wish on its way; its countdown stands on the card
  if (site.link !== 'live') return null;
  if (site.data === 'quiet') return item('quiet', 'site', t(texts.nothingFor, { interval }), link.last_message_at);
  if (site.data === 'late') return item('late', 'site', t(texts.isLate, { interval }), link.last_message_at);
  if (site.data === 'waiting') return item('waiting', 'site', t(texts.neverSpoke), link.status_since);
  return null;
}

function whyDown(site: SiteOverview, now: number): string {
  const link = site.connection;
  const parts = [link?.last_error || t(texts.linkDown)];
  if (link?.mqtt_retry_count) parts.push(t(texts.attempt, { number: link.mqtt_retry_count }));
  const wait = link?.mqtt_next_retry ? (Date.parse(link.mqtt_next_retry) - now) / 1000 : 0;
  if (wait > 0) parts.push(t(texts.nextTry, { span: span(wait) }));
  return parts.join(' · ');
}
