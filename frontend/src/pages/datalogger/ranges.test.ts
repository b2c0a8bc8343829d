import { describe, expect, test } from 'vitest';
import { moved, pickedOf, rereadMs, spanOf, stretchAt, stretched } from './ranges';
import { dataloggerSearch } from './search';

const NOW = 100_000;

test('an address says any stretch of time, and nonsense in it is left out', () => {
  expect(dataloggerSearch({ from: '10', to: 20, range: '1h', table: 'true', show: '3,x4' })).toEqual({
    from: 10,
    to: 20,
    range: '1h',
    table: true,
    show: '3,4',
  });
  expect(dataloggerSearch({ from: 20, to: 10, range: 'ever', table: 'no' })).toEqual({
    from: undefined,
    to: undefined,
    range: undefined,
    table: undefined,
    show: undefined,
  });
});

test('without a stretch of its own it ends now', () => {
  expect(stretchAt({ range: '1h' }, NOW)).toEqual({ from: NOW - 3600, to: NOW });
  expect(stretchAt({}, NOW)).toEqual({ from: NOW - 21_600, to: NOW });
  expect(spanOf({ from: 5, to: 25 })).toBe(20);
});

describe('moving', () => {
  const here = { from: 1000, to: 1400 };
  test.each([
    ['earlier', { from: 900, to: 1300 }],
    ['later', { from: 1100, to: 1500 }],
    ['closer', { from: 1100, to: 1300 }],
    ['wider', { from: 800, to: 1600 }],
  ] as const)('%s', (move, there) => expect(moved(here, move, NOW)).toEqual(there));

  test('stops at now, with the same width', () => {
    expect(moved({ from: NOW - 400, to: NOW }, 'later', NOW)).toEqual({ from: NOW - 400, to: NOW });
  });

  test('what is drawn too narrow becomes ten seconds', () => {
    expect(stretched(500.2, 500.9, NOW)).toEqual({ from: 491, to: 501 });
  });
});

test.each([
  [undefined, 3000],
  [2, 3000],
  [58, 29_000],
  [3600, 60_000],
])('a bucket of %s s is read again every %i ms', (bucket, ms) => expect(rereadMs(bucket)).toBe(ms));

test('the first two are charted until somebody picks, and none when none is wished', () => {
  expect(pickedOf(undefined, [4, 5, 6])).toEqual([4, 5]);
  expect(pickedOf('6,99', [4, 5, 6])).toEqual([6]);
  expect(pickedOf(0, [4, 5, 6])).toEqual([]);
});
