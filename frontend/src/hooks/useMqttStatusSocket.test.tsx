import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { act, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { getLive, resetLive } from '@/live/store';
import { TestSocket } from '@/test/socket';
import { FLUSH_MS, LISTS_MS, POLL_AFTER_MS, SUMS_MS, useMqttStatusSocket } from './useMqttStatusSocket';

const DATALOGGERS = ['get', '/api/v1/dataloggers/', {}];
const at = (second: number) => `2026-11-26T10:00:${String(second).padStart(2, '0')}+00:00`;
const row = {
  id: 7,
  site_id: 1,
  serial: 'A',
  status: 'online',
  status_since: at(0),
  offline_reason: '',
  last_seen_at: at(0),
};

let client: QueryClient;
let reads: Record<string, number>;

function Screen({ path }: { path: string }) {
  useMqttStatusSocket('ws://fieldledger.test/ws/mqtt/status/');
  useQuery({
    queryKey: ['get', path, {}],
    queryFn: () => {
      reads[path] = (reads[path] ?? 0) + 1;
      return { items: [row], sites: [], count: 1, count_is_capped: false };
    },
  });
  return <p>there</p>;
}

async function show(path = '/api/v1/dataloggers/'): Promise<TestSocket> {
  render(
    <QueryClientProvider client={client}>
      <Screen path={path} />
    </QueryClientProvider>,
  );
  await act(() => vi.advanceTimersByTimeAsync(0));
  const socket = TestSocket.last;
  await act(async () => socket.establish());
  await act(() => vi.advanceTimersByTimeAsync(20));
  return socket;
}

const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));
const shown = () => client.getQueryData<{ items: (typeof row)[] }>(DATALOGGERS)?.items[0];

function hear(socket: TestSocket, second: number): void {
  const dataloggers = [{ id: 7, serial: 'A', status: 'online' as const, last_seen_at: at(second), sensors: [] }];
  socket.say({ type: 'datalogger_update', site_id: 1, data: { dataloggers } });
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', TestSocket);
  vi.stubGlobal('fetch', async () => Response.json({ items: [], count: 0, count_is_capped: false }));
  TestSocket.all = [];
  reads = {};
  client = new QueryClient();
  resetLive();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the live connection', () => {
  test('what was read before it stood is read again', async () => {
    await show();
    expect(screen.getByText('there')).toBeInTheDocument();
    expect(reads['/api/v1/dataloggers/']).toBe(2);
    expect(getLive().isOpen).toBe(true);
  });

  test('a constant stream of news is written a few times a second, without reading anything again', async () => {
    const socket = await show();
    const before = reads['/api/v1/dataloggers/'];
    let writes = 0;
    client.getQueryCache().subscribe((event) => {
      if (event.type === 'updated' && event.action.type === 'success') writes += 1;
    });
    for (let turn = 0; turn < 500; turn++) {
      hear(socket, turn % 60);
      if (turn % 50 === 49) await pass(FLUSH_MS / 2);
    }
    await pass(FLUSH_MS);
    expect(shown()?.last_seen_at).toBe(at(59));
    expect(writes).toBeLessThan(8);
    expect(reads['/api/v1/dataloggers/']).toBe(before);
  });

  test('older news does not overwrite newer', async () => {
    const socket = await show();
    hear(socket, 30);
    await pass(FLUSH_MS);
    hear(socket, 20);
    await pass(FLUSH_MS);
    expect(shown()?.last_seen_at).toBe(at(30));
  });

  test('a device that fell silent says since when and why, and the sums are read again within a second', async () => {
    const socket = await show();
    await show('/api/v1/overview/');
    const before = reads['/api/v1/overview/'] ?? 0;
    const fall = {
      id: 7,
      serial: 'A',
      status: 'offline',
      last_seen_at: at(0),
      expected_interval_s: 5,
      reason: 'silent',
    } as const;
    socket.say({ type: 'sensor_offline', site_id: 1, ts: at(40), data: { gateways: [], dataloggers: [fall] } });
    await pass(LISTS_MS);
    expect(shown()).toMatchObject({ status: 'offline', offline_reason: 'silent', status_since: at(40) });
    expect(reads['/api/v1/overview/']).toBe(before + 1);
  });

  test('values alone make the overview be read again only every quarter of a minute', async () => {
    const socket = await show('/api/v1/overview/');
    const before = reads['/api/v1/overview/'] ?? 0;
    for (let second = 0; second < 30; second++) {
      hear(socket, second);
      await pass(1000);
    }
    expect((reads['/api/v1/overview/'] ?? 0) - before).toBe(30_000 / SUMS_MS);
  });

  test('a hole in the count makes everything be read again', async () => {
    const socket = await show();
    const before = reads['/api/v1/dataloggers/'] ?? 0;
    socket.say({ type: 'pong', site_id: null, data: {}, seq: 9 });
    await pass(10);
    expect(reads['/api/v1/dataloggers/']).toBe(before + 1);
  });

  test('so does a server that says it has dropped news', async () => {
    const socket = await show();
    const before = reads['/api/v1/dataloggers/'] ?? 0;
    socket.say({ type: 'lagging', site_id: null, data: { dropped: 3 } });
    await pass(10);
    expect(reads['/api/v1/dataloggers/']).toBe(before + 1);
  });

  test('it never gives up, waits longer each time and never longer than half a minute', async () => {
    const socket = await show();
    vi.spyOn(Math, 'random').mockReturnValue(1);
    socket.cut();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 10; attempt++) {
      const known = TestSocket.all.length;
      let waited = 0;
      while (TestSocket.all.length === known) {
        await pass(100);
        waited += 100;
      }
      waits.push(waited);
      TestSocket.last.cut();
    }
    expect(waits.slice(0, 4)).toEqual([500, 1000, 2000, 4000]);
    expect(Math.max(...waits)).toBe(30_000);
  });

  test('it comes back at once when the network does', async () => {
    const socket = await show();
    socket.cut();
    const known = TestSocket.all.length;
    window.dispatchEvent(new Event('online'));
    expect(TestSocket.all.length).toBe(known + 1);
  });

  test('a connection that has died without a word is replaced', async () => {
    await show();
    const known = TestSocket.all.length;
    await pass(60_000);
    expect(TestSocket.all.length).toBeGreaterThan(known);
    expect(getLive().isOpen).toBe(false);
  });

  test('while it is away for long, the state of the links is asked for', async () => {
    const socket = await show();
    const asked: string[] = [];
    vi.stubGlobal('fetch', async (request: Request) => {
      asked.push(new URL(request.url).pathname);
      return Response.json({ items: [], count: 0, count_is_capped: false });
    });
    socket.cut();
    await pass(POLL_AFTER_MS - 100);
    expect(asked).toEqual([]);
    await pass(200);
    expect(asked).toEqual(['/api/v1/mqtt/connection-status/']);
  });
});

describe('values are as of', () => {
  const told = (second: number, cause: 'database' | '') =>
    ({ type: 'interruption', site_id: null, ts: at(second), data: { cause, since: at(second) } }) as const;

  test('when something was last heard while news could come; an answer to a ping is none', async () => {
    const socket = await show();
    socket.say(told(20, 'database'));
    const before = getLive().heardAt;
    socket.say({ type: 'pong', site_id: null, ts: at(50), data: {} });
    expect(getLive().heardAt).toBe(before);
    socket.say(told(55, ''));
    expect(getLive().heardAt).toBe(Date.parse(at(55)));
  });

  test('not of an interruption that another connection told of', async () => {
    const socket = await show();
    socket.say(told(20, 'database'));
    socket.cut();
    await pass(1_000);
    TestSocket.last.establish();
    expect(getLive().interruption).toBeNull();
  });
});

describe('a connection of which little is heard', () => {
  test('stands while its pings are answered, however seldom a hidden page can send them', async () => {
    const socket = await show();
    const known = TestSocket.all.length;
    const answer = () => socket.say({ type: 'pong', site_id: null, data: {} });
    for (let minute = 0; minute < 5; minute++) {
      vi.setSystemTime(Date.now() + 50_000); // timers of a hidden page come once a minute
      await pass(10_000);
      answer();
    }
    expect(TestSocket.all.length).toBe(known);
    expect(getLive().isOpen).toBe(true);
  });

  test('is replaced within half a minute when one is not', async () => {
    const socket = await show();
    socket.say({ type: 'pong', site_id: null, data: {} });
    const known = TestSocket.all.length;
    await pass(25_000);
    expect(TestSocket.all.length).toBe(known + 1);
  });
});
