import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';
import { start } from '@/app/start';
import { empty, open, playServer, refuse, serve } from '@/test/app';
import { datalogger, overview, page, site } from '@/test/rows';
import { keepEarly } from './early';
import { show } from './overlay';

playServer();
afterEach(() => show(null));

function routes(changes: Record<string, unknown> = {}) {
  return {
    'GET /api/v1/overview/': overview([site()]),
    'GET /api/v1/dataloggers/': empty,
    'GET /api/v1/dataloggers/facets/': { status: {}, kind: {}, firmware: {} },
    'GET /api/v1/gateways/': empty,
    'GET /api/v1/sites/': empty,
    'GET /api/v1/discovered-topics/': empty,
    'GET /api/v1/me/bookmarks/': [],
    ...changes,
  };
}

async function ready() {
  await screen.findByRole('heading', { name: 'Overview' });
  await waitFor(async () => {
    await userEvent.keyboard('{Control>}k{/Control}');
    expect(screen.queryByRole('combobox')).toBeInTheDocument();
  });
  return screen.findByRole('combobox');
}

test('a device is found by typing, and opened with Enter', async () => {
  serve(routes({ 'GET /api/v1/dataloggers/': (request: Request) => found(request) }));
  const { router } = open('/');
  const field = await ready();
  await userEvent.type(field, 'pz2');
  const option = await screen.findByRole('option', { name: /PZ203/ });
  await waitFor(() => expect(field).toHaveAttribute('aria-activedescendant', option.id));
  await userEvent.keyboard('{Enter}');
  await waitFor(() => expect(router.state.location.pathname).toBe('/dataloggers/7'));
  expect(screen.queryByRole('combobox')).not.toBeInTheDocument();
});

function found(request: Request) {
  return page(new URL(request.url).searchParams.get('search') === 'pz2' ? [datalogger()] : []);
}

test('the arrows walk through what is found, and round', async () => {
  serve(routes());
  open('/');
  const field = await ready();
  const first = field.getAttribute('aria-activedescendant');
  await userEvent.keyboard('{ArrowDown}');
  expect(field.getAttribute('aria-activedescendant')).not.toBe(first);
  await userEvent.keyboard('{ArrowUp}{ArrowUp}');
  const options = screen.getAllByRole('option');
  expect(field).toHaveAttribute('aria-activedescendant', options.at(-1)?.id);
});

test('stopping a site from the palette asks first, and then shows the site', async () => {
  const status = { ...site().connection, site_id: 1, site_name: 'Diga di Valdora', is_active: true };
  const stop = vi.fn(() => Response.json({ ...status, is_active: false }, { status: 202 }));
  serve(routes({ 'GET /api/v1/mqtt/site/1/status/': status, 'POST /api/v1/mqtt/site/1/stop/': stop }));
  const { router } = open('/');
  await userEvent.type(await ready(), 'stop diga');
  await userEvent.click(await screen.findByRole('option', { name: 'Stop MQTT of Diga di Valdora' }));
  const dialog = await screen.findByRole('dialog', { name: 'Stop Diga di Valdora?' });
  expect(stop).not.toHaveBeenCalled();
  await userEvent.click(within(dialog).getByRole('button', { name: 'Stop' }));
  await waitFor(() => expect(router.state.location.pathname).toBe('/sites/1'));
  expect(stop).toHaveBeenCalledOnce();
});

test('a wish that is refused says so', async () => {
  const off = site({ connection: { ...site().connection, is_active: false } as never });
  const refused = () => refuse(409, 'busy', 'Not now.');
  serve(routes({ 'GET /api/v1/overview/': overview([off]), 'POST /api/v1/mqtt/site/1/start/': refused }));
  open('/');
  await userEvent.type(await ready(), 'start diga');
  await userEvent.click(await screen.findByRole('option', { name: 'Start MQTT of Diga di Valdora' }));
  expect(await screen.findByText(/Not now\.|There is nothing\./)).toBeInTheDocument();
});

test('a viewer is offered no wishes', async () => {
  serve(routes());
  open('/', 'viewer');
  await userEvent.type(await ready(), 'diga');
  expect(await screen.findByRole('option', { name: /Diga di Valdora/ })).toBeInTheDocument();
  expect(screen.queryByRole('option', { name: /MQTT/ })).not.toBeInTheDocument();
});

test('g and a letter go to a page, and ? shows what there is', async () => {
  serve(routes());
  const { router } = open('/');
  await ready();
  await userEvent.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('combobox')).not.toBeInTheDocument());
  await userEvent.keyboard('gd');
  await waitFor(() => expect(router.state.location.pathname).toBe('/devices'));
  await userEvent.keyboard('?');
  expect(await screen.findByRole('dialog', { name: 'Keyboard shortcuts' })).toHaveTextContent('Devices');
});

test('without keys of one letter they go nowhere', async () => {
  serve(routes());
  const { router } = open('/');
  await ready();
  start.single_keys = false;
  await userEvent.keyboard('{Escape}gd');
  expect(router.state.location.pathname).toBe('/');
  start.single_keys = true;
});

test('what is pressed and typed before the keyboard is loaded is not lost', async () => {
  serve(routes());
  const stop = keepEarly();
  await userEvent.keyboard('{Control>}k{/Control}di');
  open('/');
  expect(await screen.findByRole('combobox')).toHaveValue('di');
  stop();
});

test('a page that is asked for before the keyboard is loaded is shown when it is', async () => {
  serve(routes());
  const stop = keepEarly();
  await userEvent.keyboard('gd');
  const { router } = open('/');
  await waitFor(() => expect(router.state.location.pathname).toBe('/devices'));
  stop();
});
