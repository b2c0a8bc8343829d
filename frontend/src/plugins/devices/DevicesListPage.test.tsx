import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import type { ConnectionStatus } from '@/api/types';
import { open, playServer, refuse, serve } from '@/test/app';
import { ago, datalogger, overview, page, site } from '@/test/rows';
import { TestSocket } from '@/test/socket';

playServer();

const connection: ConnectionStatus = {
  is_active: true,
  status: 'connected',
  applies_by: ago(-62),
  next_reconcile_at: ago(-60), // however long the test takes until it is drawn
  reconcile_period_s: 30,
  listener_alive: true,
  connection_id: 1,
  site_id: 1,
  site_name: 'Diga di Valdora',
  broker_host: 'broker.example',
  broker_port: 1883,
  use_tls: false,
  client_id: 'fl',
  status_since: ago(600),
  mqtt_retry_count: 0,
  mqtt_next_retry: null,
  last_connected_at: ago(600),
  last_message_at: ago(3),
  last_error: '',
  discover_until: null,
  subscribed: ['valdora/#'],
  listener: 'listener-1',
};
const STATUS = 'GET /api/v1/mqtt/site/1/status/';

function routes(rows = [datalogger()], changes: Record<string, unknown> = {}) {
  return {
    'GET /api/v1/dataloggers/': page(rows),
    'GET /api/v1/dataloggers/facets/': { status: { online: rows.length }, kind: { piezometer: 1 }, firmware: {} },
    'GET /api/v1/sites/': page([{ id: 1, name: 'Diga di Valdora' }]),
    'GET /api/v1/overview/': overview([site()]),
    [STATUS]: connection,
    ...changes,
  };
}

const table = () => screen.findByRole('table', { name: 'Devices' });

test('devices stand in a real table that says how many there are', async () => {
  serve(routes([datalogger(), datalogger({ id: 8, serial: 'PZ204' })]));
  open('/devices');
  expect(await table()).toHaveAttribute('aria-rowcount', '3');
  const row = (await screen.findByText('PZ204')).closest('tr') as HTMLElement;
  expect(row).toHaveAttribute('aria-rowindex', '3');
  expect(row).toHaveTextContent('Online');
  expect(row).toHaveTextContent('15 s');
});

test('of ten thousand only those in sight are drawn and asked for', async () => {
  const rows = Array.from({ length: 100 }, (_, index) => datalogger({ id: index + 1, serial: `D${index}` }));
  const { asked } = serve(routes(rows, { 'GET /api/v1/dataloggers/': page(rows, 10_000) }));
  open('/devices');
  expect(await table()).toHaveAttribute('aria-rowcount', '10001');
  expect(screen.getAllByRole('row').length).toBeLessThan(60);
  expect(asked.filter((each) => each.startsWith('GET /api/v1/dataloggers/?'))).toHaveLength(1);
});

test('sorting and filtering are asked of the server and stand in the address', async () => {
  const { asked } = serve(routes());
  const { router } = open('/devices');
  await userEvent.click(within(await table()).getByRole('button', { name: /Last seen/ }));
  await userEvent.selectOptions(screen.getByLabelText('Status'), 'offline');
  await waitFor(() => expect(asked.join('\n')).toMatch(/dataloggers\/\?sort=last_seen_at&status=offline/));
  expect(router.state.location.search).toMatchObject({ sort: 'last_seen_at', status: 'offline' });
  expect(within(await table()).getByRole('columnheader', { name: /Last seen/ })).toHaveAttribute(
    'aria-sort',
    'ascending',
  );
});

test('the column of how often a device is expected sorts by what it shows', async () => {
  const { asked } = serve(routes());
  open('/devices');
  const heading = within(await table()).getByRole('columnheader', { name: /Expected every/ });
  await userEvent.click(within(heading).getByRole('button'));
  await waitFor(() => expect(asked.join('\n')).toMatch(/dataloggers\/\?sort=expected_interval_s/));
});

test('a device that falls silent changes in its row, and is tinted for a moment', async () => {
  serve(routes());
  open('/devices');
  const row = (await screen.findByText('PZ203')).closest('tr') as HTMLElement;
  await act(async () => TestSocket.last.establish());
  const fall = {
    id: 7,
    serial: 'PZ203',
    status: 'offline',
    last_seen_at: ago(1),
    expected_interval_s: 15,
    reason: 'silent',
  } as const;
  await act(async () =>
    TestSocket.last.say({ type: 'sensor_offline', site_id: 1, data: { gateways: [], dataloggers: [fall] } }),
  );
  await waitFor(() => expect(row).toHaveTextContent('Offline'));
  expect(row).toHaveAttribute('data-tint');
  expect(within(row).getByText('Offline').closest('[title]')).toHaveAttribute('title', 'Offline, fell silent');
});

test('new devices are not put between the others until one asks', async () => {
  serve(
    routes([datalogger()], { 'GET /api/v1/dataloggers/facets/': { status: { online: 5 }, kind: {}, firmware: {} } }),
  );
  open('/devices');
  expect(await screen.findByRole('button', { name: '4 new devices, show' })).toBeInTheDocument();
});

test('j and Enter look at a device without leaving the list', async () => {
  serve(routes([datalogger()], { 'GET /api/v1/dataloggers/7/': datalogger(), 'GET /api/v1/sensors/': page([]) }));
  open('/devices');
  await screen.findByText('PZ203');
  await userEvent.keyboard('j{Enter}');
  const drawer = await screen.findByRole('dialog');
  expect(await within(drawer).findByText('It has not measured anything yet.')).toBeInTheDocument();
  expect(within(drawer).getByRole('link', { name: 'Open with history' })).toHaveAttribute('href', '/dataloggers/7');
});

test('stopping names the site, and the badge keeps what is until the server says otherwise', async () => {
  let row = connection;
  const stop = vi.fn(() => {
    row = { ...connection, is_active: false };
    return Response.json(row, { status: 202 });
  });
  serve(routes([datalogger()], { [STATUS]: () => row, 'POST /api/v1/mqtt/site/1/stop/': stop }));
  open('/devices?site=1');
  await userEvent.click(await screen.findByRole('button', { name: 'MQTT of Diga di Valdora' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Stop MQTT' }));
  const dialog = await screen.findByRole('dialog', { name: 'Stop Diga di Valdora?' });
  expect(stop).not.toHaveBeenCalled();
  await userEvent.click(within(dialog).getByRole('button', { name: 'Stop' }));
  expect(await screen.findByRole('timer')).toHaveTextContent(/applies in \d+ s/);
  expect(screen.getByText('Connected')).toBeInTheDocument();
  await act(async () => TestSocket.last.establish());
  row = { ...row, status: 'disconnected' };
  const data = {
    is_active: false, status: 'disconnected', since: ago(0), attempt: 0, next_retry_at: null, last_error: '', next_reconcile_at: null,
  } as const; // biome-ignore format: a list
  await act(async () => TestSocket.last.say({ type: 'mqtt_status', site_id: 1, data }));
  expect(await screen.findByText('Not connected')).toBeInTheDocument();
  expect(screen.queryByRole('timer')).not.toBeInTheDocument();
});

test('a refusal is said where it was asked', async () => {
  const refused = () => refuse(403, 'role_too_low', 'This needs the role operator at this site.');
  serve(routes([datalogger()], { 'POST /api/v1/mqtt/site/1/force-discovery/': refused }));
  open('/devices?site=1');
  await userEvent.click(await screen.findByRole('button', { name: 'MQTT of Diga di Valdora' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Force discovery' }));
  expect(await screen.findByText(/not carried out: This needs the role operator/)).toBeInTheDocument();
});

test('a viewer finds no switches', async () => {
  serve(routes());
  open('/devices?site=1', 'viewer');
  await userEvent.click(await screen.findByRole('button', { name: 'MQTT of Diga di Valdora' }));
  expect(await screen.findByRole('menuitem', { name: 'See raw messages' })).toBeInTheDocument();
  expect(screen.queryByRole('menuitem', { name: 'Stop MQTT' })).not.toBeInTheDocument();
});

test('without devices it says where they come from; without a match how to see all', async () => {
  const none = { 'GET /api/v1/dataloggers/': page([]) };
  serve(routes([], none));
  const { router } = open('/devices');
  expect(await screen.findByText('No devices yet')).toBeInTheDocument();
  await act(() => router.navigate({ to: '/devices', search: { search: 'zzz' } }));
  await userEvent.click(await screen.findByRole('button', { name: 'Clear filters' }));
  expect(router.state.location.search).toEqual({});
});

test('a failure keeps what is shown and says from when it is', async () => {
  let isBroken = false;
  const answer = () => (isBroken ? refuse(503, 'too_slow', 'This took too long.') : page([datalogger()]));
  serve(routes([datalogger()], { 'GET /api/v1/dataloggers/': answer }));
  open('/devices');
  await screen.findByText('PZ203');
  isBroken = true;
  await act(async () => TestSocket.last.establish());
  expect(await screen.findByRole('alert')).toHaveTextContent(
    /This took too long. What is shown is from \d\d:\d\d:\d\d/,
  );
  expect(screen.getByText('PZ203')).toBeInTheDocument();
});

test('on a phone a long press begins selecting, and a finger that moves on does not', async () => {
  const plain = window.matchMedia;
  vi.spyOn(window, 'matchMedia').mockImplementation((query) => ({ ...plain(query), matches: query.includes('48em') }));
  serve(routes([datalogger(), datalogger({ id: 8, serial: 'PZ204' })]));
  open('/devices');
  const press = async (serial: string, movesTo: number) => {
    const card = (await screen.findByText(serial)).closest('li')?.querySelector('div > div') as HTMLElement;
    fireEvent.touchStart(card, { touches: [{ clientX: 9, clientY: 9 }] });
    fireEvent.touchMove(card, { touches: [{ clientX: 9, clientY: movesTo }] });
    await act(() => new Promise((done) => setTimeout(done, 450)));
    return fireEvent.touchEnd(card);
  };
  await press('PZ204', 200);
  expect(screen.queryByRole('checkbox')).not.toBeInTheDocument();
  const mayClick = await press('PZ203', 12);
  expect(screen.getByRole('checkbox', { name: 'Select PZ203' })).toBeChecked();
  expect(screen.getByRole('checkbox', { name: 'Select PZ204' })).not.toBeChecked();
  expect(mayClick).toBe(false);
});

test('several devices are chosen and acknowledged with one note', async () => {
  const rows = [datalogger({ status: 'offline' }), datalogger({ id: 8, serial: 'PZ204', status: 'offline' })];
  const say = vi.fn(async (request: Request) => Response.json([await request.json(), {}], { status: 201 }));
  serve(routes(rows, { 'POST /api/v1/acknowledgements/': say }));
  open('/devices');
  await userEvent.click(await screen.findByRole('button', { name: 'Select' }));
  await userEvent.click(await screen.findByRole('checkbox', { name: 'Select PZ203' }));
  await userEvent.click(screen.getByRole('checkbox', { name: 'Select PZ204' }));
  const bar = await screen.findByRole('region', { name: 'Selected devices' });
  expect(bar).toHaveTextContent('2 selected');
  await userEvent.click(within(bar).getByRole('button', { name: 'I know of it' }));
  const dialog = await screen.findByRole('dialog', { name: 'You know of 2 devices' });
  await userEvent.type(within(dialog).getByRole('textbox'), 'Flooded gallery');
  await userEvent.click(within(dialog).getByRole('button', { name: 'I know of it' }));
  await waitFor(() => expect(bar).not.toBeInTheDocument());
  expect(say).toHaveBeenCalledOnce();
});

test('a value is shown by its label and in its chosen unit, in the list and beside it', async () => {
  const sensor = {
    id: 3, site_id: 1, datalogger_id: 7, key: 'p', label: 'Pier 2', kind: '', unit: 'kPa', own_unit: 'bar', components: ['value'],
    latest_values: [2.4], latest_time: ago(4), latest_received_at: ago(4), latest_quality: 'good' as const,
    lower_limit: null, upper_limit: null,
  }; // biome-ignore format: a row
  const row = datalogger({ latest: [sensor] });
  serve(routes([row], { 'GET /api/v1/dataloggers/7/': row, 'GET /api/v1/sensors/': page([sensor]) }));
  open('/devices?look=7');
  const drawer = await screen.findByRole('dialog');
  expect(await within(drawer).findByRole('rowheader', { name: 'Pier 2' })).toHaveAttribute('title', 'p');
  expect(within(drawer).getByText('bar')).toBeInTheDocument();
  expect(screen.getByTitle('Pier 2 (p), value')).toHaveTextContent('Pier 22.4bar');
});

test('choosing a device neither opens it nor is lost when the list is read again', async () => {
  serve(routes());
  const { router, client } = open('/devices');
  await userEvent.click(await screen.findByRole('button', { name: 'Select' }));
  await userEvent.click(await screen.findByRole('checkbox', { name: 'Select PZ203' }));
  await act(() => client.invalidateQueries());
  expect(await screen.findByRole('checkbox', { name: 'Select PZ203' })).toBeChecked();
  expect(router.state.location.search).toEqual({});
});

test('a viewer may take selected devices along, and is offered nothing else', async () => {
  serve(routes());
  open('/devices', 'viewer');
  await userEvent.click(await screen.findByRole('button', { name: 'Select' }));
  await userEvent.click(await screen.findByRole('checkbox', { name: 'Select PZ203' }));
  const bar = await screen.findByRole('region', { name: 'Selected devices' });
  expect(within(bar).getByRole('button', { name: 'CSV of these' })).toBeEnabled();
  expect(within(bar).queryByRole('button', { name: 'I know of it' })).not.toBeInTheDocument();
});

test('what is shown is kept as a view, come back to, and forgotten', async () => {
  let kept: object[] = [];
  serve(
    routes([datalogger()], {
      'GET /api/v1/me/bookmarks/': () => kept,
      'POST /api/v1/me/bookmarks/': async (request: Request) => {
        kept = [{ id: 3, ...((await request.json()) as object) }];
        return Response.json(kept[0], { status: 201 });
      },
      'DELETE /api/v1/me/bookmarks/3/': () => {
        kept = [];
        return new Response(null, { status: 204 });
      },
    }),
  );
  const { router } = open('/devices?status=offline&look=7');
  await userEvent.keyboard('{Escape}');
  await userEvent.click(await screen.findByRole('button', { name: 'Views' }));
  await userEvent.type(await screen.findByLabelText('Keep what is shown as'), 'Silent ones{Enter}');
  const link = await screen.findByRole('link', { name: 'Silent ones' });
  expect(link).toHaveAttribute('href', '/devices?status=offline');
  await act(() => router.navigate({ to: '/devices', search: {} }));
  await userEvent.click(await screen.findByRole('link', { name: 'Silent ones' }));
  expect(router.state.location.search).toEqual({ status: 'offline' });
});

test('several devices are named by a pattern and tagged, and one sees the names before', async () => {
  const rows = [datalogger(), datalogger({ id: 8, serial: 'PZ204' })];
  const asked: unknown[] = [];
  const change = async (request: Request) => {
    asked.push(await request.json());
    return Response.json(rows);
  };
  serve(routes(rows, { 'PATCH /api/v1/dataloggers/': change }));
  open('/devices');
  await userEvent.click(await screen.findByRole('button', { name: 'Select' }));
  await userEvent.click(await screen.findByRole('checkbox', { name: 'Select PZ203' }));
  await userEvent.click(screen.getByRole('checkbox', { name: 'Select PZ204' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Name, tag, mute' }));
  const dialog = await screen.findByRole('dialog', { name: 'Change 2 devices' });
  expect(within(dialog).getByRole('button', { name: 'Change them' })).toBeDisabled();
  await userEvent.type(within(dialog).getByLabelText('Names'), 'Pier {{n}');
  expect(within(dialog).getByRole('status')).toHaveTextContent('Pier 1, Pier 2');
  await userEvent.type(within(dialog).getByLabelText('Add tags'), 'north, pier');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Change them' }));
  await waitFor(() =>
    expect(asked).toEqual([
      {
        dataloggers: [7, 8],
        names: { 7: 'Pier 1', 8: 'Pier 2' },
        add_tags: ['north', 'pier'],
        remove_tags: [],
      },
    ]),
  );
});
