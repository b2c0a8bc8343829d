import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { line } from './line';
import { SAY_EVERY_MS, WATCHED, watch } from './watch';

let said: { op: string; sensor: number; since?: number }[];
let stops: (() => void)[];

beforeEach(() => {
  vi.useFakeTimers();
  said = [];
  stops = [];
  line.say = (text) => said.push(JSON.parse(text)) > 0;
});

afterEach(() => {
  for (const stop of stops) stop();
  vi.runAllTimers();
  vi.useRealTimers();
});

function begin(sensor: number, take = vi.fn()) {
  const stop = watch(sensor, 100, take);
  if (stop) stops.push(stop);
  return { stop, take };
}

const readings = (sensor: number) => ({ sensor, time: [101], values: [[1]], is_cut: false });

test('each chart hears the readings of its own sensor, until it stops', () => {
  const one = begin(1);
  const other = begin(2);
  line.hear(readings(1));
  expect(one.take).toHaveBeenCalledWith(readings(1));
  expect(other.take).not.toHaveBeenCalled();
  one.stop?.();
  line.hear(readings(1));
  expect(one.take).toHaveBeenCalledTimes(1);
});

test('many charts at once say what they want one after the other, slower than the server ends a connection', () => {
  for (let sensor = 1; sensor <= WATCHED; sensor++) begin(sensor);
  vi.advanceTimersByTime(3 * SAY_EVERY_MS);
  expect(said).toEqual([1, 2, 3].map((sensor) => ({ op: 'watch', sensor, since: 100 })));
  vi.runAllTimers();
  expect(said).toHaveLength(WATCHED);
});

test('there is no room for more than the server grants, and a place that is left is free again', () => {
  const first = begin(1);
  for (let sensor = 2; sensor <= WATCHED; sensor++) begin(sensor);
  expect(begin(99).stop).toBeNull();
  first.stop?.();
  expect(begin(99).stop).not.toBeNull();
});

test('of what was not said yet only the last word about a sensor is', () => {
  begin(1).stop?.();
  begin(1);
  vi.runAllTimers();
  expect(said).toEqual([{ op: 'watch', sensor: 1, since: 100 }]);
});
