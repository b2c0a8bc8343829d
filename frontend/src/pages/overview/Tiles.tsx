/** Four facts about everything: how much arrives, what was not understood, who is there, and whether anybody listens. */

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Overview } from '@/api/types';
import { relative } from '@/components/RelativeTime';
import { Shares } from '@/components/Shares';
import { Sparkline } from '@/components/Sparkline';
import { StatusBadge } from '@/components/StatusBadge';
import { useNow } from '@/hooks/useNow';
import { t } from '@/i18n';
import { count, number } from '@/i18n/format';
import { isStale, useLive } from '@/live/store';
import { texts } from './strings';
import classes from './Tiles.module.css';

/** Whole minutes that the rate is taken from; the running one is left out. */
const RATE_MINUTES = 5;

export function rate(received: number[]): number {
  const whole = received.slice(-RATE_MINUTES - 1, -1);
  return whole.length ? whole.reduce((sum, value) => sum + value, 0) / whole.length / 60 : 0;
}

export function Tiles({ overview }: { overview: Overview }) {
  const { received, failed, devices } = overview;
  const total = received.reduce((sum, value) => sum + value, 0);
  const heard = received.filter((value) => value > 0).length;
  const perSecond = rate(received);
  const all = devices.online + devices.offline + devices.unknown;
  return (
    <section className={`card ${classes.tiles}`}>
      <Tile
        name={t(texts.messages)}
        value={t(texts.perSecond, { number: number(Number(perSecond.toFixed(perSecond < 10 ? 1 : 0))) })}
        about={t(texts.lastHour, { count: count(total) })}
      >
        <Sparkline values={received} label={t(texts.minutesHeard, { heard, count: received.length })} />
      </Tile>
      <Tile
        name={t(texts.notUnderstood)}
        value={
          <Link to="/logs/parsing" className={classes.way}>
            {share(failed, total)}
          </Link>
        }
        about={t(texts.ofMessages, { count: count(failed) })}
      />
      <Tile
        name={t(texts.devices)}
        value={
          <Link to="/devices" className={classes.way}>
            {t(texts.online, { online: devices.online, count: all })}
          </Link>
        }
        about={t(texts.offlineUnknown, { offline: devices.offline, unknown: devices.unknown })}
      >
        <Shares {...devices} />
      </Tile>
      <Listener overview={overview} />
    </section>
  );
}

function Listener({ overview }: { overview: Overview }) {
  const now = useNow();
  const isUnknown = useLive(isStale);
  const reconciledAt = useLive((live) => live.reconciledAt);
  const nextAt = useLive((live) => live.nextReconcileAt) ?? Date.parse(overview.next_reconcile_at);
  const lastAt = reconciledAt ?? Date.parse(overview.next_reconcile_at) - overview.reconcile_period_s * 1000;
  const left = Math.ceil((nextAt - now) / 1000);
  return (
    <Tile
      name={t(texts.listener)}
      value={
        <StatusBadge
          word={overview.listener_alive ? 'live' : 'down'}
          label={t(
            !overview.listener_alive ? texts.listenerSilent : isUnknown ? texts.listenerUnknown : texts.listenerOk,
          )}
        />
      }
      about={
        <>
          {t(texts.reconciled, { ago: relative(Math.min(lastAt, now - 1000), now) })}
          <br />
          {!isUnknown && (left > 0 ? t(texts.nextCheck, { seconds: left }) : t(texts.checking))}
        </>
      }
    />
  );
}

function share(part: number, whole: number): string {
  if (part === 0 || whole === 0) return '0 %';
  const percent = (100 * part) / whole;
  return percent < 0.1 ? '< 0.1 %' : `${number(Number(percent.toFixed(1)))} %`;
}

type TileProps = { name: string; value: ReactNode; about: ReactNode; children?: ReactNode };

function Tile({ name, value, about, children }: TileProps) {
  return (
    <div className={classes.tile}>
      <div className={classes.name}>{name}</div>
      <div className={classes.value}>{value}</div>
      <div className={`${classes.about} numbers`}>{about}</div>
      {children && <div className={classes.picture}>{children}</div>}
    </div>
  );
}
