import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';
import { page, refusal, serve, showPage } from '@/test/page';

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
const line = (id: number, more: object = {}) => ({
  id, connection_id: 1, site_id: 1, timestamp: ago(1000 - id), level: 'INFO', message: `Line ${id}.`, exception_type: '',
  exception_traceback: '', retry_attempt: 0, ...more,
}); // biome-ignore format: a row
const kind = {
  fingerprint: 'f1', parser_name: 'heartbeat', parser_version: '1', error_type: 'bad_readings', path: 'battery.value', count: 70,
  first_seen_at: ago(3000), last_seen_at: ago(10), sites: [1], state: 'open', kept: 12, recovered: 0, waiting: 12, first: 1, last: 9,
}; // biome-ignore format: a row
const failure = {
  id: 9, site_id: 1, topic: 'dam/env', timestamp: ago(10), received_at: ago(10), parser_name: 'heartbeat', error_type: 'bad_readings',
  error_message: 'battery.value: schema: Input should be a valid number', parser_version: '1', fingerprint: 'f1', outcome: '',
  replayed_at: null,
}; // biome-ignore format: a row
const payload = btoa('{"battery":{"value":"NaN","unit":"V"}}');
const empty = { read: 0, messages: {}, readings: {}, new_devices: 0, new: [], reasons: {}, samples: [] };
const run = { id: 5, site_id: 1, state: 'checked', total: 12, checked: empty, applied: empty };

let answers: Record<string, object>;

beforeEach(() => {
  answers = {
    'GET sites/': page({ id: 1, name: 'The dam', slug: 'dam' }),
    'GET connection-logs/': {
      items: [line(3), line(2, { level: 'ERROR', exception_traceback: 'Traceback: no' })],
      next: null,
    },
    'GET connection-logs/histogram/': [{ hour: '2026-11-26T10:00:00Z', info: 2, warning: 0, error: 1 }],
    'GET parsing-groups/': page(kind),
    'GET parsing-groups/f1/': kind,
    'GET parsing-groups/f1/samples/': { items: [failure], next: null },
    'GET parsing-logs/9/': { ...failure, payload, payload_sample: '', exception_traceback: '' },
  };
});

function show(address: string, role: 'viewer' | 'operator' = 'operator') {
  const asked = serve(answers);
  showPage(address, role);
  return asked;
}

describe('the log of connections', () => {
  test('tells what happened, with the level in words and the traceback folded', async () => {
    show('/logs/connection');
    const lines = await screen.findByRole('list', { name: 'The log' });
    expect(within(lines).getByText('Line 3.')).toBeInTheDocument();
    const wrong = within(lines).getByText('Line 2.').closest('li') as HTMLElement;
    expect(wrong).toHaveTextContent('Error');
    expect(wrong).toHaveTextContent('The dam');
    expect(within(wrong).getByRole('group')).not.toHaveAttribute('open');
  });

  test('its filters stand in the address and go to the server', async () => {
    const asked = show('/logs/connection?site=1');
    await screen.findByText('Line 3.');
    await userEvent.click(screen.getByRole('radio', { name: 'Error' }));
    await waitFor(() => expect(window.location.search).toContain('level=ERROR'));
    await waitFor(() => {
      const last = asked.filter(({ what }) => what === 'GET connection-logs/').at(-1)?.query ?? '';
      expect(last).toContain('level=ERROR');
      expect(last).toContain('site=1');
    });
  });

  test('a bar of the histogram shows its hour alone', async () => {
    const asked = show('/logs/connection');
    await userEvent.click(await screen.findByRole('button', { name: /2 info, 0 warnings, 1 errors/ }));
    expect(await screen.findByRole('button', { name: 'All hours' })).toBeInTheDocument();
    await waitFor(() => {
      expect(asked.filter(({ what }) => what === 'GET connection-logs/').at(-1)?.query).toContain('to=');
    });
  });

  test('older lines follow the last one shown', async () => {
    answers['GET connection-logs/'] = (_: unknown, address: URL) =>
      Number(address.searchParams.get('before')) < 10
        ? { items: [line(1)], next: null }
        : { items: [line(3), line(2)], next: '/more' };
    show('/logs/connection');
    await userEvent.click(await screen.findByRole('button', { name: 'Show older lines' }));
    expect(await screen.findByText('Line 1.')).toBeInTheDocument();
    expect(screen.getByText('Line 3.')).toBeInTheDocument();
  });

  test('says when nothing happened, and when only the filters hide it', async () => {
    answers['GET connection-logs/'] = { items: [], next: null };
    show('/logs/connection?find=xyz');
    expect(await screen.findByText('No line matches these filters')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Clear filters' }));
    expect(await screen.findByText('Nothing happened')).toBeInTheDocument();
  });

  test('that cannot be read says so', async () => {
    answers['GET connection-logs/'] = () => refusal(503, 'too_slow', 'Ask for less.');
    show('/logs/connection');
    expect(await screen.findByText('The log could not be loaded.')).toBeInTheDocument();
  });
});

describe('what could not be parsed', () => {
  test('is listed by kind, and a kind opens to its messages with the bad place marked', async () => {
    show('/logs/parsing');
    await userEvent.click(await screen.findByRole('button', { name: /bad_readings/ }));
    expect(await screen.findByText('battery.value: schema: Input should be a valid number')).toBeInTheDocument();
    const marked = await screen.findByText(/"value": "NaN"/);
    expect(marked.tagName).toBe('MARK');
    expect(screen.getByText(/"unit": "V"/).tagName).not.toBe('MARK');
    expect(window.location.search).toContain('kind=f1');
  });

  test('an operator says that it is dealt with', async () => {
    answers['PATCH parsing-groups/f1/'] = { ...kind, state: 'resolved' };
    const asked = show('/logs/parsing?kind=f1');
    await userEvent.click(await screen.findByRole('button', { name: 'Resolve' }));
    await waitFor(() => {
      const sent = asked.find(({ what }) => what === 'PATCH parsing-groups/f1/');
      expect(sent?.body).toEqual({ state: 'resolved' });
    });
  });

  test('is read again after a dry run that says what would come of it', async () => {
    let state = 'checked';
    const devices = { new_devices: 2, new: ['gateway 7'] };
    const checked = { ...empty, ...devices, messages: { recovered: 9, failed: 3 }, readings: { add: 18, same: 2 } };
    answers['POST replays/'] = { ...run, state: 'checking' };
    answers['GET replays/5/'] = () => ({ ...run, state, checked, applied: checked });
    answers['POST replays/5/start/'] = () => {
      state = 'done';
      return { ...run, state };
    };
    const asked = show('/logs/parsing?kind=f1');
    await userEvent.click(await screen.findByRole('button', { name: 'Read The dam again' }));
    expect(await screen.findByText(/12 messages: 9 can be read now, 0 in part, 3 still fail/)).toHaveTextContent(
      'Readings: 18 new, 0 changed, 2 are there already.',
    );
    expect(screen.getByText('gateway 7, …')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Store 9' }));
    expect(await screen.findByText(/Done: 9 recovered/)).toBeInTheDocument();
    expect(asked.find(({ what }) => what === 'POST replays/')?.body).toMatchObject({ site: 1, fingerprint: 'f1' });
  });

  test('a replay is paused and goes on, and says why messages still fail', async () => {
    const checked = { ...empty, messages: { failed: 3 }, reasons: { schema: 3 } };
    let is_paused = false;
    answers['POST replays/'] = { ...run, state: 'checking' };
    answers['GET replays/5/'] = () => ({ ...run, state: 'running', is_paused, checked, applied: checked });
    for (const verb of ['pause', 'resume']) {
      answers[`POST replays/5/${verb}/`] = () => {
        is_paused = verb === 'pause';
        return { ...run, state: 'running' };
      };
    }
    show('/logs/parsing?kind=f1');
    await userEvent.click(await screen.findByRole('button', { name: 'Read The dam again' }));
    expect(await screen.findByText('Still failing: schema 3')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Pause' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Go on' }));
    expect(await screen.findByRole('button', { name: 'Pause' })).toBeInTheDocument();
  });

  test('one message, or those that are chosen, are read again', async () => {
    answers['POST replays/'] = { ...run, state: 'checking' };
    answers['GET replays/5/'] = { ...run, state: 'checked' };
    const asked = show('/logs/parsing?kind=f1');
    await userEvent.click(await screen.findByRole('button', { name: 'Read this one again' }));
    await userEvent.click(screen.getByRole('checkbox', { name: 'Choose message 9' }));
    await userEvent.click(screen.getByRole('button', { name: 'Read 1 chosen again' }));
    await waitFor(() => {
      const sent = asked.filter(({ what }) => what === 'POST replays/').map(({ body }) => body);
      expect(sent).toMatchObject([
        { site: 1, ids: [9], again: true },
        { site: 1, ids: [9], again: false },
      ]);
    });
  });

  test('all that match are read again, and what was read again before is listed', async () => {
    answers['GET replays/'] = page({
      ...run, id: 4, state: 'done', source: 'failures', selection: { fingerprint: 'f1' }, created_by: 'bo', created_at: ago(500),
    }); // biome-ignore format: a row
    answers['POST replays/'] = { ...run, state: 'checking' };
    answers['GET replays/5/'] = { ...run, state: 'checked' };
    const asked = show('/logs/parsing?site=1&again=dam%2Fenv');
    expect(await screen.findByRole('button', { name: /done The dam fingerprint f1/ })).toBeInTheDocument();
    const topic = screen.getByLabelText('On topics');
    await userEvent.type(topic, '#');
    expect(screen.getByText('This is no MQTT filter.')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Dry run' })).toBeDisabled();
    await userEvent.type(topic, '{Backspace}/#');
    await userEvent.click(screen.getByRole('button', { name: 'Dry run' }));
    await waitFor(() => {
      const sent = asked.find(({ what }) => what === 'POST replays/')?.body;
      expect(sent).toEqual({ site: 1, source: 'failures', again: false, parser_name: '', topic: 'dam/env/#' });
    });
  });

  test('leads to a mapping that would read the message', async () => {
    show('/logs/parsing?kind=f1');
    const link = await screen.findByRole('link', { name: 'Make a mapping that reads it' });
    expect(link).toHaveAttribute('href', '/parsers/new?site=1&topic=dam%2Fenv&failure=9');
  });

  test('a viewer sees it all and changes nothing', async () => {
    show('/logs/parsing?kind=f1', 'viewer');
    expect(await screen.findByText(/"value": "NaN"/)).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Resolve' })).not.toBeInTheDocument();
    expect(screen.queryByRole('button', { name: /again/ })).not.toBeInTheDocument();
  });

  test('where all was understood it says how much that was', async () => {
    answers['GET parsing-groups/'] = page();
    answers['GET mqtt/ledger/'] = [{ stored: 18_000 }, { stored: 204 }];
    show('/logs/parsing');
    expect(await screen.findByText('No parsing failures')).toBeInTheDocument();
    expect(await screen.findByText(/18,204 messages were stored/)).toBeInTheDocument();
  });

  test('a kind that there is not, or that is not mine, is not shown', async () => {
    show('/logs/parsing?kind=f2');
    expect(await screen.findByText('Not here, or not for you')).toBeInTheDocument();
  });
});
