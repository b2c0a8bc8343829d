import { beforeEach, expect, test } from 'vitest';
import { countdown, dueAt, forgetWishes, isPending } from './wishes';

beforeEach(forgetWishes);

test.each([
  [true, 'connected', false],
  [true, 'connecting', false],
  [true, 'error', false],
  [true, 'disconnected', true],
  [false, 'disconnected', false],
  [false, 'connected', true],
  [false, 'error', true],
])('wished open %s and %s: waiting for a reconcile is %s', (is_active, status, expected) => {
  expect(isPending({ is_active, status })).toBe(expected);
});

test('a wish is due when it was first seen to be, however often the next reconcile moves on', () => {
  const stopping = { is_active: false, status: 'connected' };
  expect(dueAt(1, stopping, 1000)).toBe(1000);
  expect(dueAt(1, stopping, 31_000)).toBe(1000);
});

test('a wish taken back waits for nothing, and a new one counts anew', () => {
  dueAt(1, { is_active: false, status: 'connected' }, 1000);
  expect(dueAt(1, { is_active: true, status: 'connected' }, 2000)).toBeNull();
  expect(dueAt(1, { is_active: false, status: 'connected' }, 3000)).toBe(3000);
});

test.each([
  [0, 'counting', 30],
  [29_001, 'counting', 1],
  [30_000, 'applying', 0],
  [59_000, 'applying', 0],
  [60_000, 'waiting', 0],
  [75_000, 'silent', 0],
])('at %i ms a wish due in 30 s is %s with %i s left', (now, phase, secondsLeft) => {
  expect(countdown(now, 30_000, 30)).toMatchObject({ phase, secondsLeft });
});
