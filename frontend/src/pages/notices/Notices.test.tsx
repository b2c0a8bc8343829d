import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { page, refusal, serve, showPage } from '@/test/page';

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
const rule = {
  id: 2, site_id: 1, name: 'The duty phone', problems: ['connection', 'failures'], service: 'Telegram', delay_s: 300,
  failure_percent: 20, tells_recovery: true, quiet_from: '22:00:00', quiet_to: '06:00:00', is_active: true,
}; // biome-ignore format: a row
const said = {
  id: 9, site_id: 1, rule_id: 2, title: 'The dam: connection down', body: 'Since 12:01.', state: 'failed', attempts: 8,
  created_at: ago(900), sent_at: null, error: 'Telegram did not take it.',
}; // biome-ignore format: a row
const incident = {
  id: 4, site_id: 1, problem: 'connection', subject: 'c1', label: 'broker.example', began_at: ago(600), good_since: null, ended_at: null,
  flaps: 3,
}; // biome-ignore format: a row

let answers: Record<string, object>;

beforeEach(() => {
  answers = {
    'GET sites/': page({ id: 1, name: 'The dam', slug: 'dam' }),
    'GET notice-rules/': page(rule),
    'GET notices/': page(said),
    'GET incidents/': page(incident),
    'GET maintenances/': page({ id: 6, site_id: 1, starts_at: ago(60), ends_at: ago(-600), reason: 'New antenna' }),
  };
});

function show(query = '', role: 'viewer' | 'operator' | 'admin' = 'admin') {
  const asked = serve(answers);
  showPage(`/notices${query}`, role);
  return asked;
}

describe('a rule', () => {
  test('says of what, to whom, and when', async () => {
    show();
    const row = (await screen.findByText('The duty phone')).closest('li') as HTMLElement;
    expect(row).toHaveTextContent('a connection that is down, many messages that cannot be read');
    expect(row).toHaveTextContent('after 5 min · from 20 % on · and when it is over · quiet 22:00–06:00');
  });

  test('is tried, and what came of it is told', async () => {
    answers['POST notice-rules/2/test/'] = { ...said, state: 'sent', error: '' };
    show();
    await userEvent.click(await screen.findByRole('button', { name: 'Send a test of The duty phone' }));
    expect(await screen.findByText('The test was taken by Telegram.')).toBeInTheDocument();
  });

  test('whose test is not taken says why', async () => {
    answers['POST notice-rules/2/test/'] = said;
    show();
    await userEvent.click(await screen.findByRole('button', { name: 'Send a test of The duty phone' }));
    expect(await screen.findByText('The test was not taken: Telegram did not take it.')).toBeInTheDocument();
  });

  test('is made with an address, and a wrong one is said at its field', async () => {
    answers['POST notice-rules/'] = () =>
      refusal(422, 'invalid', 'The request is not valid.', { address: 'Not known.' });
    const asked = show('?site=1');
    await userEvent.click(await screen.findByRole('button', { name: 'Add a rule' }));
    const dialog = await screen.findByRole('dialog');
    await userEvent.type(within(dialog).getByLabelText(/^Name/), 'Mail');
    await userEvent.type(within(dialog).getByLabelText(/^Address/), 'x');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Save' }));
    expect(await within(dialog).findByText('Not known.')).toBeInTheDocument();
    expect(asked.find(({ what }) => what === 'POST notice-rules/')?.body).toMatchObject({
      site: 1, name: 'Mail', address: 'x', problems: ['connection', 'device', 'ledger'], quiet_from: null,
    }); // biome-ignore format: a row
  });

  test('that is changed keeps its address unless another is written', async () => {
    answers['PATCH notice-rules/2/'] = rule;
    const asked = show();
    await userEvent.click(await screen.findByRole('button', { name: 'Change The duty phone' }));
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).getByLabelText(/^Address/)).toHaveValue('');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Save' }));
    await waitFor(() => {
      const body = asked.find(({ what }) => what === 'PATCH notice-rules/2/')?.body as object;
      expect(body).toMatchObject({ delay_s: 300, quiet_from: '22:00' });
      expect(body).not.toHaveProperty('address');
    });
  });

  test('is deleted when one is sure', async () => {
    vi.stubGlobal('confirm', vi.fn().mockReturnValueOnce(false).mockReturnValueOnce(true));
    answers['DELETE notice-rules/2/'] = { deleted: { rules: 1 } };
    const asked = show();
    const button = await screen.findByRole('button', { name: 'Delete The duty phone' });
    await userEvent.click(button);
    expect(asked.some(({ what }) => what.startsWith('DELETE'))).toBe(false);
    await userEvent.click(button);
    await waitFor(() => expect(asked.some(({ what }) => what.startsWith('DELETE'))).toBe(true));
  });

  test('is barred for an operator and without controls for a viewer', async () => {
    show('', 'operator');
    expect(await screen.findByRole('button', { name: 'Send a test of The duty phone' })).toBeDisabled();
    expect(screen.queryByRole('button', { name: 'Add a rule' })).not.toBeInTheDocument();
  });

  test('has no controls for a viewer', async () => {
    show('', 'viewer');
    await screen.findByText('The duty phone');
    expect(screen.queryByRole('button', { name: /test|Change|Delete/ })).not.toBeInTheDocument();
  });

  test('that cannot be read says so, and without any one is told what a rule is', async () => {
    answers['GET notice-rules/'] = page();
    show();
    expect(await screen.findByText('Nobody is told of anything')).toBeInTheDocument();
  });
});

test('maintenance is planned, and ended', async () => {
  answers['POST maintenances/'] = {};
  answers['DELETE maintenances/6/'] = {};
  const asked = show('?site=1&tab=maintenance', 'operator');
  expect(await screen.findByText(/New antenna/)).toBeInTheDocument();
  await userEvent.type(screen.getByLabelText('Why'), 'Cables');
  await userEvent.click(screen.getByRole('button', { name: 'Plan it' }));
  await userEvent.click(screen.getByRole('button', { name: 'End or forget it' }));
  await waitFor(() => {
    const sent = asked.find(({ what }) => what === 'POST maintenances/')?.body as {
      starts_at: string;
      ends_at: string;
    };
    expect(sent).toMatchObject({ site: 1, reason: 'Cables' });
    expect(Date.parse(sent.ends_at) - Date.parse(sent.starts_at)).toBe(7_200_000);
    expect(asked.some(({ what }) => what === 'DELETE maintenances/6/')).toBe(true);
  });
});

test('what was said is listed with what became of it', async () => {
  const asked = show('?tab=log', 'viewer');
  const row = (await screen.findByText('The dam: connection down')).closest('li') as HTMLElement;
  await waitFor(() => expect(row).toHaveTextContent(/given up · The dam · by The duty phone · 8 attempts/));
  expect(row).toHaveTextContent('Telegram did not take it.');
  await userEvent.click(screen.getByText('sent'));
  await waitFor(() => expect(asked.at(-1)?.query).toContain('state=sent'));
});

test('what is wrong is listed, and what is over on wish', async () => {
  const asked = show('?tab=incidents', 'viewer');
  const row = (await screen.findByText('broker.example')).closest('li') as HTMLElement;
  expect(row).toHaveTextContent('came back 3 times');
  expect(asked.find(({ what }) => what === 'GET incidents/')?.query).toContain('is_open=true');
  await userEvent.click(screen.getByRole('switch', { name: 'Only what is not over' }));
  await waitFor(() => expect(asked.at(-1)?.query).not.toContain('is_open'));
});
