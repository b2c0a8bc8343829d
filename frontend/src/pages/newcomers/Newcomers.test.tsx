import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';
import { page, refusal, serve, showPage } from '@/test/page';

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
const newcomer = (id: number, serial: string, more: object = {}) => ({
  id, site_id: 1, role: 'datalogger', serial, state: 'waiting', next: 'hold', message_count: 3, first_seen_at: ago(90), last_seen_at: ago(5),
  is_known_elsewhere: false, ...more,
}); // biome-ignore format: a row
const rule = { id: 8, site_id: 1, position: 10, pattern: 'MNA*', action: 'accept' };
const conflict = {
  id: 3, site_id: 1, other_site_id: null, role: 'datalogger', serial: 'PZ1', found_at: ago(60), acknowledged_at: null,
}; // biome-ignore format: a row
const empty = {
  read: 2,
  messages: { recovered: 2 },
  readings: { add: 4 },
  new_devices: 1,
  new: ['datalogger D2'],
  reasons: {},
  samples: [],
};

let answers: Record<string, object>;

beforeEach(() => {
  answers = {
    'GET sites/': page({ id: 1, name: 'The dam', slug: 'dam' }),
    'GET sites/1/': { id: 1, name: 'The dam', unknown_devices: 'hold' },
    'GET newcomers/': page(
      newcomer(5, 'X-1'),
      newcomer(6, 'X-2', { is_known_elsewhere: true, state: 'refused', next: 'refuse' }),
      newcomer(9, 'NO-1', { next: 'refuse' }),
    ),
    'GET device-rules/': page(rule),
    'GET serial-conflicts/': page(conflict),
    'GET replays/7/': {
      id: 7,
      site_id: 1,
      state: 'checked',
      is_paused: false,
      total: 2,
      checked: empty,
      applied: empty,
    },
  };
});

function show(role: 'viewer' | 'operator' | 'admin' = 'admin', query = '?site=1') {
  const asked = serve(answers);
  showPage(`/devices/waiting${query}`, role);
  return asked;
}

describe('unknown devices', () => {
  test('say who waits, since when, and whether another site knows the serial', async () => {
    show();
    const list = await screen.findByRole('list', { name: 'Held and refused' });
    expect((await within(list).findByText('X-1')).closest('li')).toHaveTextContent(/Waiting.*3 messages/);
    expect(within(list).getByText('X-2').closest('li')).toHaveTextContent(/flags a conflict.*Refused/);
    expect(within(list).getByText('NO-1').closest('li')).toHaveTextContent(/Ignored, by the rules/);
  });

  test('are let in, and what was kept of them can be stored', async () => {
    answers['POST newcomers/approve/'] = { approved: 1, replays: [7] };
    answers['POST replays/7/start/'] = {};
    const asked = show('operator');
    await userEvent.click(await screen.findByRole('checkbox', { name: 'Choose X-1' }));
    await userEvent.click(screen.getByRole('button', { name: 'Let in' }));
    expect(await screen.findByText(/1 device is let in/)).toBeInTheDocument();
    expect(asked.find(({ what }) => what === 'POST newcomers/approve/')?.body).toEqual({ ids: [5] });
    await userEvent.click(await screen.findByRole('button', { name: 'Store 2' }));
    await waitFor(() => expect(asked.some(({ what }) => what === 'POST replays/7/start/')).toBe(true));
  });

  test('are turned away or forgotten, and a refusal of the server stays in sight', async () => {
    answers['POST newcomers/refuse/'] = { refused: 2 };
    answers['DELETE newcomers/5/'] = () => refusal(403, 'role_too_low', 'This needs the role operator.');
    const asked = show('operator');
    await userEvent.click(await screen.findByRole('checkbox', { name: 'Choose X-1' }));
    await userEvent.click(screen.getByRole('checkbox', { name: 'Choose X-2' }));
    await userEvent.click(screen.getByRole('button', { name: 'Refuse' }));
    await waitFor(() =>
      expect(asked.find(({ what }) => what === 'POST newcomers/refuse/')?.body).toEqual({ ids: [5, 6] }),
    );
    await userEvent.click(screen.getByRole('button', { name: 'Forget what was decided on X-1' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('This needs the role operator.');
  });

  test('are treated as an administrator says: by the site’s word, and by rules before it', async () => {
    answers['PATCH sites/1/'] = {};
    answers['POST device-rules/'] = rule;
    const asked = show();
    await userEvent.click(within(await screen.findByRole('radiogroup', { name: /becomes of/ })).getByText('Refuse'));
    await userEvent.type(await screen.findByLabelText('Serial pattern'), 'PZ?');
    await userEvent.click(screen.getByRole('button', { name: 'Add the rule' }));
    await waitFor(() => {
      expect(asked.find(({ what }) => what === 'PATCH sites/1/')?.body).toEqual({ unknown_devices: 'refuse' });
      const body = asked.find(({ what }) => what === 'POST device-rules/')?.body;
      expect(body).toEqual({ site: 1, pattern: 'PZ?', action: 'hold', position: 20 });
    });
  });

  test('an operator sees the rules and changes none; a viewer decides on nobody', async () => {
    show('operator');
    expect(await screen.findByRole('combobox', { name: 'What becomes of MNA*' })).toBeDisabled();
    expect(screen.queryByRole('button', { name: 'Add the rule' })).not.toBeInTheDocument();
  });

  test('a viewer decides on nobody', async () => {
    show('viewer');
    expect(await screen.findByText('X-1')).toBeInTheDocument();
    expect(screen.queryByRole('checkbox')).not.toBeInTheDocument();
    expect(screen.queryByRole('button', { name: /Forget/ })).not.toBeInTheDocument();
  });

  test('without any it says when there would be some', async () => {
    answers['GET newcomers/'] = page();
    show('viewer', '');
    expect(await screen.findByText('Nobody waits')).toBeInTheDocument();
    expect(screen.getByText(/Choose a site to see/)).toBeInTheDocument();
  });

  test('that cannot be read say so', async () => {
    answers['GET newcomers/'] = () => refusal(503, 'too_slow', 'Ask for less.');
    show();
    expect(await screen.findByText('The unknown devices could not be loaded.')).toBeInTheDocument();
  });
});

test('a serial at two sites is flagged, and somebody says that it is meant so', async () => {
  answers['POST serial-conflicts/3/acknowledge/'] = conflict;
  const asked = show('operator');
  expect(await screen.findByText(/PZ1 at The dam, known at a site that you may not see/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'It is meant so' }));
  await waitFor(() => expect(asked.some(({ what }) => what.includes('acknowledge'))).toBe(true));
});
