import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { page, refusal, serve, showPage } from '@/test/page';

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
const device = {
  id: 8, site_id: 1, gateway_id: null, gateway_serial: null, serial: 'ENV1', kind: '', firmware: '', status: 'online', status_since: ago(9),
  offline_reason: '', last_seen_at: ago(3), interval_s: 10, expected_interval_s: 10, interval_from: 'device', metadata: {}, first_seen_at: ago(90), latest: [], name: '', tags: [], muted_until: null,
}; // biome-ignore format: a row
const topic = {
  id: 5, site_id: 1, topic_path: 'dam/gateway/1/datalogger/env/2/heartbeat', processor_name: 'heartbeat', last_seen_at: ago(4),
}; // biome-ignore format: a row
const command = (id: number, more: object = {}) => ({
  id, site_id: 1, kind: 'protocol', topic: 'dam/gateway/1/datalogger/env/2/cmd', method: 'get_status', shown: { json: { method: 'x' } },
  qos: 1, retain: false, state: 'queued', error: '', answer: null, created_by: 'ada', created_at: ago(5), expires_at: ago(-200),
  timeout_s: 30, sent_at: null, answered_at: null, ...more,
}); // biome-ignore format: a row

let answers: Record<string, object>;

beforeEach(() => {
  answers = {
    'GET sites/1/': { id: 1, name: 'The dam', slug: 'dam', timezone: 'Europe/Rome' },
    'GET mqtt/site/1/status/': { site_id: 1, is_active: true, status: 'connected', last_error: '' },
    'GET dataloggers/8/': device,
    'GET sensors/': page(),
    'GET discovered-topics/': page(topic),
    'GET discovered-topics/5/samples/': [],
    'GET connections/': page(),
    'GET commands/': page(
      command(2),
      command(1, {
        state: 'done',
        sent_at: ago(20),
        answered_at: ago(8),
        answer: { json: { status: 'success' }, merged: { readings: 5, refused: ['M9: it was not asked for'] } },
      }),
    ),
    'POST commands/': command(3),
  };
});

function show(role: 'viewer' | 'operator' | 'admin' = 'operator') {
  const asked = serve(answers);
  showPage('/dataloggers/8', role);
  return asked;
}

test('a datalogger is asked where one of its topics says that it is', async () => {
  const asked = show();
  await userEvent.selectOptions(await screen.findByLabelText('Method'), 'query_data');
  expect(await screen.findByText('goes to dam/gateway/1/datalogger/env/2/cmd')).toBeInTheDocument();
  await userEvent.clear(screen.getByLabelText('Points'));
  await userEvent.type(screen.getByLabelText('Points'), '500');
  await userEvent.click(screen.getByRole('button', { name: 'Send' }));
  await waitFor(() => {
    expect(asked.find(({ what }) => what === 'POST commands/')?.body).toMatchObject({
      site: 1, gateway: '1', datalogger: 'env/2', method: 'query_data', timeout_s: 30, expires_s: 300,
      params: { device_names: ['ENV1'], target_total_points: 500 },
    }); // biome-ignore format: a row
  });
});

test('what is not valid is not sent, and what changes the device is asked about', async () => {
  const sure = vi.fn(() => false);
  vi.stubGlobal('confirm', sure);
  const asked = show();
  await userEvent.selectOptions(await screen.findByLabelText('Method'), 'set_config');
  await userEvent.type(screen.getByLabelText('Configuration (JSON)'), 'x');
  await userEvent.click(screen.getByRole('button', { name: 'Send' }));
  expect(await screen.findByText('This is not valid.')).toBeInTheDocument();
  await userEvent.selectOptions(screen.getByLabelText('Method'), 'stop_acquisition');
  await userEvent.click(screen.getByRole('button', { name: 'Send' }));
  expect(sure).toHaveBeenCalledWith('Send stop_acquisition to ENV1? It changes what the device does.');
  expect(asked.some(({ what }) => what === 'POST commands/')).toBe(false);
});

test('the queue tells the answer, and one that waits is taken back', async () => {
  answers['POST commands/2/cancel/'] = () => refusal(409, 'not_now', 'It is sent already, or over.');
  show();
  expect(await screen.findByText(/Done · answered in 12 s/)).toBeInTheDocument();
  expect(screen.getByText(/5 readings were filled in/)).toHaveTextContent('Not taken:M9: it was not asked for');
  expect(screen.getByText(/"status": "success"/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Take back get_status' }));
  expect(await screen.findByText('It is sent already, or over.')).toBeInTheDocument();
});

test('an answer that brought nothing says so instead of counting nothing', async () => {
  const answer = { json: {}, merged: { readings: 0, refused: [] } };
  answers['GET commands/'] = page(command(9, { state: 'done', answer }));
  show();
  expect(await screen.findByText(/Nothing new: the history has no reading more than before/)).toBeInTheDocument();
});

test('where no topic tells its address, somebody fills it in', async () => {
  answers['GET discovered-topics/'] = page();
  show();
  expect(await screen.findByText('No topic tells where it is addressed: fill it in.')).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Send' })).toBeDisabled();
  await userEvent.type(screen.getByLabelText('Gateway'), '4');
  await userEvent.type(screen.getByLabelText(/^Datalogger/), 'monstro/2');
  expect(screen.getByText('goes to dam/gateway/4/datalogger/monstro/2/cmd')).toBeInTheDocument();
});

test('an administrator publishes any message; a retained one only when sure', async () => {
  const sure = vi.fn(() => true);
  vi.stubGlobal('confirm', sure);
  answers['POST commands/raw/'] = command(4, { kind: 'raw', method: '', topic: 'dam/hello', state: 'delivered' });
  const asked = show('admin');
  await userEvent.click(await screen.findByText('Publish any message'));
  await userEvent.clear(screen.getByLabelText('Topic'));
  await userEvent.type(screen.getByLabelText('Topic'), 'dam/hello');
  await userEvent.type(screen.getByLabelText('Message'), 'hi');
  await userEvent.click(screen.getByRole('switch', { name: /Retained/ }));
  await userEvent.click(screen.getByRole('button', { name: 'Publish' }));
  await waitFor(() => {
    expect(asked.find(({ what }) => what === 'POST commands/raw/')?.body).toEqual({
      site: 1, topic: 'dam/hello', text: 'hi', qos: 1, retain: true, expires_s: 300,
    }); // biome-ignore format: a row
  });
  expect(sure).toHaveBeenCalled();
});

test.each(['viewer', 'operator'] as const)('a %s publishes nothing of their own', async (role) => {
  show(role);
  expect(await screen.findByText(/Done · answered in 12 s/)).toBeInTheDocument();
  expect(screen.queryByText('Publish any message')).not.toBeInTheDocument();
  expect(screen.queryAllByRole('button', { name: 'Send' })).toHaveLength(role === 'viewer' ? 0 : 1);
});

test('a gap in the history is asked for with the command that the server says, by an operator', async () => {
  const wanted = {
    site: 1,
    gateway: '1',
    datalogger: 'env/2',
    method: 'query_data',
    params: { device_names: ['ENV1'] },
  };
  answers['GET sensors/'] = page({
    id: 14, site_id: 1, datalogger_id: 8, key: 'wind', kind: '', unit: 'm/s', components: ['value'], latest_values: [1],
    latest_time: null, latest_received_at: null, latest_quality: 'good',
  }); // biome-ignore format: a row
  answers['GET sensors/14/gaps/'] = {
    longer_than_s: 30, reason: '', truncated: false, gaps: [{ start: ago(600), end: ago(300), seconds: 300, command: wanted }],
  }; // biome-ignore format: a row
  const asked = show();
  await userEvent.click(await screen.findByRole('button', { name: 'Ask for it' }));
  await waitFor(() => expect(asked.find(({ what }) => what === 'POST commands/')?.body).toEqual(wanted));
});

test('a Sparkplug node is asked for its births, and nothing else that it does not know', async () => {
  answers['GET dataloggers/8/'] = { ...device, kind: 'sparkplug', serial: 'works/press/scale' };
  answers['POST commands/rebirth/'] = command(4, { kind: 'raw', topic: 'spBv1.0/works/NCMD/press', method: '' });
  const asked = show();
  await userEvent.click(await screen.findByRole('button', { name: 'Ask for births' }));
  await waitFor(() => {
    expect(asked.find(({ what }) => what === 'POST commands/rebirth/')?.body).toMatchObject({
      site: 1, group: 'works', node: 'press',
    }); // biome-ignore format: a row
  });
  expect(screen.queryByLabelText('Method')).not.toBeInTheDocument();
});

test('a viewer asks no node for its births', async () => {
  answers['GET dataloggers/8/'] = { ...device, kind: 'sparkplug', serial: 'works/press' };
  show('viewer');
  expect(await screen.findByRole('heading', { name: 'Commands' })).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Ask for births' })).not.toBeInTheDocument();
});

test('what is kept of a topic that feeds the device is read again, first dry', async () => {
  answers['POST replays/'] = { id: 3, site_id: 1, state: 'checking' };
  const asked = show();
  await userEvent.click(await screen.findByText('Read kept messages again'));
  await userEvent.click(screen.getByRole('button', { name: 'What was kept as it came' }));
  await waitFor(() => {
    expect(asked.find(({ what }) => what === 'POST replays/')?.body).toMatchObject({
      site: 1, topic: topic.topic_path, source: 'raw',
    }); // biome-ignore format: a row
  });
});
