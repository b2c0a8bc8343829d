/** Lines of each hour by level, as bars that one presses to see that hour alone. */

import { Button } from '@mantine/core';
import { keepPreviousData } from '@tanstack/react-query';
import { $api } from '@/api/client';
import { ErrorState } from '@/components/states';
import { t } from '@/i18n';
import { shortMoment } from '@/i18n/format';
import { serverNow } from '@/live/clock';
import classes from './Logs.module.css';
import { type LogsSearch, timesOf } from './search';
import { logs as texts } from './strings';

const HEIGHT = 56;
const LEVELS = ['error', 'warning', 'info'] as const;

type Props = { search: LogsSearch; onHour: (hour: number | undefined) => void };

export function Histogram({ search, onHour }: Props) {
  const { from } = timesOf({ ...search, hour: undefined }, serverNow());
  const query = { site: search.site, level: search.level, search: search.find, from };
  const found = $api.useQuery(
    'get',
    '/api/v1/connection-logs/histogram/',
    { params: { query } },
    { placeholderData: keepPreviousData, refetchInterval: 60_000 },
  );
  if (found.error && !found.data)
    return <ErrorState what={t(texts.histogram)} error={found.error} onRetry={() => void found.refetch()} />;
  const hours = found.data ?? [];
  const most = Math.max(1, ...hours.map((hour) => hour.info + hour.warning + hour.error));
  return (
    <div className={classes.histogram}>
      <fieldset aria-label={t(texts.histogram)} style={{ height: HEIGHT }}>
        {hours.map((hour) => {
          const begins = Date.parse(hour.hour) / 1000;
          const time = shortMoment(hour.hour);
          const { info, warning, error } = hour;
          const words = t(texts.hourLines, { time, info, warning, error });
          return (
            <button
              key={hour.hour}
              type="button"
              title={words}
              aria-label={words}
              aria-pressed={search.hour === begins}
              onClick={() => onHour(search.hour === begins ? undefined : begins)}
            >
              {LEVELS.map((level) => (
                <span
                  key={level}
                  data-level={level}
                  style={{ height: hour[level] ? Math.max(2, (hour[level] / most) * (HEIGHT - 6)) : 0 }}
                />
              ))}
            </button>
          );
        })}
      </fieldset>
      {search.hour !== undefined && (
        <p className={classes.note}>
          {t(texts.oneHour, { time: shortMoment(search.hour * 1000) })}{' '}
          <Button size="compact-xs" variant="subtle" onClick={() => onHour(undefined)}>
            {t(texts.allHours)}
          </Button>
        </p>
      )}
    </div>
  );
}
