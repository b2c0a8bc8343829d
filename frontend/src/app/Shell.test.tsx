import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';
import { start } from '@/app/start';
import { empty, me, open, playServer, refuse, serve } from '@/test/app';
import { overview, site } from '@/test/rows';
import { TestSocket } from '@/test/socket';

playServer();
afterEach(() => vi.useRealTimers());

const routes = {
  'GET /api/v1/overview/': overview([site()]),
  'GET /api/v1/dataloggers/': empty,
  'GET /api/v1/dataloggers/facets/': { status: {}, kind: {}, firmware: {} },
  'GET /api/v1/gateways/': empty,
  'GET /api/v1/sites/': empty,
};

test('the first thing that Tab reaches skips to the content', async () => {
  serve(routes);
  open('/');
  await screen.findByRole('heading', { name: 'Overview' });
  await userEvent.tab();
  expect(screen.getByText('Skip to the content')).toHaveFocus();
  expect(screen.getByText('Skip to the content')).toHaveAttribute('href', '#content');
});

test('after a navigation the heading of the new page has the focus, and the place is marked', async () => {
  serve(routes);
  open('/');
  await screen.findByRole('heading', { name: 'Overview' });
  await userEvent.click(within(screen.getByRole('navigation')).getByRole('link', { name: 'Devices' }));
  await waitFor(() => expect(screen.getByRole('heading', { level: 1, name: 'Devices' })).toHaveFocus());
  expect(within(screen.getByRole('navigation')).getByRole('link', { name: 'Devices' })).toHaveAttribute(
    'aria-current',
    'page',
  );
  expect(document.title).toBe('Devices · Fieldledger');
});

test('another build offers to load itself', async () => {
  serve(routes);
  open('/');
  start.build = '1';
  await screen.findByRole('heading', { name: 'Overview' });
  await act(async () => TestSocket.last.establish({ build: '2' }));
  expect(await screen.findByRole('button', { name: 'Reload' })).toBeInTheDocument();
});

test('without a live connection it says from when the values are, after a while', async () => {
  serve(routes);
  open('/');
  await screen.findByRole('heading', { name: 'Overview' });
  await act(async () => TestSocket.last.establish());
  const now = Date.now();
  vi.spyOn(Date, 'now').mockImplementation(() => now - 6_000);
  await act(async () => TestSocket.last.cut());
  vi.mocked(Date.now).mockRestore();
  expect(
    await screen.findByText(/Reconnecting. Values as of \d\d:\d\d:\d\d. The server does not answer/),
  ).toBeInTheDocument();
});

test('a theme is kept by the server', async () => {
  const bodies: unknown[] = [];
  const patch = async (request: Request) => {
    bodies.push(await request.json());
    return me;
  };
  serve({ ...routes, 'PATCH /api/v1/me/': patch });
  open('/');
  await waitFor(() => expect(screen.getByRole('button', { name: /Account/ })).toHaveAttribute('aria-haspopup'));
  await userEvent.click(screen.getByRole('button', { name: /Account/ }));
  await userEvent.click(await screen.findByRole('menuitemradio', { name: 'Dark' }));
  expect(bodies).toEqual([{ theme: 'dark' }]);
  expect(document.documentElement).toHaveAttribute('data-mantine-color-scheme', 'dark');
});

test('a session that has ended leads to the sign-in and back', async () => {
  const assign = vi.spyOn(window.location, 'assign').mockImplementation(() => undefined);
  serve({ ...routes, 'GET /api/v1/overview/': () => refuse(401, 'unauthenticated', 'Sign in.') });
  open('/');
  await waitFor(() => expect(assign).toHaveBeenCalledWith(expect.stringMatching(/^\/login\/\?next=/)));
});

test('slash goes to the search of the page', async () => {
  serve(routes);
  open('/');
  const search = await screen.findByLabelText('Search sites');
  await userEvent.keyboard('/');
  expect(search).toHaveFocus();
  expect(search).toHaveValue('');
});

test('who belongs to no site is called no viewer', async () => {
  serve({ ...routes, 'GET /api/v1/overview/': overview([]) });
  open('/', null);
  expect(await screen.findByRole('button', { name: /Account.*ada/ })).toHaveTextContent('none yet');
});

const said = /Nothing below is live/;

test.each([
  ['database', /The database has not answered since \d\d:\d\d:\d\d.*Start PostgreSQL/],
  ['redis', /Redis has not answered since \d\d:\d\d:\d\d.*Start Redis/],
  ['listener', /The MQTT listener has not reported for 2 min.*python manage.py run_mqtt/],
] as const)('an open connection over which nothing can come is not called live: %s', async (cause, words) => {
  const { asked } = serve(routes);
  open('/');
  await screen.findByRole('heading', { name: 'Overview' });
  await act(async () => TestSocket.last.establish());
  expect(screen.getByText('Live', { selector: 'aside *' })).toBeInTheDocument();
  const since = new Date(Date.now() - 130_000).toISOString();
  await act(async () => TestSocket.last.say({ type: 'interruption', site_id: null, data: { cause, since } }));
  expect(screen.getByText('Not live')).toBeInTheDocument();
  expect(screen.getByText(words)).toHaveTextContent(said);

  const reads = asked.filter((one) => one.includes('overview')).length;
  await act(async () => TestSocket.last.say({ type: 'interruption', site_id: null, data: { cause: '', since } }));
  expect(screen.queryByText(said)).toBeNull();
  expect(screen.queryByText('Not live')).toBeNull();
  await waitFor(() => expect(asked.filter((one) => one.includes('overview')).length).toBeGreaterThan(reads));
});

test('what was live is not drawn as live, and nothing is told of the next check, while nothing is known of now', async () => {
  serve(routes);
  const { container } = open('/');
  await screen.findByRole('heading', { name: 'Overview' });
  await act(async () => TestSocket.last.establish());
  const green = () => container.querySelectorAll('main [data-tone="live"]').length;
  expect(await screen.findByText('Running')).toBeInTheDocument();
  expect(green()).toBeGreaterThan(0);
  const since = new Date().toISOString();
  await act(async () =>
    TestSocket.last.say({ type: 'interruption', site_id: null, data: { cause: 'database', since } }),
  );
  expect(green()).toBe(0);
  expect(screen.getByText('Was live')).toBeInTheDocument();
  expect(screen.queryByText('Running')).toBeNull();
  expect(screen.queryByText(/next check|checking now/)).toBeNull();
  await act(async () => TestSocket.last.establish());
  expect(green()).toBeGreaterThan(0);
});
