import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it } from 'vitest';
import { setLanguage } from '@/i18n';
import { page, serve, showPage } from '@/test/page';

const ok = (name: string, code: string, words: string) => ({ name, state: 'ok', code, values: {}, words, action: '' });
const off = {
  name: 'link', state: 'broken', code: 'down', values: { broker: 'b:1883', error: 'refused.' },
  words: 'b:1883 cannot be reached: refused.', action: 'Read the connection log, and test the connection.',
}; // biome-ignore format: as it comes
const unjudged = {
  name: 'stored',
  state: 'unknown',
  code: 'unjudged',
  values: {},
  words: 'Not judged.',
  action: '',
};
const seen = {
  id: 7, name: 'Diga', slug: 'diga', site_type: 'dam', location: '', latitude: null, longitude: null, word: 'down',
  link: 'down', data: 'waiting', interval_s: 10, connection: null, gateways: { online: 0, offline: 0, unknown: 0 },
  dataloggers: { online: 0, offline: 0, unknown: 0 }, received: [0], failed: 0, headline: null,
}; // biome-ignore format: as it comes
const site = {
  id: 7, name: 'Diga', slug: 'diga', site_type: 'dam', timezone: 'UTC', location: '', is_active: true,
  readings_keep_days: null, unknown_devices: 'accept', works_from: null, works_to: null, interval_s: null, latitude: null,
  longitude: null, created_at: '2026-01-01T00:00:00Z',
}; // biome-ignore format: as it comes

function show(word: string, wrong: typeof off = off) {
  const steps = [ok('wish', 'on', 'The site is wished on.'), wrong, unjudged];
  const asked = serve({
    'GET sites/7/': site,
    'GET overview/': { sites: [{ ...seen, word }], received: [0], words: {}, at: new Date().toISOString() },
    'GET sites/7/diagnosis/': { broken: wrong.name, steps },
    'GET dataloggers/': page(),
    'GET gateways/': page(),
  });
  showPage('/sites/7');
  return asked;
}

afterEach(() => setLanguage('en'));

it('a site that is not well says the first broken step, what to do, and where', async () => {
  show('down');
  const panel = await screen.findByRole('region', { name: 'Why is it quiet?' });
  expect(within(panel).getAllByText('b:1883 cannot be reached: refused.')[0]).toBeVisible();
  expect(panel).toHaveTextContent('Read the connection log, and test the connection.');
  const way = within(panel).getByRole('link', { name: 'Open the connection log' });
  expect(way).toHaveAttribute('href', '/logs/connection?site=7');
});

it.each([
  ['link', 'no_connection', 'Add a connection', '/connections?add=true&site=7'],
  ['listener', 'away', 'Open System', '/system'],
  ['understood', 'failing', 'Open the failures', '/logs/parsing?site=7'],
  ['fresh', 'late', 'Open the devices', '/sites/7?tab=devices'],
  ['arriving', 'nothing', 'See what arrives', '/topics?site=7'],
])('a broken %s (%s) leads to where it is mended', async (name, code, words, href) => {
  show('down', { ...off, name, code });
  const panel = await screen.findByRole('region', { name: 'Why is it quiet?' });
  expect(within(panel).getByRole('link', { name: words })).toHaveAttribute('href', href);
});

it('every step of the way stands behind it, those after the broken one unjudged', async () => {
  show('down');
  const panel = await screen.findByRole('region', { name: 'Why is it quiet?' });
  await userEvent.setup().click(within(panel).getByText('Every step of the way'));
  const steps = within(panel).getAllByRole('listitem');
  expect(steps.map((step) => step.dataset.state)).toEqual(['ok', 'broken', 'unknown']);
  expect(steps[2]).toHaveTextContent('Not judged.');
});

it('it speaks Italian to whoever does', async () => {
  setLanguage('it');
  show('down');
  const panel = await screen.findByRole('region', { name: 'Perché tace?' });
  expect(panel).toHaveTextContent('b:1883 non è raggiungibile: refused.');
});

it('of a site that is live nothing is asked', async () => {
  const asked = show('live');
  await screen.findByRole('heading', { name: 'Diga' });
  await screen.findAllByText(/./);
  expect(asked.some(({ what }) => what.includes('diagnosis'))).toBe(false);
  expect(screen.queryByText('Why is it quiet?')).toBeNull();
});
