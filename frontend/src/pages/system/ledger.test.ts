import { describe, expect, it } from 'vitest';
import { type LedgerRow, percent, ribbons, steps, sums } from './ledger';

const nothing = {
  stored: 0, ignored: 0, unrecognised: 0, failed: 0, duplicate: 0, overflowed: 0, lost: 0, returned: 0,
}; // biome-ignore format: a list
const row = (changes: Partial<LedgerRow>): LedgerRow => ({
  connection_id: 1,
  site_id: 1,
  received: 0,
  ...nothing,
  in_flight: 0,
  unexplained: 0,
  balanced: true,
  ...changes,
});

describe('The picture of the ledger', () => {
  const total = sums([row({ received: 1_000_000, stored: 999_999 }), row({ received: 1, failed: 1, in_flight: 1 })]);

  it('adds up connections', () => {
    expect(total).toMatchObject({ received: 1_000_001, stored: 999_999, failed: 1, in_flight: 1, lost: 0 });
  });

  it('shows one message in a million, and no part that has none', () => {
    const { ribbons: found } = ribbons(total, 200);
    expect(found.map(({ part }) => part)).toEqual(['stored', 'failed', 'in_flight']);
    for (const { from } of found) expect(from.height).toBeGreaterThanOrEqual(2);
  });

  it('leaves room for the words of each part, and lets none overlap', () => {
    const { ribbons: found, height } = ribbons(total, 200);
    const tops = found.map(({ to }) => to.top + to.height / 2);
    for (const [place, top] of tops.slice(1).entries()) expect(top - (tops[place] ?? 0)).toBeGreaterThanOrEqual(30);
    expect(Math.max(...found.map(({ to }) => to.top + to.height))).toBeLessThanOrEqual(height);
  });

  it('shows more fates than messages too', () => {
    const [first, second] = ribbons(sums([row({ received: 2, stored: 3, unexplained: -1 })]), 100).ribbons;
    expect([first?.part, second?.part, second?.count]).toEqual(['stored', 'unexplained', -1]);
  });
});

it('Steps in which nothing came are there too', () => {
  const at = (hour: number) => Date.parse(`2026-05-04T0${hour}:00:00Z`);
  const point = { at: '2026-05-04T02:00:00Z', received: 5, ...nothing, stored: 5 };
  expect(steps([point], at(1), at(4), 'hour').map(({ received }) => received)).toEqual([0, 5, 0]);
});

it.each([
  [1, '100 %'],
  [0.999_999, '99.99 %'],
  [0.5, '50 %'],
  [0.000_001, '< 0.01 %'],
  [0, '0 %'],
])('%d is said as %s', (share, words) => {
  expect(percent(share, 'en')).toBe(words);
});
