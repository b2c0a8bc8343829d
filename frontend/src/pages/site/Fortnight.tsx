/** A site's one telling value by day over two weeks, as bars and in words: a plant's energy, a structure's greatest tilt. */

import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import { Loading } from '@/components/states';
import { getLanguage, t } from '@/i18n';
import { number } from '@/i18n/format';
import { Failed } from './Failed';
import classes from './Site.module.css';
import { texts } from './strings';

type Told = components['schemas']['FortnightOut'];
const HEIGHT = 84;

export function Fortnight({ id }: { id: number }) {
  const found = $api.useQuery(
    'get',
    '/api/v1/sites/{site_id}/days/',
    { params: { path: { site_id: id } } },
    { refetchInterval: 600_000 },
  );
  const told = found.data;
  if (!told && !found.error) return <Loading lines={1} height={HEIGHT} />;
  if (told && !told.name) return null;
  return (
    <section className={`card ${classes.panel}`}>
      <Failed what={t(texts.theDays)} query={found} />
      {told && (
        <>
          <div className={classes.head}>
            <h2>{t(told.name === 'tilt' ? texts.tiltByDay : texts.energyByDay)}</h2>
            <span className="dimmed">{told.unit}</span>
          </div>
          <Bars {...told} />
        </>
      )}
    </section>
  );
}

function Bars({ day, value, unit }: Told) {
  const most = Math.max(...value.map((each) => each ?? 0));
  return (
    <>
      <ol className={classes.fortnight}>
        {day.map((date, place) => {
          const words = wordsOf(date, value[place] ?? null, unit);
          return (
            <li key={date} title={words}>
              <span className="visually-hidden">{words}</span>
              <span
                className={classes.amount}
                data-today={place === day.length - 1 || undefined}
                style={{ height: height(value[place] ?? null, most) }}
                aria-hidden="true"
              />
              <span className={classes.date} aria-hidden="true">
                {Number(date.slice(8))}
              </span>
            </li>
          );
        })}
      </ol>
      <p className={classes.about}>{summaryOf({ day, value, unit })}</p>
    </>
  );
}

function height(value: number | null, most: number): number {
  return value === null || value <= 0 ? 0 : Math.max(2, Math.round((value / most) * HEIGHT));
}

export function wordsOf(day: string, value: number | null, unit: string): string {
  const date = dated(day);
  return value === null ? t(texts.dayWithout, { date }) : t(texts.dayOf, { date, value: `${number(value)} ${unit}` });
}

/** "Today 12 kWh so far; most on 24 Nov, 41 kWh." */
export function summaryOf({ day, value, unit }: Pick<Told, 'day' | 'value' | 'unit'>): string {
  const past = value.slice(0, -1);
  const most = past.reduce((best: number, each, place) => ((each ?? -1) > (past[best] ?? -1) ? place : best), 0);
  const today = value.at(-1) ?? null;
  const said = [
    today === null ? t(texts.nothingToday) : t(texts.todaySoFar, { value: `${number(today)} ${unit}` }),
    !past[most] ? '' : t(texts.mostOn, { date: dated(day[most] ?? ''), value: `${number(past[most])} ${unit}` }),
  ];
  return said.filter(Boolean).join(' · ');
}

function dated(day: string): string {
  return new Date(`${day}T12:00`).toLocaleDateString(getLanguage(), { day: 'numeric', month: 'short' });
}
