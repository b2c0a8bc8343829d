/** What a chart says, beside being looked at: its columns, a sentence in words, and a table that is also its CSV. */

import type { components } from '@/api/schema';
import { t } from '@/i18n';
import { number, span } from '@/i18n/format';
import { charts } from './strings';

export type Thinned = components['schemas']['ChartOut'];
export type Column = (number | null)[];
/** Times in seconds, then for each component its average, maximum and minimum. */
export type Columns = [number[], ...Column[]];

export function columnsOf(chart: Thinned): Columns {
  return [chart.time, ...chart.series.flatMap((line) => [line.avg, line.max, line.min])];
}

/** Lines that go far apart would flatten each other: then each gets a chart of its own. */
export function lanesOf(chart: Thinned): number[][] {
  const sums = summariesOf(chart);
  const all = chart.series.map((_, index) => index);
  const widest = Math.max(...sums.map(({ min, max }) => max - min));
  const whole = Math.max(...sums.map(({ max }) => max)) - Math.min(...sums.map(({ min }) => min));
  const isFlattened = sums.length > 1 && whole > 6 * widest && whole > 0;
  return isFlattened ? all.map((index) => [index]) : [all];
}

/** The columns of some components only. */
export function columnsOfLane(columns: Columns, lane: number[]): Columns {
  return [columns[0], ...lane.flatMap((index) => columns.slice(1 + index * 3, 4 + index * 3) as Column[])];
}

export type Gap = { from: number; to: number };

/** Where nothing was read, between the first and the last bucket that holds something. */
export function gapsOf(chart: Thinned): Gap[] {
  const { time, count, bucket_s } = chart;
  const gaps: Gap[] = [];
  let lastHeard: number | null = null;
  for (let place = 0; place < time.length; place++) {
    if (!count[place]) continue;
    if (lastHeard !== null && place - lastHeard > 1) {
      gaps.push({ from: (time[lastHeard] ?? 0) + bucket_s, to: time[place] ?? 0 });
    }
    lastHeard = place;
  }
  return gaps;
}

/** How long before the end nothing has come any more, in seconds; 0 while the last buckets hold something. */
export function tailOf(chart: Thinned): number {
  const { time, count, bucket_s } = chart;
  const last = count.findLastIndex((each) => each > 0);
  const tail = Date.parse(chart.to) / 1000 - ((time[last] ?? 0) + bucket_s);
  return last >= 0 && tail > 2 * bucket_s ? tail : 0; // the running bucket and the one before may be on their way
}

export type Summary = { component: string; last: number; min: number; max: number };

export function summariesOf(chart: Thinned): Summary[] {
  return chart.series.flatMap((line) => {
    let last: number | null = null;
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (let place = 0; place < line.avg.length; place++) {
      const low = line.min[place];
      const high = line.max[place];
      if (low == null || high == null) continue;
      last = line.avg[place] ?? last;
      min = Math.min(min, low);
      max = Math.max(max, high);
    }
    return last === null ? [] : [{ component: line.component, last, min, max }];
  });
}

/** "x: 0.01 m/s² at last, from −0.2 to 0.3. 2 gaps, 24 min together." */
export function sentenceOf(chart: Thinned): string {
  const parts = summariesOf(chart).map(({ component, last, min, max }) =>
    t(charts.summary, {
      name: component === 'value' ? '' : `${component}: `,
      last: `${number(last)} ${chart.unit}`.trim(),
      min: number(min),
      max: number(max),
    }),
  );
  if (!parts.length) return t(charts.nothingRead);
  const gaps = gapsOf(chart);
  const missing = gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0);
  const tail = tailOf(chart);
  const holes = [
    gaps.length ? t(charts.gaps, { count: gaps.length, span: span(missing) }) : tail ? '' : t(charts.noGaps),
    tail ? t(charts.nothingSince, { span: span(tail) }) : '',
  ];
  return [`${parts.join('; ')}.`, ...holes].filter(Boolean).join(' ');
}

export type Row = { time: number; count: number; values: (number | null)[] };

/** Only buckets that hold something, newest first. */
export function rowsOf(chart: Thinned): Row[] {
  const rows: Row[] = [];
  for (let place = chart.time.length - 1; place >= 0; place--) {
    const count = chart.count[place] ?? 0;
    if (!count) continue;
    const values = chart.series.flatMap((line) => [
      line.min[place] ?? null,
      line.avg[place] ?? null,
      line.max[place] ?? null,
    ]);
    rows.push({ time: chart.time[place] ?? 0, count, values });
  }
  return rows;
}

export function csvOf(chart: Thinned, name: string): string {
  const unit = chart.unit ? ` (${chart.unit})` : '';
  const titles = chart.series.flatMap(({ component }) =>
    ['min', 'avg', 'max'].map((which) => quoted(`${name} ${component} ${which}${unit}`)),
  );
  const lines = rowsOf(chart)
    .reverse()
    .map(({ time, count, values }) => [new Date(time * 1000).toISOString(), count, ...values.map((v) => v ?? '')]);
  return [['time', 'count', ...titles], ...lines].map((line) => line.join(',')).join('\r\n');
}

/** A text that a spreadsheet takes for a text. */
function quoted(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
