/** The latest value of each sensor, with its age; pressing one shows or hides its history. */

import { $api } from '@/api/client';
import type { components } from '@/api/schema';
import { fullLabelOf, labelOf, unitOf } from '@/api/sensor';
import type { Sensor } from '@/api/types';
import { RelativeTime } from '@/components/RelativeTime';
import { Trend } from '@/components/Trend';
import { useKeys } from '@/hooks/useKeys';
import { useNow } from '@/hooks/useNow';
import { t } from '@/i18n';
import { number, shortMoment } from '@/i18n/format';
import classes from './Datalogger.module.css';
import { freshnessOf } from './freshness';
import { lately, datalogger as texts } from './strings';

type Props = { rows: Sensor[]; intervalS: number; picked: number[]; onToggle: (sensorId: number) => void };

export function Tiles({ rows, intervalS, picked, onToggle }: Props) {
  useKeys(rows.slice(0, 9).map((row, place) => [String(place + 1), () => onToggle(row.id)]));
  const trends = $api.useQuery(
    'get',
    '/api/v1/dataloggers/{datalogger_id}/trends/',
    { params: { path: { datalogger_id: rows[0]?.datalogger_id ?? 0 } } },
    { refetchInterval: 60_000 },
  );
  return (
    <section aria-label={t(texts.values)} className={classes.tiles}>
      {rows.map((row, place) => (
        <Tile
          key={row.id}
          row={row}
          intervalS={intervalS}
          digit={place < 9 ? place + 1 : undefined}
          isPicked={picked.includes(row.id)}
          trend={trends.data?.find((trend) => trend.sensor === row.id)}
          onToggle={() => onToggle(row.id)}
        />
      ))}
    </section>
  );
}

type TileProps = {
  row: Sensor;
  intervalS: number;
  digit: number | undefined;
  isPicked: boolean;
  trend: components['schemas']['TrendOut'] | undefined;
  onToggle: () => void;
};

function Tile({ row, intervalS, digit, isPicked, trend, onToggle }: TileProps) {
  const freshness = freshnessOf(row.latest_received_at, intervalS, useNow());
  const isOld = freshness === 'old' || freshness === 'never';
  return (
    <button
      type="button"
      className={classes.tile}
      aria-pressed={isPicked}
      aria-keyshortcuts={digit ? String(digit) : undefined}
      title={t(texts.showChart, { key: fullLabelOf(row) })}
      data-old={isOld || undefined}
      onClick={onToggle}
    >
      <span className={classes.key}>{labelOf(row)}</span>
      <Value row={row} isOld={isOld} />
      {trend && (
        <Trend
          values={trend.value}
          label={t(lately.trend, {
            key: row.components.length > 1 ? (row.components[0] ?? labelOf(row)) : labelOf(row),
            count: trend.value.length,
            at: shortMoment(trend.since),
          })}
        />
      )}
      <span className={classes.age} data-freshness={freshness}>
        <RelativeTime at={row.latest_time} />
        {isOld && row.latest_values && <span>{t(texts.last, { value: wordsOf(row) })}</span>}
        {row.latest_quality && row.latest_quality !== 'good' && (
          <span>{t(texts.quality, { quality: row.latest_quality })}</span>
        )}
      </span>
    </button>
  );
}

/** A number that is not of now is not shown as if it were. */
function Value({ row, isOld }: { row: Sensor; isOld: boolean }) {
  const values = row.latest_values ?? [];
  if (values.length < 2) {
    return (
      <span className={classes.value}>
        {isOld ? '--' : number(values[0] ?? 0)} <small>{unitOf(row)}</small>
      </span>
    );
  }
  return (
    <span className={classes.vector}>
      {values.slice(0, 6).map((value, place) => (
        <span key={row.components[place] ?? place}>
          <small>{row.components[place] ?? place}</small> {isOld ? '--' : number(value)} <small>{unitOf(row)}</small>
        </span>
      ))}
    </span>
  );
}

function wordsOf(row: Sensor): string {
  const values = (row.latest_values ?? []).slice(0, 6).map(number).join(', ');
  return `${values} ${unitOf(row)}`.trim();
}
