import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it } from 'vitest';
import { start } from '@/app/start';
import { setLanguage } from '@/i18n';
import { type Answers, page, refusal, serve, showPage } from '@/test/page';

const me = { username: 'ada', name: 'Ada', role: 'operator', is_superuser: false, language: 'en', theme: 'auto' };
const token = {
  id: 4, name: 'Grafana', prefix: 'fl_abcd', scope: 'read', created_at: new Date(Date.now() - 86_400_000).toISOString(),
  sites: [1], expires_at: new Date(Date.now() + 84_600_000).toISOString(), last_used_at: null,
}; // biome-ignore format: as it comes
const user = userEvent.setup();

function account(more: Answers = {}) {
  return serve({
    'GET me/': me,
    'PATCH me/': (body) => ({ ...me, ...(body as object) }),
    'GET tokens/': page(token),
    'GET overview/': { sites: [{ id: 1, name: 'Diga' }] },
    'GET system/': { versions: { python: '3.11.9' } },
    ...more,
  });
}
const sent = (asked: ReturnType<typeof serve>, what: string) => asked.find((one) => one.what === what)?.body;

afterEach(() => {
  setLanguage('en');
  start.language = 'en';
});

describe('The profile', () => {
  it('keeps name and theme with the account', async () => {
    const asked = account();
    showPage('/settings');
    const name = await screen.findByLabelText('How you are called');
    await user.clear(name);
    await user.type(name, 'Ada L.');
    await user.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findByRole('button', { name: 'Saved' })).toBeVisible();
    expect(sent(asked, 'PATCH me/')).toEqual({ name: 'Ada L.' });
  });

  it('leads to the second factor', async () => {
    account();
    showPage('/settings');
    const link = await screen.findByRole('link', { name: 'Second factor' });
    expect(link).toHaveAttribute('href', '/second-factor/');
  });

  it('changes the language once the server has kept it', async () => {
    const asked = account();
    showPage('/settings');
    await user.click(await screen.findByRole('radio', { name: 'Italiano' }));
    await waitFor(() => expect(document.documentElement.lang).toBe('it'));
    expect(sent(asked, 'PATCH me/')).toEqual({ language: 'it' });
  });

  it('says why a name is refused', async () => {
    account({ 'PATCH me/': () => refusal(403, 'scope_too_low', 'This needs more.') });
    showPage('/settings');
    await user.type(await screen.findByLabelText('How you are called'), '!');
    await user.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findByText('This needs more.')).toBeVisible();
  });
});

describe('Tokens', () => {
  it('are listed with what they may, and when they were used', async () => {
    account();
    showPage('/settings?tab=tokens');
    expect(await screen.findByText('Grafana')).toBeVisible();
    expect(screen.getByText('fl_abcd…')).toBeVisible();
    expect(await screen.findByText(/only Diga/)).toBeVisible();
    expect(screen.getByText('never')).toBeVisible();
    expect(screen.getByText(/^in 2\d h/)).toBeVisible();
  });

  it('are shown once, when they are made', async () => {
    const asked = account({
      'GET tokens/': page(),
      'POST tokens/': () => Response.json({ ...token, token: 'fl_abcdefgh' }, { status: 201 }),
    });
    showPage('/settings?tab=tokens');
    await user.click(await screen.findByRole('button', { name: 'New token' }));
    const dialog = await screen.findByRole('dialog');
    await user.type(within(dialog).getByLabelText(/What it is for/), 'Export');
    await user.click(within(dialog).getByRole('button', { name: 'Make token' }));
    expect(await within(dialog).findByText('fl_abcdefgh')).toBeVisible();
    expect(sent(asked, 'POST tokens/')).toEqual({ name: 'Export', scope: 'read', expires_in_days: 90, sites: null });
    await user.click(within(dialog).getByRole('button', { name: 'I have copied it' }));
    await waitFor(() => expect(screen.queryByText('fl_abcdefgh')).toBeNull());
  });

  it('are revoked after a question', async () => {
    const asked = account({ 'DELETE tokens/4/': () => new Response(null, { status: 204 }) });
    showPage('/settings?tab=tokens');
    await user.click(await screen.findByRole('button', { name: 'Revoke Grafana' }));
    const dialog = await screen.findByRole('dialog', { name: 'Revoke “Grafana”?' });
    expect(asked.some(({ what }) => what.startsWith('DELETE'))).toBe(false);
    await user.click(within(dialog).getByRole('button', { name: 'Revoke' }));
    await waitFor(() => expect(asked.some(({ what }) => what === 'DELETE tokens/4/')).toBe(true));
  });

  it('say what they are for where there are none', async () => {
    account({ 'GET tokens/': page() });
    showPage('/settings?tab=tokens');
    expect(await screen.findByRole('heading', { name: 'No tokens yet' })).toBeVisible();
  });

  it('say what could not be loaded', async () => {
    account({ 'GET tokens/': () => refusal(503, 'too_slow', 'This took too long.') });
    showPage('/settings?tab=tokens');
    expect(await screen.findByText(/This took too long/)).toBeVisible();
  });
});

it('What runs here can be read and copied', async () => {
  account();
  showPage('/settings?tab=about');
  expect(await screen.findByText('3.11.9')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Copy for a report' })).toBeVisible();
});
