import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { open, playServer, refuse, serve } from '@/test/app';
import { ago, datalogger, gateway, overview, page, site } from '@/test/rows';
import { changes } from './Settings';

vi.mock('./Curve', () => ({ default: () => null })); // it draws on a canvas, which tests do not have

playServer();

const about = {
  id: 1,
  name: 'Diga di Valdora',
  slug: 'valdora',
  site_type: 'dam',
  timezone: 'Europe/Rome',
  location: 'Valdora',
  is_active: true,
  readings_keep_days: null,
  works_from: null,
  works_to: null,
  interval_s: null,
  latitude: null,
  longitude: null,
  created_at: ago(86_400),
};

const connection = {
  is_active: true,
  status: 'connected',
  next_reconcile_at: ago(-20),
  applies_by: ago(-22),
  reconcile_period_s: 30,
  listener_alive: true,
  connection_id: 1,
  site_id: 1,
  site_name: 'Diga di Valdora',
  broker_host: 'broker.example',
  broker_port: 1883,
  status_since: ago(600),
  mqtt_retry_count: 0,
  mqtt_next_retry: null,
  last_message_at: ago(3),
  last_error: '',
  discover_until: null,
  subscribed: ['valdora/#'],
};

function routes(changes: Record<string, unknown> = {}) {
  return {
    'GET /api/v1/sites/1/': about,
    'GET /api/v1/overview/': overview([site()]),
    'GET /api/v1/mqtt/site/1/status/': connection,
    'GET /api/v1/gateways/': page([
      gateway({ metadata: { system_uptime: '14 days' }, addresses: { ip_address: '10.20.1.2' } }),
    ]),
    'GET /api/v1/dataloggers/': page([]),
    'GET /api/v1/dataloggers/facets/': { status: {}, kind: {}, firmware: {} },
    'GET /api/v1/sites/1/days/': { name: null, unit: '', day: [], value: [] },
    'GET /api/v1/sites/1/motion/': { shaking: [], excursions: [], limited: 0, since: ago(86_400) },
    'GET /api/v1/mqtt/ledger/series/': [],
    'GET /api/v1/connection-logs/histogram/': [],
    ...changes,
  };
}

test('the four facts stand beside each other and are never merged', async () => {
  serve(routes({ 'GET /api/v1/overview/': overview([site({ word: 'quiet', failed: 3 })]) }));
  open('/sites/1');
  expect(await screen.findByRole('heading', { level: 1, name: 'Diga di Valdora' })).toBeInTheDocument();
  expect(await screen.findByRole('switch', { name: 'Connection of Diga di Valdora' })).toBeChecked();
  expect(screen.getAllByText('Connected').length).toBeGreaterThan(0);
  expect(screen.getByText('Live', { selector: 'main *' })).toBeInTheDocument();
  expect(screen.getByText('3 not understood')).toBeInTheDocument();
});

test('gateways say what they run and where they are', async () => {
  serve(routes());
  open('/sites/1');
  const card = (await screen.findByRole('heading', { name: 'gateway_1' })).closest('article') as HTMLElement;
  for (const words of ['2.4.1', '10.20.1.2', '14 days', 'Online']) expect(card).toHaveTextContent(words);
});

test('silent devices are named with their reason and the way to their last words', async () => {
  const silent = datalogger({ status: 'offline', offline_reason: 'silent', last_seen_at: ago(840) });
  serve(routes({ 'GET /api/v1/dataloggers/': page([silent]) }));
  open('/sites/1');
  const link = await screen.findByRole('link', { name: 'PZ203' });
  expect(link).toHaveAttribute('href', '/dataloggers/7');
  expect(link.closest('li')).toHaveTextContent('fell silent · expected every 15 s');
});

test('a plant tells its energy of each day, today as far as it has come, and the days without a reading', async () => {
  const told = {
    name: 'ac_power',
    unit: 'kWh',
    day: ['2026-11-24', '2026-11-25', '2026-11-26'],
    value: [41.25, null, 12],
  };
  serve(routes({ 'GET /api/v1/sites/1/days/': told }));
  open('/sites/1');
  const panel = (await screen.findByRole('heading', { name: 'Energy by day' })).closest('section') as HTMLElement;
  const words = (await within(panel).findAllByRole('listitem')).map((each) => each.title);
  expect(words).toEqual(['Nov 24: 41.25 kWh', 'Nov 25: nothing read', 'Nov 26: 12 kWh']);
  expect(panel).toHaveTextContent('today so far 12 kWh · most on Nov 24: 41.25 kWh');
});

test('connected but mute, it says what it is subscribed to and what to check', async () => {
  serve(routes({ 'GET /api/v1/overview/': overview([site({ word: 'waiting', data: 'waiting' })]) }));
  open('/sites/1');
  expect(await screen.findByText('Nothing has arrived yet')).toBeInTheDocument();
  expect(screen.getByText(/Subscribed to valdora\/#/)).toBeInTheDocument();
});

test('without a broker it says so, and leads who may connect one to where that is done', async () => {
  const none = { 'GET /api/v1/mqtt/site/1/status/': () => refuse(404, 'not_found', 'None.') };
  serve(routes(none));
  open('/sites/1', 'admin');
  expect(await screen.findByRole('link', { name: 'Connect its broker' })).toHaveAttribute(
    'href',
    '/connections?add=true&site=1',
  );
});

test('a site that is not there, or not yours, says so', async () => {
  serve(routes({ 'GET /api/v1/sites/1/': () => refuse(404, 'not_found', 'None.') }));
  open('/sites/1');
  expect(await screen.findByRole('heading', { level: 1, name: 'Not here, or not for you' })).toBeInTheDocument();
});

test('its devices are a list of their own, and the part that is open stands in the address', async () => {
  const { asked } = serve(routes({ 'GET /api/v1/dataloggers/': page([datalogger()]) }));
  const { router } = open('/sites/1');
  const parts = await screen.findByRole('navigation', { name: 'Parts of this site' });
  await userEvent.click(within(parts).getByRole('link', { name: 'Devices' }));
  expect(await screen.findByRole('table', { name: 'Devices' })).toBeInTheDocument();
  expect(router.state.location.search).toEqual({ tab: 'devices' });
  expect(asked.some((each) => each.includes('/dataloggers/?sort=serial&site=1'))).toBe(true);
});

test('on a phone its parts are a list to choose from, none of which is cut', async () => {
  const plain = window.matchMedia;
  vi.spyOn(window, 'matchMedia').mockImplementation((query) => ({ ...plain(query), matches: query.includes('48em') }));
  serve(routes({ 'GET /api/v1/dataloggers/': page([datalogger()]) }));
  const { router } = open('/sites/1');
  const parts = await screen.findByRole('combobox', { name: 'Parts of this site' });
  await userEvent.selectOptions(parts, 'Settings');
  expect(router.state.location.search).toEqual({ tab: 'settings' });
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Parts of this site' }), 'Logs');
  await waitFor(() => expect(router.state.location.pathname).toBe('/logs/connection'));
  vi.restoreAllMocks();
});

test('an administrator changes only what was changed', async () => {
  const bodies: unknown[] = [];
  const patch = async (request: Request) => {
    bodies.push(await request.json());
    return about;
  };
  serve(routes({ 'PATCH /api/v1/sites/1/': patch }));
  open('/sites/1?tab=settings', 'admin');
  const place = await screen.findByLabelText('Place');
  await userEvent.clear(place);
  await userEvent.type(place, 'Colle');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(bodies).toEqual([{ location: 'Colle' }]);
});

test('an administrator says how often devices are expected to speak', async () => {
  const bodies: unknown[] = [];
  const patch = async (request: Request) => {
    bodies.push(await request.json());
    return about;
  };
  serve(routes({ 'PATCH /api/v1/sites/1/': patch }));
  open('/sites/1?tab=settings', 'admin');
  await userEvent.type(await screen.findByLabelText('Expected interval (seconds)'), '900');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(bodies).toEqual([{ interval_s: 900 }]);
});

test('a site is taken along as one file, with each of its devices and more than one page of sensors', async () => {
  const many = Array.from({ length: 1001 }, (_, id) => ({ id }));
  const part = (request: Request) => {
    const offset = Number(new URL(request.url).searchParams.get('offset'));
    return page(many.slice(offset, offset + 1000), many.length);
  };
  serve(
    routes({
      'GET /api/v1/connections/': page([{ id: 4, broker_host: 'broker.example' }]),
      'GET /api/v1/topics/': page([{ id: 5, topic: 'valdora/#' }]),
      'GET /api/v1/sensors/': part,
    }),
  );
  const files: Blob[] = [];
  URL.createObjectURL = (file) => `blob:${files.push(file as Blob)}`;
  URL.revokeObjectURL = () => undefined;
  const names: string[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    names.push(this.download);
  });
  open('/sites/1?tab=settings', 'viewer');
  await userEvent.click(await screen.findByRole('button', { name: 'Export as JSON' }));
  await waitFor(() => expect(names).toEqual(['valdora.json']));
  const said = JSON.parse((await files[0]?.text()) ?? '');
  expect(said.site.name).toBe('Diga di Valdora');
  expect(said.connections[0].broker_host).toBe('broker.example');
  expect(said.topics).toHaveLength(1);
  expect(said.gateways[0].serial).toBe('gateway_1');
  expect(said.sensors.map((sensor: { id: number }) => sensor.id)).toEqual(many.map(({ id }) => id));
  vi.restoreAllMocks();
});

test('a site with coordinates has its pin on the page, and one without has no map', async () => {
  serve(routes({ 'GET /api/v1/sites/1/': { ...about, latitude: 46.1, longitude: 9.25 } }));
  const { client } = open('/sites/1');
  const place = await screen.findByRole('region', { name: 'Place' });
  expect(within(place).getByRole('link', { name: '46.1°, 9.25°' })).toHaveAttribute('href', 'geo:46.1,9.25');
  expect(within(place).getByRole('link', { name: /Diga di Valdora/ })).toBeInTheDocument();
  serve(routes());
  await act(() => client.invalidateQueries());
  await waitFor(() => expect(screen.queryByRole('region', { name: 'Place' })).not.toBeInTheDocument());
});

test('what the server says of a field stands at the field', async () => {
  const error = { code: 'invalid', message: 'The request is not valid.', fields: { timezone: 'is not a time zone' } };
  serve(routes({ 'PATCH /api/v1/sites/1/': () => Response.json({ error }, { status: 422 }) }));
  open('/sites/1?tab=settings', 'admin');
  await userEvent.type(await screen.findByLabelText('Time zone'), 'x');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('is not a time zone')).toBeInTheDocument();
});

test('an operator sees the settings and why they are barred', async () => {
  serve(routes());
  open('/sites/1?tab=settings', 'operator');
  expect(await screen.findByText('Only administrators of this site change these.')).toBeInTheDocument();
  expect(screen.getByLabelText('Name')).toBeDisabled();
  expect(screen.queryByRole('button', { name: 'Save' })).not.toBeInTheDocument();
});

test('working hours and a place are changed in pairs', async () => {
  const change = vi.fn(async (request: Request) => Response.json({ ...about, ...((await request.json()) as object) }));
  serve(routes({ 'PATCH /api/v1/sites/1/': change }));
  open('/sites/1?tab=settings', 'admin');
  fireEvent.change(await screen.findByLabelText('Works from'), { target: { value: '06:30' } });
  fireEvent.change(screen.getByLabelText('Works until'), { target: { value: '20:00' } });
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(change).toHaveBeenCalledOnce());
});

test('of a pair both are sent where one has changed', () => {
  const before = { works_from: '06:00:00', works_to: '20:00:00', name: 'Diga' } as never;
  const after = { works_from: '07:00:00', works_to: '20:00:00', name: 'Diga' } as never;
  expect(changes(before, after)).toEqual({ works_from: '07:00:00', works_to: '20:00:00' });
});

const ofSensor = { sensor: 9, key: 'acc', label: 'Pier 3', unit: 'm/s²', datalogger: 4, serial: 'MAS1' };

test('a structure tells how it shakes axis by axis, and what went beyond its limits', async () => {
  const motion = {
    shaking: [
      { ...ofSensor, components: ['x', 'y', 'z'], readings: 720, last: ago(12), rms: [0.012, 0.008, 0.02] },
      { ...ofSensor, sensor: 10, label: 'Pier 4', components: ['x', 'y', 'z'], readings: 1, last: ago(840), rms: [] },
    ],
    excursions: [
      { ...ofSensor, label: '', key: 'crack', unit: 'mm', lower_limit: null, upper_limit: 4, times: 3, first: ago(600), last: ago(60) },
    ], // biome-ignore format: a row
    limited: 2,
    since: ago(86_400),
  };
  serve(routes({ 'GET /api/v1/sites/1/motion/': motion }));
  await open('/sites/1');
  const shaking = await screen.findByRole('region', { name: 'Vibration, RMS by axis' });
  expect(shaking).toHaveTextContent(
    /Pier 3MAS1 · 720 readings · 1\d s ago.*x 0.012 m\/s².*y 0.008 m\/s².*z 0.02 m\/s²/,
  );
  expect(shaking).toHaveTextContent(/Pier 4MAS1 · 1 reading · 14 min ago.*not enough readings/);
  expect(within(shaking).getByRole('link', { name: 'Pier 3' })).toHaveAttribute('href', '/dataloggers/4?show=9');
  const beyond = screen.getByRole('region', { name: 'Beyond limits' });
  expect(beyond).toHaveTextContent(/crack.*MAS1 · 3 times · ≤ 4 mm/);
});

test('a structure whose values kept their limits says so, and one without limits says nothing of them', async () => {
  serve(routes({ 'GET /api/v1/sites/1/motion/': { shaking: [], excursions: [], limited: 2, since: ago(86_400) } }));
  await open('/sites/1');
  expect(await screen.findByText('All 2 sensors with limits that were heard kept them')).toBeInTheDocument();
  expect(screen.queryByText('Vibration, RMS by axis')).not.toBeInTheDocument();
});

test('where not all of a day was looked at, it says since when', async () => {
  serve(routes({ 'GET /api/v1/sites/1/motion/': { shaking: [], excursions: [], limited: 2, since: ago(7_200) } }));
  await open('/sites/1');
  const beyond = await screen.findByRole('region', { name: 'Beyond limits' });
  expect(beyond).toHaveTextContent(/^Beyond limitssince .*earlier hours are not counted/);
});

test('panels that could not be read anew keep their figures, and say from when they are', async () => {
  serve(routes({ 'GET /api/v1/sites/1/motion/': { shaking: [], excursions: [], limited: 2, since: ago(86_400) } }));
  const { client } = open('/sites/1');
  await screen.findByText('All 2 sensors with limits that were heard kept them');
  await screen.findByText('gateway_1');
  const broken = () => refuse(503, 'unavailable', 'The database does not answer.');
  const panels = ['sites/1/motion/', 'sites/1/days/', 'gateways/', 'dataloggers/', 'mqtt/ledger/series/'];
  serve(routes(Object.fromEntries(panels.map((path) => [`GET /api/v1/${path}`, broken]))));
  await act(() => client.invalidateQueries());
  for (const what of ['The motion', 'The gateways', 'Silent devices', 'The last day']) {
    const said = (await screen.findByText(`${what} could not be loaded.`)).closest('[role=alert]');
    expect(said).toHaveTextContent(/The database does not answer. What is shown is from \d/);
  }
  expect(screen.getByText('All 2 sensors with limits that were heard kept them')).toBeInTheDocument();
});
