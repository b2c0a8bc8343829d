import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { page, refusal, serve, showPage } from '@/test/page';

// A canvas is not drawn here; what stands on it is told in words beside it.
vi.mock('uplot', () => ({
  default: class {
    cursor = { idx: 0 };
    select = { width: 0 };
    over = document.createElement('div');
    setData(): void {}
    setSize(): void {}
    destroy(): void {}
    constructor(
      _: unknown,
      readonly data: unknown,
    ) {}
  },
}));

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
const device = {
  id: 8, site_id: 1, gateway_id: 2, serial: 'PZ203', kind: '', firmware: '1.9', status: 'online', status_since: ago(900),
  offline_reason: '', last_seen_at: ago(3), interval_s: 10, expected_interval_s: 10, interval_from: 'device', metadata: { datalogger: 'gallery_2' }, first_seen_at: ago(90_000),
  latest: [], name: '', tags: [], muted_until: null,
}; // biome-ignore format: a row
const pressure = {
  id: 14, site_id: 1, datalogger_id: 8, key: 'pressure', kind: '', unit: 'kPa', components: ['value'], latest_values: [243.5],
  latest_time: ago(3), latest_received_at: ago(3), latest_quality: 'good',
}; // biome-ignore format: a row
const tilt = { ...pressure, id: 15, key: 'tilt', unit: '°', components: ['pitch', 'roll'], latest_values: [0.5, -1] };
const chart = {
  sensor: 14, unit: 'kPa', components: ['value'], from: ago(3600), to: '1970-01-01T00:00:41Z', bucket_s: 10, time: [1, 11, 21, 31],
  count: [1, 0, 0, 1], series: [{ component: 'value', min: [1, null, null, 3], avg: [2, null, null, 4], max: [3, null, null, 5] }],
}; // biome-ignore format: a row
const link = { site_id: 1, is_active: true, status: 'connected', last_error: '' };
const gateway = { id: 2, serial: 'gateway_2', status: 'online' };
const topic = { id: 5, site_id: 1, topic_path: 'dam/status', processor_name: 'dam_status', last_seen_at: ago(4) };
const message = {
  received_at: ago(4), qos: 1, retain: false, size: 16, is_truncated: false, payload: btoa('{"sn":"PZ203"}'), shown: {},
}; // biome-ignore format: a row

let answers: Record<string, object>;

beforeEach(() => {
  answers = {
    'GET dataloggers/8/': device,
    'GET dataloggers/8/last-words/': { message: null },
    'GET sensors/': page(pressure, tilt),
    'GET sites/1/': { id: 1, name: 'The dam', timezone: 'Europe/Rome' },
    'GET mqtt/site/1/status/': link,
    'GET gateways/2/': gateway,
    'GET connection-logs/': { items: [], next: null },
    'GET sensors/14/readings': chart,
    'GET sensors/15/readings': { ...chart, sensor: 15 },
    'GET discovered-topics/': page(topic),
    'GET discovered-topics/5/samples/': [message],
    'GET connections/': page({ broker_host: 'broker.example', broker_port: 1883 }),
  };
});

const shown = (query = '') => {
  const asked = serve(answers);
  showPage(`/dataloggers/8${query}`);
  return asked;
};

describe('a device that speaks', () => {
  test('shows its values, its history in words, and the message it sent', async () => {
    shown();
    expect(await screen.findByRole('heading', { name: 'PZ203' })).toBeInTheDocument();
    const tile = await screen.findByRole('button', { name: /pressure/ });
    expect(tile).toHaveTextContent('243.5 kPa');
    expect(tile).toHaveAttribute('aria-pressed', 'true');
    expect((await screen.findAllByText('4 kPa at last, from 1 to 5. 1 gap, 20 s.'))[0]).toBeInTheDocument();
    expect(await screen.findByText(/"sn": "PZ203"/)).toBeInTheDocument();
    expect(screen.queryByText(/fell silent/)).not.toBeInTheDocument();
  });

  test('its history ends now, until one pauses', async () => {
    shown();
    expect(await screen.findByText('LIVE')).toBeInTheDocument();
    fireEvent.keyDown(document.documentElement, { key: 'p' });
    expect(await screen.findByText(/Paused at/)).toBeInTheDocument();
    expect(screen.queryByText('LIVE')).not.toBeInTheDocument();
  });

  test('a stretch in the address is asked for, and one comes back to now', async () => {
    const asked = shown('?from=1000&to=2000');
    await userEvent.click(await screen.findByRole('button', { name: 'Back to now' }));
    expect(await screen.findByText('LIVE')).toBeInTheDocument();
    const ranges = asked.filter(({ what }) => what === 'GET sensors/14/readings').map(({ query }) => query);
    expect(ranges[0]).toContain('from=1970-01-01T00%3A16%3A40.000Z');
    expect(ranges.at(-1)).not.toContain('1970');
  });

  test('a digit hides a chart and shows it again', async () => {
    shown();
    const tile = await screen.findByRole('button', { name: /pressure/ });
    fireEvent.keyDown(document.documentElement, { key: '1' });
    await waitFor(() => expect(tile).toHaveAttribute('aria-pressed', 'false'));
    expect(window.location.search).toContain('show=15');
  });

  test('on a phone one value has its chart, and choosing another takes its place', async () => {
    const plain = window.matchMedia;
    vi.spyOn(window, 'matchMedia').mockImplementation((query) => ({
      ...plain(query),
      matches: query.includes('48em'),
    }));
    shown();
    const tiles = within(await screen.findByRole('region', { name: 'Latest values' }));
    const pressed = () => tiles.getAllByRole('button', { pressed: true });
    expect(pressed()).toHaveLength(1);
    await userEvent.click(tiles.getAllByRole('button')[1] as HTMLElement);
    await waitFor(() => expect(window.location.search).toBe('?show=15'));
    expect(pressed()).toEqual([tiles.getAllByRole('button')[1]]);
    vi.restoreAllMocks();
  });

  test('the same is there as a table', async () => {
    shown('?table=true&show=14');
    const table = await screen.findByRole('table', { name: 'pressure' });
    expect(within(table).getByRole('columnheader', { name: 'avg' })).toBeInTheDocument();
  });
});

describe('a device that does not', () => {
  const silent = { ...device, status: 'offline', offline_reason: 'silent', last_seen_at: ago(18_000) };

  test('shows no old number as one of now, but tells its last one and why', async () => {
    answers['GET dataloggers/8/'] = silent;
    answers['GET sensors/'] = page({ ...pressure, latest_time: ago(18_000), latest_received_at: ago(18_000) });
    shown();
    const reason = await screen.findByText(/Its gateway gateway_2 speaks and the link to the broker is open/);
    expect(reason).toHaveTextContent('It fell silent 5 h ago; it was expected every 10 s.');
    const tile = await screen.findByRole('button', { name: /pressure/ });
    expect(tile).toHaveTextContent('-- kPa');
    expect(tile).toHaveTextContent('last 243.5 kPa');
  });

  test.each([
    ['site', '5 min (its site’s)'],
    ['default', '5 min (default)'],
  ])('that promises no interval is expected as its %s expects, and whose that is is said', async (whose, words) => {
    answers['GET dataloggers/8/'] = { ...silent, interval_s: null, expected_interval_s: 300, interval_from: whose };
    shown();
    expect(await screen.findByText(words)).toBeInTheDocument();
    expect(screen.getByText(/it was expected every 5 min/)).toBeInTheDocument();
  });

  test('says what it said last, as it came', async () => {
    answers['GET dataloggers/8/'] = silent;
    answers['GET dataloggers/8/last-words/'] = {
      message: {
        topic: 'dam/gateway/2/status', topic_id: null, received_at: ago(18_000), qos: 1, retain: false, size: 20, is_exact: true,
        shown: { json: { sn: 'PZ203', pressure: 3.1 } },
      },
    }; // biome-ignore format: a row
    shown();
    const words = await screen.findByRole('region', { name: 'Its last words' });
    expect(words).toHaveTextContent('5 h ago, on dam/gateway/2/status');
    expect(words).toHaveTextContent('"pressure": 3.1');
  });

  test.each([
    [{ is_active: false }, /switched off/],
    [{ status: 'connecting', last_error: 'refused the password' }, /refused the password/],
  ])('with a link that is %j it is the link that is told', async (change, words) => {
    answers['GET dataloggers/8/'] = silent;
    answers['GET mqtt/site/1/status/'] = { ...link, ...change };
    shown();
    expect(await screen.findByText(words)).toBeInTheDocument();
  });
});

describe('what is missing', () => {
  test('a device that never read anything says so and shows what it sends', async () => {
    answers['GET sensors/'] = page();
    shown();
    expect(await screen.findByText('Seen, but no numbers yet')).toBeInTheDocument();
    expect(await screen.findByText(/"sn": "PZ203"/)).toBeInTheDocument();
  });

  test('a device that there is not, or that is not mine, is not shown', async () => {
    serve({});
    showPage('/dataloggers/8');
    expect(await screen.findByText('Not here, or not for you')).toBeInTheDocument();
  });

  test('a chart that cannot be read leaves the rest', async () => {
    answers['GET sensors/14/readings'] = () => refusal(503, 'too_slow', 'Ask for less.');
    shown();
    expect(await screen.findByText('The chart of pressure could not be loaded.')).toBeInTheDocument();
    expect(await screen.findByText('4 kPa at last, from 1 to 5. 1 gap, 20 s.')).toBeInTheDocument();
  });

  test('a device of which no topic speaks', async () => {
    answers['GET discovered-topics/'] = page();
    shown();
    expect(await screen.findByText(/No topic kept a message that names it/)).toBeInTheDocument();
  });
});

describe('lately', () => {
  test('how it became who it is is told, and nothing where nothing changed', async () => {
    answers['GET dataloggers/8/identity/'] = [
      { at: ago(3_600), what: 'firmware', before: '1.2', after: '1.3' },
      { at: ago(90_000), what: 'gateway', before: 'gateway_1', after: 'gateway_2' },
    ];
    shown();
    const section = await screen.findByRole('region', { name: 'How it became who it is' });
    const [first, second] = within(section).getAllByRole('listitem');
    expect(first).toHaveTextContent(/Firmware1.2 →became 1.3/);
    expect(second).toHaveTextContent(/Gatewaygateway_1 →became gateway_2/);
  });

  test('each of fourteen days says in how many hours the device was heard', async () => {
    const days = Array.from({ length: 14 }, (_, age) => ({
      day: `2026-03-${age + 1}`.replace(/-(\d)$/, '-0$1'),
      heard: 24,
      hours: 24,
    }));
    answers['GET dataloggers/8/availability/'] = [...days.slice(0, 13), { day: '2026-03-14', heard: 5, hours: 10 }];
    shown();
    const bars = await screen.findByRole('region', { name: 'Heard in the last 14 days' });
    expect(await within(bars).findByText('Mar 14: in 5 of 10 hours')).toBeInTheDocument();
    expect(within(bars).getAllByRole('listitem')).toHaveLength(14);
    expect(bars).toHaveTextContent('98 %: in 317 of 322 hours');
  });

  test('a value has a line of its last readings beside it', async () => {
    answers['GET dataloggers/8/trends/'] = [{ sensor: 14, since: ago(600), value: [1, 3, 2] }];
    shown();
    expect(await screen.findByRole('img', { name: /pressure, the last 3 readings, since/ })).toBeInTheDocument();
  });

  test('the message of a point is shown, and whether it is the very one', async () => {
    const reading = {
      sensor_id: 14, time: ago(9), received_at: ago(8), values: [243.5], quality: 'good', claimed_time: null,
    }; // biome-ignore format: a row
    const found = {
      topic: 'dam/status', topic_id: 5, received_at: ago(4), qos: 1, retain: false, size: 16, is_exact: false,
      shown: { json: { sn: 'PZ203' } },
    }; // biome-ignore format: a row
    answers['GET sensors/14/origin/'] = { reading, message: found, keeps_raw_days: 0 };
    const asked = shown('?show=14');
    fireEvent.keyDown(await screen.findByRole('application', { name: /pressure/ }), { key: 'Enter' });
    const panel = await screen.findByRole('region', { name: 'Where this point comes from' });
    expect(await within(panel).findByText(/That message is not kept; this one came 4 s from it/)).toBeInTheDocument();
    expect(panel).toHaveTextContent('"sn": "PZ203"');
    expect(asked.find(({ what }) => what === 'GET sensors/14/origin/')?.query).toContain('width_s=10');
    await userEvent.click(within(panel).getByRole('button', { name: 'Unpin' }));
    expect(panel).not.toBeInTheDocument();
  });
});
