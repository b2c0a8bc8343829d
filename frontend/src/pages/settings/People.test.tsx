import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resetLive, setLive } from '@/live/store';
import { type Answers, page, refusal, serve, showPage } from '@/test/page';

const user = userEvent.setup();
const lou = { username: 'lou', name: 'Lou', is_active: true, role: 'viewer' };
const me = { username: 'ada', name: 'Ada', role: 'admin', is_superuser: true, language: 'en', theme: 'auto' };

function account(more: Answers = {}) {
  return serve({
    'GET me/': me,
    'GET sites/7/members/': page(lou),
    'PUT sites/7/members/lou/': lou,
    'DELETE sites/7/members/lou/': () => new Response(null, { status: 204 }),
    'GET system/': {
      versions: {}, readings_keep_days: 400, parsing_logs_keep_days: 90, connection_logs_keep_days: 30,
      batches_keep_days: 2,
    },
    'GET sites/': page({ id: 7, name: 'Diga', readings_keep_days: 60 }),
    'GET connections/': page({ id: 3, site_id: 7, keep_raw_days: 14 }),
    ...more,
  }); // biome-ignore format: as it comes
}

beforeEach(() => {
  const seen = { id: 8, name: 'Ponte', slug: 'ponte', role: 'viewer' } as const;
  setLive({ sites: [seen, { id: 7, name: 'Diga', slug: 'diga', role: 'admin' }] });
});
afterEach(resetLive);

describe('Users and roles', () => {
  it('another role is sent for the one person', async () => {
    const asked = account();
    showPage('/settings?tab=people');
    const sites = await screen.findByLabelText('Roles at');
    expect(
      within(sites)
        .getAllByRole('option')
        .map((site) => site.textContent),
    ).toEqual(['Diga']);
    await user.selectOptions(await screen.findByLabelText('Role of lou'), 'operator');
    await waitFor(() => expect(asked.find(({ what }) => what.startsWith('PUT'))?.body).toEqual({ role: 'operator' }));
  });

  it('somebody with an account is given a role, and a refusal stands on the page', async () => {
    account({
      'PUT sites/7/members/eve/': () => refusal(422, 'no_such_person', 'Nobody has this name.'),
    });
    showPage('/settings?tab=people');
    await user.type(await screen.findByLabelText(/Username/), 'eve');
    await user.click(screen.getByRole('button', { name: 'Give the role' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('Nobody has this name.');
  });

  it('who is removed is removed from this site', async () => {
    const asked = account();
    showPage('/settings?tab=people');
    await user.click(await screen.findByRole('button', { name: 'Remove lou from this site' }));
    await waitFor(() => expect(asked.some(({ what }) => what === 'DELETE sites/7/members/lou/')).toBe(true));
  });

  it('a new account comes with the link at which its owner chooses a password', async () => {
    const link = 'http://localhost/welcome/MQ/abc/';
    const asked = account({ 'POST people/': () => Response.json({ username: 'eve', link }, { status: 201 }) });
    showPage('/settings?tab=people');
    await user.click(await screen.findByRole('button', { name: 'New account' }));
    const dialog = await screen.findByRole('dialog');
    await user.type(within(dialog).getByLabelText(/Username/), 'eve');
    await user.click(within(dialog).getByRole('button', { name: 'Make account' }));
    expect(await screen.findByText(link)).toBeVisible();
    expect(asked.find(({ what }) => what === 'POST people/')?.body).toEqual({ username: 'eve', name: '' });
    await user.keyboard('{Escape}');
    await user.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Copy link' }));
    expect(screen.getByText(link)).toBeVisible();
  });

  it('what was refused stands at its field, and below them where no field shows it', async () => {
    let fields: Record<string, string> = { username: 'Taken.' };
    account({ 'POST people/': () => refusal(422, 'invalid', 'This cannot be made.', fields) });
    showPage('/settings?tab=people');
    await user.click(await screen.findByRole('button', { name: 'New account' }));
    const dialog = within(await screen.findByRole('dialog'));
    await user.type(dialog.getByLabelText(/Username/), 'eve');
    await user.click(dialog.getByRole('button', { name: 'Make account' }));
    expect(await dialog.findByText('Taken.')).toBeVisible();
    expect(dialog.queryByRole('alert')).toBeNull();
    fields = { quota: 'Full.' };
    await user.click(dialog.getByRole('button', { name: 'Make account' }));
    expect(await dialog.findByRole('alert')).toHaveTextContent('This cannot be made.');
  });

  it('only superusers are offered new accounts, and who administers nothing sees no such part', async () => {
    account({ 'GET me/': { ...me, is_superuser: false } });
    showPage('/settings?tab=people');
    expect(await screen.findByLabelText('Role of lou')).toBeVisible();
    expect(screen.queryByRole('button', { name: 'New account' })).toBeNull();
  });

  it('an operator is not offered the part', async () => {
    account();
    showPage('/settings', 'operator');
    expect(await screen.findByRole('tab', { name: 'Retention' })).toBeVisible();
    expect(screen.queryByRole('tab', { name: 'Users and roles' })).toBeNull();
  });
});

describe('Retention', () => {
  it('says for each kind how long, and where it is changed', async () => {
    account();
    showPage('/settings?tab=retention');
    const rows = await screen.findAllByRole('row');
    await screen.findByText('Readings of Diga');
    await screen.findByText('Raw messages of Diga');
    expect(rows[1]).toHaveTextContent('400 days');
    expect(rows[1]).toHaveTextContent('READINGS_KEEP_DAYS');
    expect(screen.getByRole('link', { name: 'the settings of the site' })).toHaveAttribute(
      'href',
      '/sites/7?tab=settings',
    );
    expect(screen.getByRole('link', { name: 'its connection' })).toHaveAttribute('href', '/connections?edit=3');
  });
});

describe('The support bundle', () => {
  it('is there for superusers', async () => {
    account();
    showPage('/settings?tab=about');
    const link = await screen.findByRole('link', { name: 'Download a support bundle' });
    expect(link).toHaveAttribute('href', '/api/v1/system/support/');
  });

  it('and for nobody else', async () => {
    account({ 'GET me/': { ...me, is_superuser: false } });
    showPage('/settings?tab=about');
    await screen.findByText('Licence');
    await screen.findByText('MIT');
    expect(screen.queryByRole('link', { name: 'Download a support bundle' })).toBeNull();
  });
});
