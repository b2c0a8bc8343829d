import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { serverNow } from '@/live/clock';
import { overview, site } from '@/test/rows';
import { turnOf, useTurns } from './useTurns';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function heardAgo(seconds: number, changes = {}) {
  const at = new Date(serverNow() - seconds * 1000).toISOString();
  const seen = site({ interval_s: 10, ...changes });
  return { ...seen, connection: seen.connection && { ...seen.connection, last_message_at: at } };
}

test.each([
  [{}, 25],
  [{ data: 'late' }, 50],
  [{ data: 'quiet' }, Number.POSITIVE_INFINITY],
  [{ data: 'asleep' }, Number.POSITIVE_INFINITY],
  [{ link: 'down' }, Number.POSITIVE_INFINITY],
])('what %j says may turn %d s after the last message', (changes, seconds) => {
  expect(turnOf(heardAgo(0, changes)) - serverNow()).toBe(seconds * 1000);
});

test('when a site may have fallen silent, and not before, the overview is read again', async () => {
  const client = new QueryClient();
  const read = vi.spyOn(client, 'invalidateQueries');
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const { rerender } = renderHook(({ age }) => useTurns(overview([heardAgo(age)])), {
    wrapper,
    initialProps: { age: 5 },
  });
  await vi.advanceTimersByTimeAsync(15_000);
  rerender({ age: 0 }); // it spoke
  await vi.advanceTimersByTimeAsync(24_000);
  expect(read).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(read).toHaveBeenCalledWith({ queryKey: ['get', '/api/v1/overview/'] });
});
