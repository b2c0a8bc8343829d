/** Whether a value may be shown as one of now, and why a device is silent, in words. */

import type { ConnectionStatus, Datalogger, Gateway } from '@/api/types';
import { t } from '@/i18n';
import { pace, span } from '@/i18n/format';
import { datalogger as texts } from './strings';

export type Freshness = 'live' | 'late' | 'old' | 'never';

const PATIENCE = 2.5; // expected intervals, as the server counts

export function freshnessOf(at: string | null, intervalS: number, nowMs: number): Freshness {
  if (at === null) return 'never';
  const patience = PATIENCE * intervalS * 1000;
  const age = nowMs - Date.parse(at);
  return age <= patience ? 'live' : age <= 2 * patience ? 'late' : 'old';
}

type Around = { gateway: Gateway | undefined; link: ConnectionStatus | undefined };

/** Why it is not online: what it said last, what stands between it and us, and what is in order. */
export function reasonOf(device: Datalogger, { gateway, link }: Around, nowMs: number): string | null {
  if (device.status === 'online') return null;
  if (link && !link.is_active) return t(texts.paused);
  if (link && link.status !== 'connected') return t(texts.linkDown, { error: link.last_error || t(texts.noError) });
  if (device.status === 'unknown') return t(device.last_seen_at ? texts.notHeardYet : texts.neverHeard);
  if (device.offline_reason === 'gateway' && gateway) return t(texts.gatewayDown, { serial: gateway.serial });
  if (device.offline_reason === 'declared') return t(texts.declared);
  const ago = device.last_seen_at ? span((nowMs - Date.parse(device.last_seen_at)) / 1000) : '';
  const every = pace(device.expected_interval_s);
  return [
    t(texts.fellSilent, { ago, every }),
    gateway?.status === 'online' ? t(texts.restIsFine, { serial: gateway.serial }) : t(texts.linkIsFine),
  ].join(' ');
}
