/** In how many hours of each of the last fourteen days the device was heard, as bars and in words. */

import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import { ErrorState } from '@/components/states';
import { getLanguage, t } from '@/i18n';
import classes from './Datalogger.module.css';
import { lately as texts } from './strings';

type Day = components['schemas']['DayOut'];

export function Availability({ id }: { id: number }) {
  const found = $api.useQuery(
    'get',
    '/api/v1/dataloggers/{datalogger_id}/availability/',
    { params: { path: { datalogger_id: id } } },
    { refetchInterval: 600_000 },
  );
  const days = found.data ?? [];
  const [heard, hours] = days.reduce(([sum, all], day) => [sum + day.heard, all + day.hours], [0, 0]);
  if (found.error && !found.data)
    return <ErrorState what={t(texts.what)} error={found.error} onRetry={() => void found.refetch()} />;
  return (
    <section className={`card ${classes.availability}`} aria-label={t(texts.title)} aria-busy={found.isPending}>
      <div>
        <h2>{t(texts.title)}</h2>
        <p className="dimmed numbers">{hours ? t(texts.heard, { heard, hours, share: share(heard, hours) }) : '–'}</p>
      </div>
      <ol className={classes.days}>
        {days.map((day) => (
          <li key={day.day} title={wordsOf(day)}>
            <span className="visually-hidden">{wordsOf(day)}</span>
            <span className={classes.hours} data-none={!day.hours || undefined} aria-hidden="true">
              <span className={classes.share} style={{ height: `${day.hours ? (100 * day.heard) / day.hours : 0}%` }} />
            </span>
            <span className={classes.day} aria-hidden="true">
              {new Date(`${day.day}T12:00`).toLocaleDateString(getLanguage(), { day: 'numeric' })}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function share(heard: number, hours: number): string {
  const percent = (100 * heard) / hours;
  return `${heard < hours ? Math.min(99.9, percent).toFixed(percent < 10 ? 1 : 0) : 100} %`;
}

export function wordsOf({ day, heard, hours }: Day): string {
  const date = new Date(`${day}T12:00`).toLocaleDateString(getLanguage(), { day: 'numeric', month: 'short' });
  return hours ? t(texts.day, { date, heard, hours }) : t(texts.notYet, { date });
}
