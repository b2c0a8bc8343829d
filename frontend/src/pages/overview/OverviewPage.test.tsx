import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { me, open, playServer, refuse, serve } from '@/test/app';
import { ago, datalogger, overview, page, site } from '@/test/rows';
import { TestSocket } from '@/test/socket';

playServer();

function routes(changes: Record<string, unknown> = {}) {
  return {
    'GET /api/v1/overview/': overview([site(), site({ id: 2, name: 'Ponte', word: 'down', link: 'down' })]),
    'GET /api/v1/dataloggers/': page([]),
    'GET /api/v1/gateways/': page([]),
    ...changes,
  };
}

const names = async () =>
  within(await screen.findByRole('list', { name: 'Sites' }))
    .getAllByRole('link')
    .map((link) => link.textContent);

test('sites are shown worst first, with their word, value and last hour in words', async () => {
  serve(routes());
  open('/');
  expect(await names()).toEqual(['Ponte', 'Diga di Valdora']);
  expect(screen.getAllByText('0.62')).toHaveLength(2);
  expect(screen.getAllByLabelText('Messages by minute: 60 of 60 minutes had some').length).toBeGreaterThan(1);
});

test('a silent device stands at the top with its reason and the way to its last words', async () => {
  serve(
    routes({
      'GET /api/v1/dataloggers/': page([
        datalogger({ status: 'offline', offline_reason: 'silent', last_seen_at: ago(840) }),
      ]),
    }),
  );
  open('/');
  const row = (await screen.findByText('PZ203')).closest('li') as HTMLElement;
  expect(row).toHaveTextContent('Fell silent; expected every 15 s');
  expect(row).toHaveTextContent('14 min ago');
  expect(within(row).getByRole('link')).toHaveAttribute('href', '/dataloggers/7');
});

test('a chip filters, stands in the address, and what matches nothing says so', async () => {
  serve(routes());
  const { router } = open('/');
  await userEvent.click(await screen.findByRole('button', { name: /Link down 1/ }));
  expect(await names()).toEqual(['Ponte']);
  expect(router.state.location.search).toMatchObject({ word: 'down' });
  await userEvent.type(screen.getByLabelText('Search sites'), 'zzz');
  expect(await screen.findByText('No site is like that')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Clear filters' }));
  expect(await names()).toHaveLength(2);
});

test('a status that changes shows at once, and nothing moves under the pointer until one asks', async () => {
  let sites = [site(), site({ id: 2, name: 'Ponte' })];
  serve(routes({ 'GET /api/v1/overview/': () => overview(sites) }));
  open('/');
  expect(await names()).toEqual(['Diga di Valdora', 'Ponte']);
  await userEvent.hover(screen.getByRole('list', { name: 'Sites' }));
  sites = [site(), site({ id: 2, name: 'Ponte', word: 'down', link: 'down' })];
  await act(async () => TestSocket.last.establish());
  expect(await screen.findByText('2 changes, re-sort')).toBeInTheDocument();
  expect(await names()).toEqual(['Diga di Valdora', 'Ponte']);
  await userEvent.unhover(screen.getByRole('list', { name: 'Sites' }));
  expect(await names()).toEqual(['Ponte', 'Diga di Valdora']);
});

test('without a site it says how to get one, to those who may add one', async () => {
  serve(routes({ 'GET /api/v1/overview/': overview([]), 'GET /api/v1/me/': { ...me, may_add_sites: true } }));
  open('/');
  expect(await screen.findByText('No sites yet')).toBeInTheDocument();
  expect(await screen.findAllByRole('button', { name: 'Add a site' })).toHaveLength(2);
});

test('a failure says what failed and can be tried again', async () => {
  let isBroken = true;
  serve(
    routes({
      'GET /api/v1/overview/': () => (isBroken ? refuse(503, 'too_slow', 'This took too long.') : overview([site()])),
    }),
  );
  open('/');
  expect(await screen.findByRole('alert')).toHaveTextContent('The overview could not be loaded.');
  isBroken = false;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await names()).toEqual(['Diga di Valdora']);
});

test('a listener that is silent is told in words', async () => {
  serve(routes({ 'GET /api/v1/overview/': overview([site()], { listener_alive: false }) }));
  open('/');
  expect(await screen.findByText('Silent')).toBeInTheDocument();
});

test('a value that has grown old is not shown as if it were live', async () => {
  const told = { name: 'tilt' as const, value: 0.62, unit: '°', at: ago(300) };
  serve(routes({ 'GET /api/v1/overview/': overview([site({ headline: told })]) }));
  open('/');
  expect(await screen.findByText('--')).toBeInTheDocument();
  expect(screen.queryByText('0.62')).not.toBeInTheDocument();
});

test('what an operator says they know of leaves the list, and its note can be read and taken back', async () => {
  let known: object[] = [];
  const said = vi.fn(async (request: Request) => {
    const body = (await request.json()) as { note: string };
    known = [{ id: 5, site_id: 1, gateway_id: null, datalogger_id: 7, by: 'Ada', at: ago(1), note: body.note }];
    return Response.json(known, { status: 201 });
  });
  serve(
    routes({
      'GET /api/v1/overview/': overview([site()]),
      'GET /api/v1/dataloggers/': page([datalogger({ status: 'offline', offline_reason: 'silent' })]),
      'GET /api/v1/acknowledgements/': () => known,
      'POST /api/v1/acknowledgements/': said,
      'DELETE /api/v1/acknowledgements/5/': () => {
        known = [];
        return new Response(null, { status: 204 });
      },
    }),
  );
  open('/');
  await userEvent.click(await screen.findByRole('button', { name: 'I know of it PZ203' }));
  await userEvent.type(await screen.findByLabelText('What is known, or is being done'), 'New battery on Thursday');
  await userEvent.click(screen.getByRole('button', { name: 'I know of it' }));
  expect(await screen.findByText('Somebody knows of everything that is wrong.')).toBeInTheDocument();
  await userEvent.click(screen.getByText('1 that somebody knows of'));
  expect(screen.getByText(/New battery on Thursday/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Change note PZ203' }));
  await userEvent.click(await screen.findByRole('button', { name: 'It needs attention again' }));
  expect(await screen.findByRole('button', { name: 'I know of it PZ203' })).toBeInTheDocument();
});

test('a viewer reads the notes of others and writes none', async () => {
  const known = [{ id: 5, site_id: 1, gateway_id: null, datalogger_id: 7, by: 'Ada', at: ago(1), note: 'Battery' }];
  serve(
    routes({
      'GET /api/v1/dataloggers/': page([datalogger({ status: 'offline', offline_reason: 'silent' })]),
      'GET /api/v1/acknowledgements/': known,
    }),
  );
  open('/', 'viewer');
  expect(await screen.findByText(/Battery/)).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: /know of it|Change note/ })).not.toBeInTheDocument();
});
