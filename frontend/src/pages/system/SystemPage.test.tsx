import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { type Answers, refusal, serve, showPage } from '@/test/page';

const now = () => new Date().toISOString();
const system = {
  at: now(), is_listening: true, reconcile_period_s: 30, flower_url: 'http://flower.test/', database_bytes: 5e7,
  readings_bytes: 4e7, redis_bytes: null, readings_keep_days: 400, parsing_logs_keep_days: 90,
  connection_logs_keep_days: 30, versions: { python: '3.11.9' }, housekeeping: null, broken_conditions: [],
  listeners: [{
    name: 'listener-1', heartbeat: now(), heartbeat_age_s: 1, is_alive: true, is_stopping: false, started_at: now(),
    capacity: 1000, connections: 3, connected: 2, oldest_pending_at: null,
  }],
  queues: [
    { name: 'ingest', depth: 7, canary_age_s: 4, is_consumed: true },
    { name: 'control', depth: null, canary_age_s: null, is_consumed: true },
  ],
  reconcile: { name: 'reconcile', at: now(), age_s: 3, detail: { applied: 1, took_s: 0.04 } },
}; // biome-ignore format: as it comes
const books = {
  connection_id: 5, site_id: 1, received: 1000, stored: 990, ignored: 0, unrecognised: 0, failed: 9, duplicate: 0,
  overflowed: 0, lost: 0, returned: 0, in_flight: 1, unexplained: 0, balanced: true,
}; // biome-ignore format: as it comes

function machine(more: Answers = {}) {
  return serve({
    'GET system/': system,
    'GET mqtt/ledger/': [books],
    'GET mqtt/ledger/series/': [],
    'GET overview/': { sites: [{ id: 1, name: 'Diga', connection: null, received: [] }] },
    'GET parsers/': [{ name: 'telemetry', patterns: ['+/telemetry'], module: 'x', about: 'Reads readings.' }],
    'GET me/': { is_superuser: true },
    ...more,
  });
}

describe('The ledger', () => {
  it('says that every message is accounted for, and where each went', async () => {
    machine();
    showPage('/system');
    expect(await screen.findByText('All 1,000 messages are accounted for.')).toBeVisible();
    const fates = screen.getAllByRole('listitem').map((item) => item.textContent);
    expect(fates).toEqual(expect.arrayContaining([expect.stringMatching(/^Stored990 99 %|^Stored99099 %/)]));
    expect(screen.getByRole('link', { name: 'Not readable' })).toHaveAttribute('href', '/logs/parsing');
  });

  it('is loud about books that do not balance, and shows them first', async () => {
    const wrong = { ...books, connection_id: 6, site_id: 2, received: 10, stored: 7, failed: 0, in_flight: 0 };
    machine({ 'GET mqtt/ledger/': [books, { ...wrong, unexplained: 3, balanced: false }] });
    showPage('/system');
    expect(await screen.findByRole('alert')).toHaveTextContent('The books of 1 connection do not balance.');
    const [, first] = within(screen.getByRole('region', { name: 'By connection' })).getAllByRole('row');
    expect(first).toHaveTextContent('does not balance');
  });

  it('asks for the window and connection that stand in the address', async () => {
    const asked = machine();
    showPage('/system?span=1h&connection=5');
    await screen.findByText('All 1,000 messages are accounted for.');
    const series = asked.find(({ what }) => what === 'GET mqtt/ledger/series/')?.query;
    expect(series).toContain('step=minute');
    expect(series).toContain('connection=5');
  });

  it('says why it is empty', async () => {
    machine({ 'GET mqtt/ledger/': [] });
    showPage('/system');
    expect(await screen.findByRole('heading', { name: 'Nothing was received in this time' })).toBeVisible();
  });

  it('says what could not be loaded, while the rest is shown', async () => {
    machine({ 'GET mqtt/ledger/': () => refusal(503, 'too_slow', 'This took too long.') });
    showPage('/system');
    expect(await screen.findByText(/This took too long/)).toBeVisible();
    expect(await screen.findByText('listener-1')).toBeVisible();
  });

  it('is a table too', async () => {
    const hour = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000).toISOString();
    machine({ 'GET mqtt/ledger/series/': [{ ...books, at: hour, received: 77 }] });
    showPage('/system');
    await userEvent.click(await screen.findByRole('button', { name: 'As a table' }));
    expect(screen.getByRole('cell', { name: '77' })).toBeVisible();
  });
});

describe('The machines', () => {
  it('are told with what they hold, and links to where more is known', async () => {
    machine();
    showPage('/system');
    expect(await screen.findByText('Everything runs.')).toBeVisible();
    expect(screen.getByText('2 of 3 open, room for 1,000')).toBeVisible();
    expect(screen.getByText('No server says')).toBeVisible();
    expect(screen.getByRole('link', { name: /Flower/ })).toHaveAttribute('href', 'http://flower.test/');
    expect(await screen.findByRole('link', { name: 'Metrics' })).toHaveAttribute('href', '/metrics');
    expect(await screen.findByText('+/telemetry')).toBeVisible();
  });

  it('that stand still are named, with what starts them', async () => {
    const queues = [{ ...system.queues[0], is_consumed: false }];
    const reconcile = { ...system.reconcile, age_s: 90 };
    machine({ 'GET system/': { ...system, is_listening: false, queues, reconcile } });
    showPage('/system');
    expect(await screen.findByText('No listener is alive: nothing is received.')).toBeVisible();
    expect(screen.getByText('celery -A project worker -Q ingest')).toBeVisible();
    expect(screen.getByText(/The last check of connections ended 1 min ago/)).toBeVisible();
    expect(screen.queryByText('Everything runs.')).toBeNull();
  });

  it('keep their metrics from who may not read them', async () => {
    machine({ 'GET me/': { is_superuser: false } });
    showPage('/system', 'viewer');
    await screen.findByText('listener-1');
    expect(screen.queryByRole('link', { name: 'Metrics' })).toBeNull();
  });
});

describe('The guarantee', () => {
  it('names a condition that does not hold, and what mends it', async () => {
    const broken = {
      id: 'fieldledger.E009',
      is_error: true,
      words: 'A power cut can lose messages.',
      hint: 'Set it to on.',
    };
    machine({ 'GET system/': { ...system, broken_conditions: [broken] } });
    showPage('/system');
    expect(await screen.findByText('A power cut can lose messages. Set it to on.')).toBeVisible();
  });
});
