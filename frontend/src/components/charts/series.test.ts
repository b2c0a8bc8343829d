import { afterEach, describe, expect, test } from 'vitest';
import { setLanguage } from '@/i18n';
import { columnsOf, columnsOfLane, csvOf, gapsOf, lanesOf, rowsOf, sentenceOf, type Thinned } from './series';

afterEach(() => setLanguage('en'));

function chart(counts: number[], unit = 'kPa'): Thinned {
  const values = counts.map((count, place) => (count ? place : null));
  const shifted = (by: number) => values.map((value) => (value === null ? null : value + by));
  return {
    sensor: 1,
    unit,
    components: ['value'],
    from: '2026-11-26T10:00:00Z',
    to: new Date((1000 + counts.length * 10) * 1000).toISOString(),
    bucket_s: 10,
    time: counts.map((_, place) => 1000 + place * 10),
    count: counts,
    series: [{ component: 'value', min: shifted(-1), avg: values, max: shifted(1) }],
  };
}

describe('gaps', () => {
  test.each([
    [[1, 1, 1], []],
    [[1, 0, 0, 1], [{ from: 1010, to: 1030 }]],
    [[0, 0, 1, 1, 0], []],
    [[1, 0, 1, 0, 1], [{ from: 1010, to: 1020 }, { from: 1030, to: 1040 }]],
    [[], []],
  ])('%j has %j', (counts, gaps) => expect(gapsOf(chart(counts))).toEqual(gaps)); // biome-ignore format: a table
});

test('empty buckets stay empty in what is drawn, so that nothing bridges them', () => {
  expect(columnsOf(chart([1, 0, 1]))).toEqual([
    [1000, 1010, 1020],
    [0, null, 2],
    [1, null, 3],
    [-1, null, 1],
  ]);
});

test('the chart is told in words: the last value, the range, the gaps', () => {
  expect(sentenceOf(chart([1, 0, 0, 1]))).toBe('3 kPa at last, from −1 to 4. 1 gap, 20 s.');
  expect(sentenceOf(chart([1, 1]))).toBe('1 kPa at last, from −1 to 2. No gaps.');
  expect(sentenceOf(chart([0, 0]))).toBe('Nothing was read in this time.');
});

test('a device that is silent since hours is not said to have no gaps', () => {
  const silent = [1, 1, ...Array.from({ length: 720 }, () => 0)];
  expect(sentenceOf(chart(silent))).toBe('1 kPa at last, from −1 to 2. Nothing in the last 2 h.');
  expect(sentenceOf(chart([1, 0, ...silent]))).toBe(
    '3 kPa at last, from −1 to 4. 1 gap, 10 s. Nothing in the last 2 h.',
  );
  expect(sentenceOf(chart([1, 1, 0, 0]))).toBe('1 kPa at last, from −1 to 2. No gaps.'); // what is on its way is not missed
});

test('in Italian too', () => {
  setLanguage('it');
  expect(sentenceOf(chart([1, 0, 1]))).toBe('2 kPa alla fine, da −1 a 3. 1 interruzione, 10 s.');
});

test('the table has the newest first and leaves out what is empty; the CSV has the oldest first', () => {
  expect(rowsOf(chart([1, 0, 2])).map((row) => [row.time, row.count])).toEqual([
    [1020, 2],
    [1000, 1],
  ]);
  expect(csvOf(chart([1, 0, 2]), 'pressure').split('\r\n')).toEqual([
    'time,count,"pressure value min (kPa)","pressure value avg (kPa)","pressure value max (kPa)"',
    '1970-01-01T00:16:40.000Z,1,-1,0,1',
    '1970-01-01T00:17:00.000Z,2,1,2,3',
  ]);
});

test('a name that looks like a formula stays a text in a spreadsheet', () => {
  expect(csvOf(chart([1]), '=HYPERLINK("x")').split('\r\n')[0]).toContain('"\'=HYPERLINK(""x"") value min');
});

describe('lanes', () => {
  function vector(...ranges: [number, number][]): Thinned {
    const one = chart([1, 1]);
    const series = ranges.map(([low, high], index) => {
      const both = [low, high];
      return { component: String(index), min: both, avg: both, max: both };
    });
    return { ...one, components: series.map((line) => line.component), series };
  }

  test('gravity beside a shiver is drawn apart, so that both are seen', () => {
    expect(lanesOf(vector([-0.1, 0.1], [-0.1, 0.2], [9.7, 9.9]))).toEqual([[0], [1], [2]]);
  });

  test.each([[[[0, 1], [0.5, 2]]], [[[0, 1]]], [[[3, 3], [3, 3]]]])('%j share one', (ranges) => {
    const lanes = lanesOf(vector(...(ranges as [number, number][])));
    expect(lanes).toHaveLength(1);
  }); // biome-ignore format: a table

  test('a lane takes its own three columns', () => {
    const found = columnsOfLane(columnsOf(vector([0, 1], [5, 6])), [1]);
    expect(found.slice(1)).toEqual([
      [5, 6],
      [5, 6],
      [5, 6],
    ]);
  });
});
