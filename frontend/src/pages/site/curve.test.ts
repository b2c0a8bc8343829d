import { expect, test } from 'vitest';
import { days, energySince, greatest, midnightIn } from './curve';
import { hours } from './Day';

test('two days become the last one over the one before', () => {
  expect(days([0, 1, 2, 3], [10, null, 30, 40])).toEqual({ time: [2, 3], today: [30, 40], before: [10, null] });
});

test('energy is power over time since midnight, and a gap adds nothing', () => {
  expect(energySince(600, [0, 600, 1200, 1800], [99, 60, null, 30], 600)).toBe(15);
});

test.each([
  ['UTC', '2026-11-26T00:00:00Z'],
  ['Europe/Rome', '2026-11-25T23:00:00Z'],
  ['America/New_York', '2026-11-25T05:00:00Z'],
])('midnight in %s is %s', (zone, moment) => {
  expect(midnightIn(zone, Date.parse('2026-11-26T02:30:15.500Z'))).toBe(Date.parse(moment) / 1000);
});

test('the greatest of nothing is nothing', () => {
  expect(greatest([null, null])).toBeNull();
  expect(greatest([null, 2, 1])).toBe(2);
});

test('each of the last 24 hours is there, whether anything came in it or not', () => {
  const now = Date.parse('2026-11-26T12:34:00Z');
  const all = hours(
    now,
    [{ at: '2026-11-26T12:00:00Z', received: 9, failed: 2 }],
    [{ hour: '2026-11-26T11:00:00Z', warning: 1, error: 2 }],
  );
  expect(all).toHaveLength(24);
  expect(all.at(-1)).toMatchObject({ received: 9, failed: 2, troubles: 0 });
  expect(all.at(-2)).toMatchObject({ received: 0, troubles: 3 });
});
