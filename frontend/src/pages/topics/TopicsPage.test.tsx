import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';
import { page, refusal, serve, showPage } from '@/test/page';

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
const node = (path: string, more: object = {}) => ({
  site_id: 1, name: path.slice(path.lastIndexOf('/') + 1), path, topic_id: null, has_children: true, topics: 2, processable: 1,
  messages: 40, first_seen_at: ago(90_000), last_seen_at: ago(5), ...more,
}); // biome-ignore format: a row
const strain = {
  id: 7, site_id: 1, topic_path: 'dam/lab/strain', topic_pattern: '', first_seen_at: ago(60), last_seen_at: ago(5),
  message_count: 12, is_processable: false, processor_name: '',
}; // biome-ignore format: a row
const sample = (seconds: number, text: string) => ({
  received_at: ago(seconds), qos: 1, retain: false, size: text.length, is_truncated: false, payload: btoa(text), shown: {},
}); // biome-ignore format: a row
const rule = {
  id: 3,
  connection_id: 4,
  site_id: 1,
  topic_pattern: 'dam/#',
  is_active: true,
  is_muted: false,
  parser_name: '',
  qos_level: 1,
};
const tried = {
  origin: 'sample', id: 2, topic: 'dam/lab/strain', retain: false, received_at: ago(5), payload: btoa('{"value":2}'), new_gateways: [], fate: 'stored', passes: true, parser: 'telemetry', reason: '', faults: [],
  took_ms: 0.4, new_devices: ['MAS900001'], readings_in_all: 1,
  readings: [{ device: 'MAS900001', sensor: 'ch1', values: [118.4], unit: 'µm/m', time: ago(5), effect: 'add' }],
}; // biome-ignore format: a row

let answers: Record<string, object>;

// There is no layout here; the tree draws what fits into this.
Object.defineProperty(HTMLElement.prototype, 'clientHeight', { configurable: true, get: () => 900 });
Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, get: () => 400 });

beforeEach(() => {
  const levels: Record<string, object[]> = {
    '': [node('dam')],
    'dam/': [node('dam/lab'), node('dam/status', { topic_id: 6, has_children: false })],
    'dam/lab/': [node('dam/lab/strain', { topic_id: 7, has_children: false, first_seen_at: ago(60), processable: 0 })],
  };
  answers = {
    'GET sites/': page({ id: 1, name: 'The dam', slug: 'dam' }),
    'GET topic-tree/': (_: unknown, address: URL) => {
      const prefix = address.searchParams.get('prefix') ?? '';
      return { prefix, nodes: levels[prefix] ?? [], is_cut: false };
    },
    'GET topics/': page(rule),
    'GET connections/': page({ id: 4, site_id: 1, broker_host: 'broker.example', broker_port: 1883 }),
    'GET discovered-topics/': page(strain),
    'GET discovered-topics/7/samples/': [sample(5, '{"value":2}'), sample(15, '{"value":1}')],
    'GET parsers/': [{ name: 'telemetry', patterns: ['+/gateway/+/telemetry'], module: '', about: '' }],
    'POST parsers/try/': tried,
    'POST topics/': (body: object) => ({ ...rule, ...body, id: 9 }),
  };
});

function show(query = '', role: 'viewer' | 'operator' = 'operator') {
  const asked = serve(answers);
  showPage(`/topics${query}`, role);
  return asked;
}

const names = () => screen.getAllByRole('treeitem').map((row) => row.textContent?.match(/^[a-z]+/)?.[0]);

describe('the tree', () => {
  test('opens what is few, and the rest at a press of the right key', async () => {
    show();
    expect(await screen.findByText('status')).toBeInTheDocument();
    expect(names()).toEqual(['dam', 'lab', 'status']);
    const tree = screen.getByRole('tree');
    fireEvent.keyDown(tree, { key: 'ArrowDown' });
    fireEvent.keyDown(tree, { key: 'ArrowRight' });
    expect(await screen.findByText('strain')).toBeInTheDocument();
    expect(screen.getByRole('treeitem', { name: /lab/ })).toHaveAttribute('aria-expanded', 'true');
    fireEvent.keyDown(tree, { key: 'ArrowLeft' });
    await waitFor(() => expect(names()).toEqual(['dam', 'lab', 'status']));
  });

  test('says which topics are new, recognised and parsed', async () => {
    show('?site=1&path=dam/lab/strain');
    expect(await screen.findByRole('treeitem', { name: /strain.*new/ })).toHaveAttribute('aria-selected', 'true');
    expect(screen.getByRole('treeitem', { name: /status/ })).toHaveTextContent('on');
  });

  test('typing a letter goes to the next name, and Enter opens it', async () => {
    show();
    await screen.findByText('status');
    const tree = screen.getByRole('tree');
    fireEvent.keyDown(tree, { key: 's' });
    fireEvent.keyDown(tree, { key: 'Enter' });
    await waitFor(() => expect(window.location.search).toContain('path=dam%2Fstatus'));
  });

  test('an MQTT filter is asked for as one, words as words, and what is found stands open', async () => {
    const asked = show('?find=%2B/lab/%23');
    expect(await screen.findByText('1 topic found')).toBeInTheDocument();
    expect(names()).toEqual(['damnew', 'labnew', 'strainnew']);
    expect(asked.find(({ query }) => query.includes('match=%2B%2Flab%2F%23'))).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Show all topics' }));
    expect(await screen.findByText('status')).toBeInTheDocument();
  });

  test('without topics it says how one comes to be', async () => {
    answers['GET topic-tree/'] = { prefix: '', nodes: [], is_cut: false };
    show();
    expect(await screen.findByText('No topics yet')).toBeInTheDocument();
    expect(await screen.findByText('mosquitto_pub -h broker.example -q 1 -t dam/hello -m hi')).toBeInTheDocument();
  });

  test('that cannot be read says so', async () => {
    answers['GET topic-tree/'] = () => refusal(503, 'too_slow', 'Ask for less.');
    show();
    expect(await screen.findByText('The topics could not be loaded.')).toBeInTheDocument();
  });
});

describe('one topic', () => {
  test('shows its newest message, and what has changed since the one before', async () => {
    show('?site=1&path=dam/lab/strain');
    expect(await screen.findByText(/"value": 2/)).toBeInTheDocument();
    fireEvent.keyDown(document.documentElement, { key: 'd' });
    expect(await screen.findByText('1 line is different')).toBeInTheDocument();
    expect(screen.getByText(/"value": 1/)).toHaveTextContent('−');
  });

  test('an older message is a press away', async () => {
    show('?site=1&path=dam/lab/strain');
    await screen.findByText(/"value": 2/);
    fireEvent.keyDown(document.documentElement, { key: '[' });
    expect(await screen.findByText(/"value": 1/)).toBeInTheDocument();
  });

  test('that nobody reads is told why, tried with a parser, and activated with it', async () => {
    const asked = show('?site=1&path=dam/lab/strain');
    expect(await screen.findByText('No parser recognises this topic')).toBeInTheDocument();
    expect(await screen.findByText('level 2 is “lab”, not “gateway”')).toBeInTheDocument();
    const trial = screen.getByRole('region', { name: 'Try a parser' });
    expect(screen.getByRole('button', { name: 'Activate parsing' })).toBeDisabled();
    await userEvent.selectOptions(screen.getByLabelText('Read with'), 'telemetry');
    await userEvent.click(within(trial).getByRole('button', { name: 'Try on the newest' }));
    expect(await within(trial).findByText('1 reading would be stored')).toBeInTheDocument();
    expect(within(trial).getByText('New devices: MAS900001')).toBeInTheDocument();

    await userEvent.click(screen.getByRole('button', { name: 'Activate parsing' }));
    expect(await screen.findByText('Written. It applies from the next messages on.')).toBeInTheDocument();
    expect(asked.find(({ what }) => what === 'POST topics/')?.body).toEqual({
      connection: 4, topic_pattern: 'dam/lab/strain', qos_level: 1, is_active: true, parser_name: 'telemetry',
    }); // biome-ignore format: a row
  });

  test('a viewer sees all of it and is offered no change', async () => {
    show('?site=1&path=dam/lab/strain', 'viewer');
    expect(await screen.findByText('No parser recognises this topic')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Activate parsing' })).not.toBeInTheDocument();
    expect(screen.queryByRole('region', { name: 'Try a parser' })).not.toBeInTheDocument();
  });

  test('a level on which nothing comes says so', async () => {
    answers['GET discovered-topics/'] = page();
    show('?site=1&path=dam/lab');
    expect(await screen.findByText(/no message comes on this level itself/)).toBeInTheDocument();
  });
});

describe('topics that are alike', () => {
  test('are read or muted as one', async () => {
    const template = {
      template: '{site}/console', filter: 'dam/console', example: 'dam/console', example_id: 5, topics: 1, messages: 8,
      with_parser: 0, unlisted: 0, parsers: [], first_seen_at: ago(60), last_seen_at: ago(5), state: 'unsubscribed',
    }; // biome-ignore format: a row
    answers['GET topic-templates/'] = {
      site_id: 1, templates: [template], is_cut: false, cap: 10_000, is_full: false, muted: [],
      coverage: { site_id: 1, topics: 1, topics_with_parser: 0, messages: 8, messages_with_parser: 4, unlisted: 0, share: 0.5 },
    }; // biome-ignore format: a row
    answers['POST topic-templates/parse/'] = rule;
    const asked = show('?site=1&view=alike');
    expect(await screen.findByText('50 % of 8 messages have a parser.')).toBeInTheDocument();
    // Whoever says the word that stands on it presses it.
    expect(screen.getByText('Map').closest('a')).toHaveAccessibleName('Map {site}/console');
    await userEvent.click(screen.getByRole('button', { name: 'Parse' }));
    await waitFor(() => {
      const sent = asked.find(({ what }) => what === 'POST topic-templates/parse/');
      expect(sent?.body).toEqual({ site: 1, template: '{site}/console', parser_name: '' });
    });
  });

  test('a site is chosen first', async () => {
    show('?view=alike');
    expect(await screen.findByText('Pick a site to see which of its topics are alike')).toBeInTheDocument();
  });
});

describe('listening to everything', () => {
  const report = {
    topics: 3, topics_without_parser: 1, templates_in_all: 1, unlisted_messages: 0,
    templates: [{ template: '{site}/lab/{n}', filter: 'dam/lab/+', topics: 3, messages: 9, parsers: [], state: 'parsed' }],
  }; // biome-ignore format: a row
  const listened = (id: number, finished_at: string | null) => ({
    id, site_id: 1, started_at: ago(100), started_by: 'ada', until: ago(-200), with_system: false, finished_at, report,
  }); // biome-ignore format: a row

  test('begins for the time one chooses, and tells what is new so far and was new before', async () => {
    answers['GET mqtt/site/1/discoveries/'] = [listened(2, null), listened(1, ago(5))];
    answers['POST mqtt/site/1/force-discovery/'] = {};
    const asked = show('?site=1');
    await userEvent.click(await screen.findByRole('button', { name: 'Discover…' }));
    expect(await screen.findByText(/3 new topics so far. 1 without a parser./)).toBeInTheDocument();
    expect(screen.getByText('3 new topics.')).toBeInTheDocument();
    await userEvent.selectOptions(screen.getByLabelText('For'), '30 min');
    await userEvent.click(screen.getByRole('switch', { name: /SYS/ }));
    await userEvent.click(screen.getByRole('button', { name: 'Listen to everything' }));
    await waitFor(() => {
      const sent = asked.find(({ what }) => what === 'POST mqtt/site/1/force-discovery/');
      expect(sent?.query).toBe('?minutes=30&system=true');
    });
  });

  test('is for operators; a viewer reads the reports', async () => {
    answers['GET mqtt/site/1/discoveries/'] = [
      { ...listened(1, ago(5)), with_system: true, report: { ...report, system_refused: true } },
    ];
    show('?site=1&discovery=true', 'viewer');
    expect(await screen.findByText('3 new topics.')).toBeInTheDocument();
    expect(screen.getByText(/\$SYS was refused by the broker/)).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Listen to everything' })).not.toBeInTheDocument();
  });
});

test('a pasted message is tried, and kept as a test case under a name', async () => {
  answers['POST parser-cases/'] = {};
  const asked = show('?site=1&path=dam/lab/strain');
  await userEvent.click(await screen.findByRole('button', { name: 'Paste one' }));
  await userEvent.click(screen.getByLabelText(/as it would come/));
  await userEvent.paste('{"value":7}');
  await userEvent.click(screen.getByRole('button', { name: 'Try on the pasted one' }));
  await userEvent.clear(await screen.findByLabelText('Name of the test case'));
  await userEvent.type(screen.getByLabelText('Name of the test case'), 'seven');
  await userEvent.click(screen.getByRole('button', { name: 'Keep as test case' }));
  await waitFor(() => {
    expect(asked.find(({ what }) => what === 'POST parsers/try/')?.body).toMatchObject({
      topic: 'dam/lab/strain', text: '{"value":7}',
    }); // biome-ignore format: a row
    expect(asked.find(({ what }) => what === 'POST parser-cases/')?.body).toMatchObject({
      name: 'seven', parser_name: 'telemetry', payload: tried.payload,
    }); // biome-ignore format: a row
  });
});

test('of more failures than are shown it is said how many there are', async () => {
  const faults = [{ path: 'value', reason: 'schema', words: 'this is no number' }];
  const items = Array.from({ length: 13 }, (_, second) => ({
    ...tried, received_at: ago(second), fate: 'failed', passes: false, faults, readings: [], readings_in_all: 0,
  })); // biome-ignore format: a row
  answers['POST parsers/try-topic/'] = {
    tried: 14, passed: 1, failed: 13, skipped: 0, readings: 2, with_readings: 1, took_ms: 1, items: [...items, tried],
  }; // biome-ignore format: a row
  show('?site=1&path=dam/lab/strain');
  await userEvent.click(await screen.findByRole('button', { name: 'Try on all kept' }));
  expect(await screen.findByText('3 more fail; the newest are shown.')).toBeInTheDocument();
  expect(screen.getByText('1 of 14 messages gave 2 readings.')).toBeInTheDocument();
  expect(screen.getAllByText('this is no number')).toHaveLength(10);
});
