/** The last 24 hours, hour by hour: what was received, what was not understood, and when the link had trouble. */

import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import { Loading } from '@/components/states';
import { useNow } from '@/hooks/useNow';
import { getLanguage, t } from '@/i18n';
import { count } from '@/i18n/format';
import { Failed } from './Failed';
import classes from './Site.module.css';
import { texts } from './strings';

const HOUR = 3_600_000;
const HOURS = 24;
const HEIGHT = 64;

export type Hour = { at: number; received: number; failed: number; troubles: number };
type Point = components['schemas']['LedgerPointOut'];
type Line = { hour: string; warning: number; error: number };

/** One entry for each of the last hours, oldest first. */
export function hours(now: number, points: Pick<Point, 'at' | 'received' | 'failed'>[], lines: Line[]): Hour[] {
  const last = Math.floor(now / HOUR) * HOUR;
  const byHour = new Map(points.map((point) => [Date.parse(point.at), point]));
  const troubles = new Map(lines.map((line) => [Date.parse(line.hour), line.error + line.warning]));
  return Array.from({ length: HOURS }, (_, place) => {
    const at = last - (HOURS - 1 - place) * HOUR;
    const point = byHour.get(at);
    return { at, received: point?.received ?? 0, failed: point?.failed ?? 0, troubles: troubles.get(at) ?? 0 };
  });
}

export function Day({ id }: { id: number }) {
  const query = { params: { query: { site: id } } };
  const ledger = $api.useQuery('get', '/api/v1/mqtt/ledger/series/', query, { refetchInterval: 60_000 });
  const lines = $api.useQuery('get', '/api/v1/connection-logs/histogram/', query, { refetchInterval: 60_000 });
  const now = Math.floor(useNow() / HOUR) * HOUR;
  return (
    <section className={`card ${classes.panel} ${classes.wide}`}>
      <div className={classes.head}>
        <h2>{t(texts.day)}</h2>
        <span className={classes.legend}>
          <span>
            <i className={classes.bar} /> {t(texts.receivedKey)}
          </span>
          <span>
            <i className={classes.bad} /> {t(texts.failedKey)}
          </span>
          <span>
            <i className={classes.dot} /> {t(texts.troubleKey)}
          </span>
        </span>
      </div>
      <Failed what={t(texts.theDay)} query={ledger.error ? ledger : lines} />
      {ledger.data && <Strip all={hours(now, ledger.data, lines.data ?? [])} />}
      {!ledger.data && !ledger.error && <Loading lines={1} height={HEIGHT} />}
    </section>
  );
}

function Strip({ all }: { all: Hour[] }) {
  const most = Math.max(1, ...all.map((hour) => hour.received));
  const sum = (pick: (hour: Hour) => number) => count(all.reduce((total, hour) => total + pick(hour), 0));
  const label = t(texts.dayAbout, {
    received: sum((hour) => hour.received),
    failed: sum((hour) => hour.failed),
    troubles: sum((hour) => hour.troubles),
  });
  return (
    <>
      <div className={classes.strip} role="img" aria-label={label}>
        {all.map((hour) => (
          <div key={hour.at} className={classes.hour} title={said(hour)}>
            <span className={classes.trouble} data-on={hour.troubles > 0 || undefined} />
            <span className={classes.column}>
              <span className={classes.bar} style={{ height: height(hour.received - hour.failed, most) }} />
              <span className={classes.bad} style={{ height: height(hour.failed, most) }} />
            </span>
          </div>
        ))}
      </div>
      <div className={classes.scale}>
        <span>{clockOf(all[0]?.at ?? 0)}</span>
        <span>{label}</span>
        <span>{t(texts.now)}</span>
      </div>
    </>
  );
}

function height(value: number, most: number): number {
  return value <= 0 ? 0 : Math.max(2, Math.round((value / most) * HEIGHT));
}

function clockOf(at: number): string {
  return new Date(at).toLocaleTimeString(getLanguage(), { hour: '2-digit', minute: '2-digit', hour12: false });
}

function said(hour: Hour): string {
  const { received, failed, troubles } = hour;
  return t(texts.hourOf, { hour: clockOf(hour.at), received, failed, troubles });
}
