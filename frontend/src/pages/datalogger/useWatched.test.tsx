import { act, cleanup, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Thinned } from '@/components/charts/series';
import { line } from '@/live/line';
import { resetLive, setLive } from '@/live/store';
import { HELD, useWatched } from './useWatched';

const NOW = 1_700_000_000;
const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
const chart: Thinned = {
  sensor: 4, unit: 'm', components: ['value'], from: iso(NOW - 30), to: iso(NOW), bucket_s: 10,
  time: [NOW - 30, NOW - 20, NOW - 10], count: [1, 1, 1],
  series: [{ component: 'value', min: [1, 2, 3], avg: [1, 2, 3], max: [1, 2, 3] }],
}; // biome-ignore format: columns

let said: string[];
let readAgain: ReturnType<typeof vi.fn<() => void>>;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW * 1000 });
  said = [];
  readAgain = vi.fn<() => void>();
  line.say = (text) => said.push(text) > 0;
  setLive({ isOpen: true });
});

afterEach(() => {
  cleanup();
  vi.runAllTimers();
  vi.useRealTimers();
  resetLive();
  hide(false);
});

function hide(isHidden: boolean): void {
  Object.defineProperty(document, 'visibilityState', { value: isHidden ? 'hidden' : 'visible', configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}

const shown = (isLive = true, read: Thinned = chart) => renderHook(() => useWatched(4, read, isLive, readAgain));
const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));
const hear = (time: number[], is_cut = false) =>
  act(() => line.hear({ sensor: 4, time, values: [time.map(() => 9)], is_cut }));

test('a reading that is told is drawn, without the chart being read again', async () => {
  const { result } = shown();
  await pass(200);
  expect(said).toEqual([JSON.stringify({ op: 'watch', sensor: 4, since: NOW - 10 })]);
  expect(result.current).toEqual({ chart, isWatched: true });
  await hear([NOW - 10, NOW + 0.1]);
  await pass(50);
  expect(result.current.chart?.series[0]?.max).toEqual([1, 2, 9, 9]);
  expect(readAgain).not.toHaveBeenCalled();
});

test('a chart that moves on without a reading stays as it was read until the first one is told', async () => {
  const { result } = shown();
  await pass(20_000);
  expect(result.current.chart).toBe(chart);
});

test('a tab that nobody sees watches nothing, and begins again when it is seen', async () => {
  shown();
  await pass(200);
  act(() => hide(true));
  await pass(200);
  expect(said.at(-1)).toBe(JSON.stringify({ op: 'unwatch', sensor: 4 }));
  act(() => hide(false));
  await pass(200);
  expect(JSON.parse(said.at(-1) ?? '')).toMatchObject({ op: 'watch' });
});

test.each([
  ['of the past', false, chart],
  ['with buckets too wide to be told reading by reading', true, { ...chart, bucket_s: 3600 }],
])('a chart %s watches nothing', async (_, isLive, read) => {
  const { result } = shown(isLive, read);
  await pass(200);
  expect([result.current.isWatched, said]).toEqual([false, []]);
});

test('without a connection nothing counts as watched', async () => {
  setLive({ isOpen: false });
  const { result } = shown();
  await pass(200);
  expect(result.current.isWatched).toBe(false);
});

test('it is read again where a frame could not hold everything, and where too much has gathered', async () => {
  shown();
  await pass(200);
  await hear([NOW], true);
  expect(readAgain).toHaveBeenCalledTimes(1);
  await hear(Array.from({ length: HELD + 1 }, () => NOW));
  expect(readAgain).toHaveBeenCalledTimes(2);
});
