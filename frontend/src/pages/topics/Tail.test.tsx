import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { page, refusal, serve, showPage } from '@/test/page';
import { addressOf, targetOf } from './Pins';

const NOW = new Date().toISOString();
const topic = {
  id: 7, site_id: 1, topic_path: 'dam/strain', topic_pattern: '', first_seen_at: NOW, last_seen_at: NOW, message_count: 12,
  is_processable: false, processor_name: '',
}; // biome-ignore format: a row
const message = (text: string) => ({
  topic: 'dam/strain', received_at: NOW, qos: 0, retain: false, size: 4, shown: { text },
}); // biome-ignore format: a row

let answers: Parameters<typeof serve>[0];
let round: number;

beforeEach(() => {
  round = 0;
  answers = {
    'GET sites/': page({ id: 1, name: 'The dam', slug: 'dam' }),
    'GET topic-tree/': { prefix: '', nodes: [], is_cut: false },
    'GET topics/': page(),
    'GET connections/': page(),
    'GET discovered-topics/': page(topic),
    'GET discovered-topics/7/samples/': [],
    'GET parsers/': [],
    'GET me/bookmarks/': [],
    'POST mqtt/site/1/tail/': () => {
      round += 1;
      return round <= 3
        ? { messages: [message(`word ${round}`)], heard: 40, seconds: 2 }
        : new Promise<never>(() => undefined);
    },
  };
});

const live = () => screen.findByRole('region', { name: 'Live' });

test('what arrives is shown newest first, and how much more there was', async () => {
  const asked = serve(answers);
  showPage('/topics?site=1&path=dam/strain', 'operator');
  await userEvent.click(within(await live()).getByRole('button', { name: 'Listen' }));
  const list = await screen.findByRole('list', { name: 'Messages as they arrive' });
  await waitFor(() => expect(within(list).getAllByRole('listitem')).toHaveLength(3));
  expect(within(list).getAllByRole('listitem')[0]).toHaveTextContent('word 3');
  expect(await live()).toHaveTextContent('Showing 3 of 120; 20 a second');
  expect(asked.find(({ what }) => what.startsWith('POST'))?.body).toEqual({ filter: 'dam/strain', seconds: 3 });
});

test('a broker that cannot be reached is told, and one may try again', async () => {
  answers['POST mqtt/site/1/tail/'] = () => refusal(409, 'broker', 'The broker refused the password.');
  serve(answers);
  showPage('/topics?site=1&path=dam/strain', 'operator');
  await userEvent.click(within(await live()).getByRole('button', { name: 'Listen' }));
  expect(await screen.findByText(/The broker refused the password/)).toBeInTheDocument();
  expect(within(await live()).getByRole('button', { name: 'Listen' })).toBeInTheDocument();
});

test('a viewer is not offered to listen', async () => {
  serve(answers);
  showPage('/topics?site=1&path=dam/strain', 'viewer');
  expect(await screen.findByRole('heading', { name: 'dam/strain' })).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Listen' })).not.toBeInTheDocument();
});

test('a topic is pinned, stands above the tree, and is unpinned', async () => {
  let pins: object[] = [];
  answers['GET me/bookmarks/'] = () => pins;
  answers['POST me/bookmarks/'] = (body) => {
    pins = [{ id: 2, ...(body as object) }];
    return pins[0] as object;
  };
  answers['DELETE me/bookmarks/2/'] = () => {
    pins = [];
    return new Response(null, { status: 204 });
  };
  serve(answers);
  showPage('/topics?site=1&path=dam/strain', 'viewer');
  await userEvent.click(await screen.findByRole('button', { name: 'Pin' }));
  const list = await screen.findByRole('list', { name: 'Pinned topics' });
  expect(within(list).getByRole('link', { name: 'dam/strain' })).toBeInTheDocument();
  await userEvent.click(within(list).getByRole('button', { name: 'Unpin dam/strain' }));
  await waitFor(() => expect(list).not.toBeInTheDocument());
});

test('a pin leads back to its topic, whatever letters it has', () => {
  const address = addressOf(4, 'dam/é ü/+?&=#');
  expect(targetOf({ address })).toEqual({ path: 'dam/é ü/+?&=#', of: 4 });
});
