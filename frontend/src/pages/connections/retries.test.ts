import { describe, expect, it } from 'vitest';
import { rate, retries } from './retries';

const now = Date.parse('2026-05-04T03:02:01Z');
const row = {
  status: 'error',
  is_active: true,
  mqtt_retry_count: 4,
  mqtt_next_retry: '2026-05-04T03:02:18.500Z',
} as const;

describe('Retries', () => {
  it('say how many there were and when the next is', () => {
    expect(retries(row, now)).toBe('attempt 4, next in 18 s');
  });

  it('count down to now, never below', () => {
    expect(retries(row, now + 60_000)).toBe('attempt 4, next now');
  });

  it.each([{ status: 'connected' }, { is_active: false }, { mqtt_retry_count: 0 }] as const)(
    'are silent when %o',
    (change) => {
      expect(retries({ ...row, ...change }, now)).toBe('');
    },
  );
});

describe('A rate', () => {
  it('is that of the last whole minute, not of the running one', () => {
    expect(rate([0, 20, 3])).toBe('20 a minute');
    expect(rate([0, 747, 3])).toBe('12.5 a second');
  });

  it('is unknown before the first whole minute', () => {
    expect(rate([3])).toBe('–');
    expect(rate(undefined)).toBe('–');
  });
});
