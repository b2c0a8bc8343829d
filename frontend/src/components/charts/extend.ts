/** A chart that goes on: the readings since its last bucket, laid into buckets of the same raster up to now. */

import type { Telemetry } from '@/live/events';
import type { Thinned } from './series';

/** Readings of one sensor, oldest first; `values` holds a column for each component. */
export type Points = Pick<Telemetry, 'time' | 'values'>;

/** Where the last bucket that holds something begins: from there on readings are wanted. Null without any bucket. */
export function baseOf(chart: Thinned): number | null {
  const last = chart.count.findLastIndex((each) => each > 0);
  return chart.time[Math.max(last, 0)] ?? null;
}

/**
 * The chart until `nowS`, as wide as it was: before its base as the server has thinned it, from there on by the points,
 * of which none from the base on may be missing.
 */
export function extended(chart: Thinned, points: Points, nowS: number): Thinned {
  const base = baseOf(chart);
  if (base === null) return chart;
  const widthS = chart.bucket_s;
  const spanS = (Date.parse(chart.to) - Date.parse(chart.from)) / 1000;
  const end = Math.max(nowS, Date.parse(chart.to) / 1000);
  const first = chart.time.findIndex((start) => start + widthS > end - spanS);
  const known = first === -1 ? 0 : chart.time.slice(first).filter((start) => start < base).length;
  // Without a word for long, the base itself is out of sight: the raster goes on from it.
  const start = known ? base : base + Math.max(0, Math.floor((end - spanS - base) / widthS)) * widthS;
  const fresh = Math.max(1, Math.ceil((end - start) / widthS));
  const places = points.time.map((at) => Math.floor((at - start) / widthS + 1e-6));
  const grown = (column: (number | null)[], made: (number | null)[]) => [
    ...column.slice(first, first + known),
    ...made,
  ];
  const count = new Array<number>(fresh).fill(0);
  for (const place of places) if (place >= 0 && place < fresh) count[place] = (count[place] ?? 0) + 1;
  return {
    ...chart,
    from: iso(end - spanS),
    to: iso(end),
    time: [
      ...chart.time.slice(first, first + known),
      ...Array.from({ length: fresh }, (_, place) => round(start + place * widthS)),
    ],
    count: grown(chart.count, count) as number[],
    series: chart.series.map((line, index) => {
      const made = thinned(points.values[index] ?? [], places, fresh);
      return {
        component: line.component,
        min: grown(line.min, made.min),
        avg: grown(line.avg, made.avg),
        max: grown(line.max, made.max),
      };
    }),
  };
}

function thinned(values: (number | null)[], places: number[], buckets: number) {
  const empty = () => new Array<number | null>(buckets).fill(null);
  const [min, avg, max, number] = [empty(), empty(), empty(), new Array<number>(buckets).fill(0)];
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    const place = places[index] ?? -1;
    if (value == null || place < 0 || place >= buckets) continue;
    min[place] = Math.min(min[place] ?? value, value);
    max[place] = Math.max(max[place] ?? value, value);
    avg[place] = (avg[place] ?? 0) + value;
    number[place] = (number[place] ?? 0) + 1;
  }
  return { min, max, avg: avg.map((sum, place) => (sum === null ? null : sum / (number[place] ?? 1))) };
}

function round(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
