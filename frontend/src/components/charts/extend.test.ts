import { expect, test } from 'vitest';
import { baseOf, extended } from './extend';
import type { Thinned } from './series';

const iso = (seconds: number) => new Date(seconds * 1000).toISOString();

/** Buckets of ten seconds from 1000 to 1030, the last of which has just begun. */
const chart: Thinned = {
  sensor: 1, unit: 'm', components: ['value'], from: iso(1000), to: iso(1034), bucket_s: 10, time: [1000, 1010, 1020, 1030],
  count: [2, 2, 2, 1], series: [{ component: 'value', min: [1, 1, 1, 5], avg: [2, 2, 2, 5], max: [3, 3, 3, 5] }],
}; // biome-ignore format: columns

test('readings from the last bucket on are wanted', () => {
  expect(baseOf(chart)).toBe(1030);
  expect(baseOf({ ...chart, count: [2, 2, 0, 0] })).toBe(1010);
  expect(baseOf({ ...chart, count: [0, 0, 0, 0] })).toBe(1000);
});

test('a reading joins its bucket, with the peaks of it, and the chart moves on with time', () => {
  const grown = extended(chart, { time: [1031, 1033, 1036, 1038, 1041], values: [[7, 9, 5, 7, 4]] }, 1042);
  expect(grown.time).toEqual([1000, 1010, 1020, 1030, 1040]);
  expect(grown.count).toEqual([2, 2, 2, 4, 1]);
  expect(grown.series[0]).toEqual({
    component: 'value',
    min: [1, 1, 1, 5, 4],
    avg: [2, 2, 2, 7, 4],
    max: [3, 3, 3, 9, 4],
  });
  expect([grown.from, grown.to]).toEqual([iso(1008), iso(1042)]);
});

test('what is out of sight goes, so that a chart that is looked at for days does not grow', () => {
  const grown = extended(chart, { time: [1031, 1055], values: [[5, 9]] }, 1056);
  expect(grown.time).toEqual([1020, 1030, 1040, 1050]);
  expect(grown.count).toEqual([2, 1, 0, 1]);
  expect(grown.series[0]?.avg).toEqual([2, 5, null, 9]);
});

test('after a long silence all of it is one gap on the same raster', () => {
  const grown = extended(chart, { time: [1031], values: [[5]] }, 1101);
  expect(grown.time).toEqual([1060, 1070, 1080, 1090, 1100]);
  expect(grown.series[0]?.max).toEqual([null, null, null, null, null]);
});

test('each component has its column, and one that was not said is a gap in that column only', () => {
  const both = {
    ...chart,
    series: [chart.series[0], { ...chart.series[0], component: 'roll' }] as Thinned['series'],
  };
  const grown = extended(both, { time: [1031], values: [[5], [null]] }, 1034);
  expect(grown.series.map((line) => line.avg.at(-1))).toEqual([5, null]);
});

test('a clock that is ahead draws nothing in the future', () => {
  expect(extended(chart, { time: [1031, 1500], values: [[5, 7]] }, 1036).time.at(-1)).toBe(1030);
});
