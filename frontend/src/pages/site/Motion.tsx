/** A structure's motion: how much each accelerometer shakes, axis by axis, and which values went beyond their limits. */

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import { labelOf } from '@/api/sensor';
import { RelativeTime } from '@/components/RelativeTime';
import { StatusBadge, StatusIcon } from '@/components/StatusBadge';
import { Loading } from '@/components/states';
import { t } from '@/i18n';
import { number, shortMoment } from '@/i18n/format';
import { rangeOf } from '@/pages/datalogger/limits';
import { Failed } from './Failed';
import { motion as texts } from './motionStrings';
import classes from './Site.module.css';

type Shaking = components['schemas']['ShakingOut'];
type Excursion = components['schemas']['ExcursionOut'];
const SHOWN = 8;
const HOUR = 3_600_000;

export default function Motion({ id }: { id: number }) {
  const found = $api.useQuery(
    'get',
    '/api/v1/sites/{site_id}/motion/',
    { params: { path: { site_id: id } } },
    { refetchInterval: 60_000 },
  );
  const told = found.data;
  if (told && !told.shaking.length && !told.limited) return null;
  if (!told && !found.error) return <Loading lines={2} height={60} />;
  return (
    <div className={classes.motion}>
      <Failed what={t(texts.what)} query={found} />
      {told && told.shaking.length > 0 && <Shakings rows={told.shaking} />}
      {told && told.limited > 0 && <Excursions {...told} readAt={found.dataUpdatedAt} />}
    </div>
  );
}

function Shakings({ rows }: { rows: Shaking[] }) {
  return (
    <section className={`card ${classes.panel}`} aria-labelledby="shaking">
      <div className={classes.head}>
        <h2 id="shaking">{t(texts.shaking)}</h2>
        <span className="dimmed">{t(texts.lastHour)}</span>
      </div>
      <ul className={`${classes.silent} ${classes.beside}`}>
        {rows.slice(0, SHOWN).map((row) => (
          <li key={row.sensor}>
            <span aria-hidden="true" />
            <Where row={row}>
              {t(texts.readings, { count: row.readings })} · <RelativeTime at={row.last} />
            </Where>
            <span className="numbers">
              {row.rms.length === 0 && <span className={classes.about}>{t(texts.tooFew)}</span>}
              {row.rms.map((rms, axis) => (
                <div key={row.components[axis] ?? axis}>
                  {row.rms.length > 1 && <span className={classes.about}>{row.components[axis] ?? axis + 1} </span>}
                  {number(rms)} {row.unit}
                </div>
              ))}
            </span>
          </li>
        ))}
      </ul>
      <p className={classes.about}>
        {t(texts.shakingWhy)} {rows.length > SHOWN && t(texts.strongest, { shown: SHOWN, count: rows.length })}
      </p>
    </section>
  );
}

type Beyond = { excursions: Excursion[]; limited: number; since: string; readAt: number };

function Excursions({ excursions: rows, limited, since, readAt }: Beyond) {
  const isShort = readAt - Date.parse(since) < 23.5 * HOUR;
  return (
    <section className={`card ${classes.panel}`} aria-labelledby="excursions">
      <div className={classes.head}>
        <h2 id="excursions">{t(texts.excursions)}</h2>
        <span className="dimmed">{isShort ? t(texts.since, { time: shortMoment(since) }) : t(texts.lastDay)}</span>
      </div>
      {isShort && <p className={classes.about}>{t(texts.sinceWhy)}</p>}
      {rows.length === 0 && <StatusBadge word="live" label={t(texts.noneBeyond, { count: limited })} />}
      <ul className={classes.silent}>
        {rows.slice(0, SHOWN).map((row) => (
          <li key={row.sensor}>
            <StatusIcon word="late" />
            <Where row={row}>
              {t(texts.times, { count: row.times })} · {rangeOf(row, number)} {row.unit}
            </Where>
            <span className={classes.about}>
              <RelativeTime at={row.last} />
            </span>
          </li>
        ))}
      </ul>
      {rows.length > SHOWN && <p className={classes.about}>{t(texts.latest, { shown: SHOWN, count: rows.length })}</p>}
    </section>
  );
}

/** The sensor, with the way to its chart, and what more there is to say. */
function Where({ row, children }: { row: Shaking | Excursion; children?: ReactNode }) {
  return (
    <div>
      <Link
        to="/dataloggers/$id"
        params={{ id: String(row.datalogger) }}
        search={{ show: row.sensor }}
        className="row-link"
      >
        {labelOf(row)}
      </Link>
      <div className={classes.about}>
        {row.serial}
        {children && <> · {children}</>}
      </div>
    </div>
  );
}
