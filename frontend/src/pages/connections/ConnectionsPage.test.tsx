import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { resetLive, setLive } from '@/live/store';
import { forgetWishes } from '@/live/wishes';
import { type Answers, page, refusal, serve, showPage } from '@/test/page';

const soon = () => new Date(Date.now() + 20_000).toISOString();
const row = {
  is_active: true,
  status: 'connected',
  applies_by: soon(),
  next_reconcile_at: soon(),
  reconcile_period_s: 30,
  listener_alive: true,
  connection_id: 5,
  site_id: 1,
  site_name: 'Diga',
  broker_host: 'broker.example',
  broker_port: 8883,
  use_tls: true,
  client_id: 'fl-1',
  status_since: new Date(Date.now() - 90_000).toISOString(),
  mqtt_retry_count: 0,
  mqtt_next_retry: null,
  last_connected_at: null,
  last_message_at: null,
  last_error: '',
  discover_until: null,
  subscribed: ['diga/#'],
  listener: 'listener-1',
};
const states = { online: 10, offline: 1, unknown: 1 };
const site = {
  id: 1, name: 'Diga', slug: 'diga', connection: { ...row }, gateways: { online: 2, offline: 0, unknown: 0 },
  dataloggers: states, received: [0, 30, 1],
}; // biome-ignore format: a list
const system = {
  is_listening: true,
  reconcile_period_s: 30,
  reconcile: { name: 'reconcile', at: new Date().toISOString(), age_s: 1, detail: { applied: 0, took_s: 0.4 } },
};
const me = { may_add_sites: true, is_superuser: true };

/** A server with one connection, which remembers wishes. */
function systemOf(connection: object = row, more: Answers = {}) {
  const state = { ...row, ...connection };
  const wish = (is_active: boolean) => () => Object.assign(state, { is_active, next_reconcile_at: soon() });
  return serve({
    'GET mqtt/connection-status/': () => page(state),
    'GET overview/': { sites: [site, { ...site, id: 2, name: 'Ponte', slug: 'ponte', connection: null }] },
    'GET system/': system,
    'GET me/': me,
    'POST mqtt/site/1/start/': wish(true),
    'POST mqtt/site/1/stop/': wish(false),
    ...more,
  });
}

const user = userEvent.setup();
const theSwitch = () => screen.findByRole('switch', { name: 'Connection of Diga' });
const list = async () => within(await screen.findByRole('list', { name: 'Connections' }));
const posts = (asked: { what: string }[]) => asked.map(({ what }) => what).filter((what) => what.startsWith('POST'));

beforeEach(() => {
  resetLive();
  forgetWishes();
});
afterEach(() => vi.useRealTimers());

describe('A connection', () => {
  it('shows wish, fact, broker, rate and when the next check is', async () => {
    systemOf();
    showPage('/connections');
    expect(await theSwitch()).toBeChecked();
    expect((await list()).getByText('Connected')).toBeVisible();
    expect(screen.getByText('broker.example:8883')).toBeVisible();
    expect(screen.getByText('encrypted (TLS)')).toBeInTheDocument();
    expect(await screen.findByText('30 a minute')).toBeVisible();
    expect(screen.getByText(/last took 0.4 s/)).toBeVisible();
  });

  it('says its last error in words, the attempt, and when the next one is, which can be had at once', async () => {
    const asked = systemOf({
      status: 'error',
      last_error: 'The broker refused the connection: bad password.',
      mqtt_retry_count: 4,
      mqtt_next_retry: soon(),
    });
    showPage('/connections');
    expect(await screen.findByText(/bad password/)).toBeVisible();
    expect(screen.getByText(/attempt 4, next in \d+ s/)).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Try now' }));
    expect(posts(asked)).toEqual(['POST mqtt/site/1/retry/']);
  });
});

describe('A stop', () => {
  it('names the devices, is only a wish, and keeps the fact until the server tells another', async () => {
    const asked = systemOf();
    showPage('/connections');
    await user.click(await theSwitch());
    const dialog = await screen.findByRole('dialog', { name: 'Stop Diga?' });
    expect(within(dialog).getByText(/14 devices/)).toBeVisible();
    expect(posts(asked)).toEqual([]);
    await user.click(within(dialog).getByRole('button', { name: 'Stop' }));
    expect(await screen.findByText(/applies in \d+ s/)).toBeVisible();
    expect(await theSwitch()).not.toBeChecked();
    expect((await list()).getByText('Connected')).toBeVisible();
    expect(posts(asked)).toEqual(['POST mqtt/site/1/stop/']);
  });

  it('is taken back by a click while it is pending, without a question', async () => {
    const asked = systemOf({ is_active: false });
    showPage('/connections');
    await user.click(await screen.findByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(screen.queryByText(/applies in/)).toBeNull());
    expect(await theSwitch()).toBeChecked();
    expect(posts(asked)).toEqual(['POST mqtt/site/1/start/']);
  });

  it('that is refused leaves the switch as it was, and says why in the row', async () => {
    systemOf(
      { status: 'disconnected', is_active: false },
      {
        'POST mqtt/site/1/start/': () => refusal(403, 'role_too_low', 'This needs the role operator at this site.'),
      },
    );
    showPage('/connections');
    await user.click(await theSwitch());
    expect(await screen.findByText('This needs the role operator at this site.')).toBeVisible();
    expect(await theSwitch()).not.toBeChecked();
  });
});

describe('A wish that is overdue', () => {
  async function late(periods: number): Promise<void> {
    vi.useFakeTimers({ shouldAdvanceTime: true, toFake: ['Date', 'setInterval', 'clearInterval'] });
    systemOf({ is_active: true, status: 'disconnected' });
    setLive({ reconciledAt: Date.now() - 12_000 });
    showPage('/connections');
    await screen.findByText(/applies in/);
    await act(() => vi.advanceTimersByTimeAsync(20_000 + periods * 30_000));
  }

  it('waits for the listener after one period, and tells the age of the last check', async () => {
    await late(1.1);
    expect((await screen.findAllByText(/Waiting for the listener/)).length).toBeGreaterThan(0);
    expect(screen.getByText(/last check \d+ s ago|last check \d+ min ago/)).toBeVisible();
  });

  it('says later that the listener is not running, and how to start it', async () => {
    await late(2);
    expect((await screen.findAllByText(/The listener is not running/)).length).toBeGreaterThan(0);
    expect(screen.getByText('python manage.py run_mqtt')).toBeVisible();
    expect(screen.getByRole('link', { name: 'Connection log' })).toHaveAttribute('href', '/logs/connection');
  });
});

describe('The page', () => {
  it('has no switch and no button for a viewer', async () => {
    systemOf();
    showPage('/connections', 'viewer');
    expect((await list()).getByText('On')).toBeVisible();
    expect(screen.queryByRole('switch')).toBeNull();
    expect(screen.queryByRole('button', { name: 'Add connection' })).toBeNull();
  });

  it('says why it is empty, and what next', async () => {
    systemOf(row, { 'GET mqtt/connection-status/': page() });
    showPage('/connections');
    expect(await screen.findByRole('heading', { name: 'No connections yet' })).toBeVisible();
    expect(screen.getAllByRole('button', { name: 'Add connection' })).toHaveLength(2);
  });

  it('tells an empty list from filters that match nothing', async () => {
    systemOf(row, { 'GET mqtt/connection-status/': page() });
    showPage('/connections?search=nowhere');
    expect(await screen.findByRole('heading', { name: 'No connection matches' })).toBeVisible();
  });

  it('says what could not be loaded', async () => {
    systemOf(row, { 'GET mqtt/connection-status/': () => refusal(503, 'too_slow', 'This took too long.') });
    showPage('/connections');
    expect(await screen.findByRole('alert')).toHaveTextContent('This took too long.');
  });

  it('stops several at once, each by itself', async () => {
    const second = { ...row, connection_id: 6, site_id: 2, site_name: 'Ponte' };
    const asked = systemOf(row, {
      'GET mqtt/connection-status/': page(row, second),
      'POST mqtt/site/2/stop/': { ...second, is_active: false },
    });
    showPage('/connections');
    await user.click(await screen.findByRole('checkbox', { name: 'Select all on this page' }));
    await user.click(screen.getByRole('button', { name: 'Stop' }));
    const dialog = await screen.findByRole('dialog', { name: 'Stop 2 connections?' });
    expect(within(dialog).getByText('Ponte')).toBeVisible();
    await user.click(within(dialog).getByRole('button', { name: 'Stop' }));
    await waitFor(() => expect(posts(asked)).toEqual(['POST mqtt/site/1/stop/', 'POST mqtt/site/2/stop/']));
  });
});

it('A test tells each step, and why the first that failed did', async () => {
  const step = { name: 'dns', state: 'ok', took_ms: 1.2, words: '127.0.0.1' };
  const failed = { name: 'tcp', state: 'failed', took_ms: 3, words: 'Connection refused' };
  systemOf(row, { 'POST connections/5/test/': { ok: false, steps: [step, failed], certificate_expires_at: null } });
  showPage('/connections');
  await user.click(await screen.findByRole('button', { name: 'Actions for Diga' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Test the connection' }));
  const dialog = await screen.findByRole('dialog', { name: 'Test of Diga' });
  expect(await within(dialog).findByText('Connection refused')).toBeVisible();
  expect(within(dialog).getByText('It would not stand as it is.')).toBeVisible();
});

describe('The form', () => {
  const stored = {
    id: 5, version: 7, site_id: 1, broker_host: 'broker.example', broker_port: 8883, username: 'fl', has_password: true,
    client_id_prefix: 'fl-', client_id: 'fl-1', protocol: '5', use_tls: true, tls_verify: true, ca_certificate: '',
    client_certificate: '', keep_raw_days: 0, asks_for_births: false, has_client_key: false, is_active: true, status: 'connected', last_error: '',
  }; // biome-ignore format: a list

  it('takes a pasted address, and connects the site that it names', async () => {
    const asked = systemOf(row, { 'POST connections/': {} });
    showPage('/connections?add=true');
    const dialog = await screen.findByRole('dialog', { name: 'Connect a site to its broker' });
    await user.click(within(dialog).getByLabelText('Paste an address'));
    await user.paste('mqtts://ada:secret@broker.example:8884/ponte');
    expect(within(dialog).getByLabelText(/^Broker/)).toHaveValue('broker.example');
    expect(within(dialog).getByRole('combobox', { name: /Site/ })).toHaveValue('Ponte');
    await user.click(within(dialog).getByRole('button', { name: 'Connect' }));
    await waitFor(() => expect(posts(asked)).toEqual(['POST connections/']));
    const sent = asked.find(({ what }) => what === 'POST connections/')?.body;
    expect(sent).toMatchObject({ site: 2, broker_port: 8884, use_tls: true, username: 'ada', password: 'secret' });
  });

  it('shows at its field what the server refuses', async () => {
    systemOf(row, {
      'GET connections/5/': stored,
      'PATCH connections/5/': () =>
        refusal(422, 'invalid', 'The request is not valid.', { password: 'Enter it again.' }),
    });
    showPage('/connections?edit=5');
    await user.click(await screen.findByRole('button', { name: 'Save' }));
    expect(await screen.findByText('Enter it again.')).toBeVisible();
  });

  it('tells that somebody else was quicker, and shows what there is now', async () => {
    let version = 7;
    systemOf(row, {
      'GET connections/5/': () => ({ ...stored, version, username: version === 7 ? 'fl' : 'eve' }),
      'PATCH connections/5/': () => {
        version = 8;
        return refusal(409, 'outdated', 'Somebody has changed this connection meanwhile.');
      },
    });
    showPage('/connections?edit=5');
    await user.click(await screen.findByRole('button', { name: 'Save' }));
    await user.click(await screen.findByRole('button', { name: 'Show what is there now' }));
    await waitFor(() => expect(screen.getByLabelText('User name')).toHaveValue('eve'));
  });

  it('never shows a stored password, and sends none that was not typed', async () => {
    const asked = systemOf(row, { 'GET connections/5/': stored, 'PATCH connections/5/': stored });
    showPage('/connections?edit=5');
    expect(await screen.findByLabelText('Password')).toHaveValue('');
    expect(screen.getByText('One is stored; leave this empty to keep it.')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(asked.find(({ what }) => what.startsWith('PATCH'))?.body).toEqual({ version: 7 }));
  });
});
