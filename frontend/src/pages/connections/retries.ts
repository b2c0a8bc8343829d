/** What a connection that does not stand says about itself. */

import type { ConnectionStatus } from '@/api/types';
import { t } from '@/i18n';
import { number } from '@/i18n/format';
import { texts } from './texts';

type Retrying = Pick<ConnectionStatus, 'status' | 'is_active' | 'mqtt_retry_count' | 'mqtt_next_retry'>;

/** "attempt 4, next in 18 s"; empty while nothing is retried. */
export function retries(row: Retrying, now: number): string {
  if (!row.is_active || row.status === 'connected' || !row.mqtt_retry_count) return '';
  const words = [t(texts.attempt, { count: row.mqtt_retry_count })];
  if (row.mqtt_next_retry) {
    const seconds = Math.ceil((Date.parse(row.mqtt_next_retry) - now) / 1000);
    words.push(seconds > 0 ? t(texts.nextIn, { seconds }) : t(texts.nextNow));
  }
  return words.join(', ');
}

/** How many came in the last whole minute: by the minute where there are few, by the second where there are many. */
export function rate(received: number[] | undefined): string {
  const last = received?.at(-2);
  if (last === undefined) return '–';
  return last < 120
    ? t(texts.perMinute, { rate: number(last) })
    : t(texts.perSecond, { rate: number(Math.round(last / 6) / 10) });
}
