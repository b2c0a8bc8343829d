/** One sensor's history: as a chart with a sentence under it, or as a table that can be taken along. */

import { Button, Skeleton } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { api } from '@/api/client';
import { labelOf, unitOf } from '@/api/sensor';
import type { Sensor } from '@/api/types';
import { Chart, type Mark } from '@/components/charts/Chart';
import {
  columnsOf,
  columnsOfLane,
  csvOf,
  lanesOf,
  type Row,
  rowsOf,
  sentenceOf,
  summariesOf,
  type Thinned,
} from '@/components/charts/series';
import { charts } from '@/components/charts/strings';
import { type Column, DataTable } from '@/components/DataTable';
import { Icon } from '@/components/icons';
import { ErrorState } from '@/components/states';
import { usePhone } from '@/hooks/usePhone';
import { useMay } from '@/hooks/useRole';
import { getLanguage, t } from '@/i18n';
import { number, span } from '@/i18n/format';
import { serverNow } from '@/live/clock';
import classes from './Datalogger.module.css';
import { isBeyond, limits as limitTexts, rangeOf } from './limits';
import { rereadMs, type Stretch } from './ranges';
import { lately, datalogger as texts } from './strings';
import { REREAD_WATCHED_MS, useWatched } from './useWatched';

const Origin = lazy(() => import('./Origin'));
const SensorForm = lazy(() => import('./SensorForm'));

const POINTS = 1_200;
const POINTS_ON_PHONE = 400;

type Props = {
  sensor: Sensor;
  fixed: Stretch | null;
  spanS: number;
  pausedAt: number | null;
  isLive: boolean;
  isTable: boolean;
  zone: string | undefined;
  marks: Mark[];
  onZoom: (from: number, to: number) => void;
};

export function SensorChart(props: Props) {
  const { sensor, zone, isTable } = props;
  const [isWatched, setWatched] = useState(false);
  const found = useThinned(props, isWatched);
  const live = useWatched(sensor.id, found.data, props.isLive && !found.isPlaceholderData, () => void found.refetch());
  const chart = live.chart;
  useEffect(() => setWatched(live.isWatched), [live.isWatched]);
  const lanes = useMemo(() => chart && splitted(chart), [chart]);
  const mayEdit = useMay('operator', sensor.site_id);
  const [isEditing, setEditing] = useState(false);
  const limits = useMemo(
    () => ({ lower: sensor.lower_limit, upper: sensor.upper_limit }),
    [sensor.lower_limit, sensor.upper_limit],
  );
  const [pinned, pin] = useState<number | null>(null);
  const marks = useMemo(
    () => (pinned === null ? props.marks : [...props.marks, { at: pinned, text: t(lately.pinned) }]),
    [props.marks, pinned],
  );
  return (
    <figure className={`card ${classes.figure}`}>
      <div className={classes.title}>
        <h3 title={sensor.key}>{labelOf(sensor)}</h3>
        <span className="dimmed">{chart && t(charts.averages, { span: span(chart.bucket_s) })}</span>
        {mayEdit && (
          <Button size="compact-xs" variant="subtle" ml="auto" onClick={() => setEditing(true)}>
            {t(limitTexts.edit)}
          </Button>
        )}
        {chart && (
          <Button
            size="compact-xs"
            variant="subtle"
            ml={mayEdit ? 0 : 'auto'}
            leftSection={<Icon name="download" size={14} />}
            title={t(charts.downloadCsv)}
            onClick={() => download(csvOf(chart, labelOf(sensor)), `${labelOf(sensor)}.csv`)}
          >
            {t(charts.csv)}
          </Button>
        )}
      </div>
      {found.error && (
        <ErrorState
          what={t(texts.chartOf, { key: labelOf(sensor) })}
          error={found.error}
          onRetry={() => void found.refetch()}
          {...(chart ? { shownFrom: found.dataUpdatedAt } : {})}
        />
      )}
      {!chart && !found.error && <Skeleton height={264} radius="md" />}
      {chart &&
        !isTable &&
        lanes?.map(({ lane, columns, names }, place) => (
          <Chart
            key={names.join()}
            columns={columns}
            names={names}
            firstColour={lane[0] ?? 0}
            hasTimes={place === lanes.length - 1}
            height={lanes.length === 1 ? 240 : place === lanes.length - 1 ? 146 : 110}
            unit={chart.unit}
            from={Date.parse(chart.from) / 1000}
            to={Date.parse(chart.to) / 1000}
            timeZone={zone}
            marks={marks}
            limits={limits}
            group="history"
            onZoom={props.onZoom}
            onPin={pin}
            label={`${labelOf(sensor)}. ${t(lately.chartKeys)}`}
          />
        ))}
      {chart && !isTable && pinned !== null && (
        <Suspense>
          <Origin sensor={sensor} at={pinned} widthS={chart.bucket_s} zone={zone} onClose={() => pin(null)} />
        </Suspense>
      )}
      {chart && isTable && <Readings chart={chart} name={labelOf(sensor)} zone={zone} />}
      <figcaption className={classes.caption}>
        {chart && [sentenceOf(chart), limitsOf(sensor, chart)].filter(Boolean).join(' ')}
      </figcaption>
      {isEditing && (
        <Suspense>
          <SensorForm sensor={sensor} onClose={() => setEditing(false)} />
        </Suspense>
      )}
    </figure>
  );
}

function limitsOf(sensor: Sensor, chart: Thinned): string {
  const range = rangeOf(sensor, number);
  if (!range) return '';
  const isOver = summariesOf(chart).some(({ min, max }) => isBeyond(sensor, min, max));
  return t(isOver ? limitTexts.beyond : limitTexts.within, { range: `${range} ${unitOf(sensor)}`.trim() });
}

function splitted(chart: Thinned) {
  const columns = columnsOf(chart);
  return lanesOf(chart).map((lane) => ({
    lane,
    columns: columnsOfLane(columns, lane),
    names: lane.map((index) => chart.series[index]?.component ?? ''),
  }));
}

function useThinned({ sensor, fixed, spanS, pausedAt, isLive }: Props, isWatched: boolean) {
  const points = usePhone() ? POINTS_ON_PHONE : POINTS;
  const end = fixed?.to ?? pausedAt;
  return useQuery({
    queryKey: ['chart', sensor.id, spanS, end, points],
    queryFn: async ({ signal }): Promise<Thinned> => {
      const to = end ?? serverNow() / 1000;
      const query = { from: iso(to - spanS), to: iso(to), points };
      const path = { sensor_id: sensor.id };
      const { data } = await api.GET('/api/v1/sensors/{sensor_id}/readings', { params: { path, query }, signal });
      if (!data) throw new Error('no answer');
      return data;
    },
    refetchInterval: (query) => isLive && (isWatched ? REREAD_WATCHED_MS : rereadMs(query.state.data?.bucket_s)),
    staleTime: isLive ? 0 : 60_000,
    placeholderData: keepPreviousData,
  });
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function Readings({ chart, name, zone }: { chart: Thinned; name: string; zone: string | undefined }) {
  const rows = useMemo(() => rowsOf(chart), [chart]);
  const columns: Column<Row>[] = [
    { id: 'time', header: t(charts.time), width: 170, cell: (row) => minute(row.time, zone) },
    { id: 'count', header: t(charts.readings), align: 'right', width: 90, cell: (row) => row.count },
    ...chart.series.flatMap((line, index) =>
      ['min', 'avg', 'max'].map((which, place) => ({
        id: `${line.component}-${which}`,
        header: `${line.component === 'value' ? '' : `${line.component} `}${which}`,
        align: 'right' as const,
        cell: (row: Row) => shown(row.values[index * 3 + place]),
      })),
    ),
  ];
  return (
    <DataTable
      label={name}
      columns={columns}
      count={rows.length}
      rowAt={(index) => rows[index]}
      rowId={(row) => row.time}
      rowHeight={32}
      cardHeight={64}
      card={(row) => (
        <>
          <div>{minute(row.time, zone)}</div>
          <div className="numbers">{row.values.map(shown).join(' · ')}</div>
        </>
      )}
    />
  );
}

function minute(seconds: number, timeZone: string | undefined): string {
  const date = new Date(seconds * 1000);
  return date.toLocaleString(getLanguage(), { dateStyle: 'medium', timeStyle: 'medium', hour12: false, timeZone });
}

function shown(value: number | null | undefined): string {
  return value == null ? '–' : number(value);
}

function download(text: string, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
