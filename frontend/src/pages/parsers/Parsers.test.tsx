import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';
import { page, refusal, serve, showPage } from '@/test/page';

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
const definition = {
  template: '{site}/weather/{place}',
  device: 'station-{place}',
  sensors: [{ key: 'wind', value: 'wind', unit: 'm/s' }],
};
const mapping = {
  id: 4, site_id: 1, name: 'weather', active: 1, newest: 2, template: definition.template, created_by: 'ada', created_at: ago(90),
  definition,
}; // biome-ignore format: a row
const text = '{"wind":3.5,"gust":{"value":"x"}}';
const tried = {
  origin: 'sample', id: 2, topic: 'dam/weather/roof', retain: false, received_at: ago(5), is_cut: false, payload: btoa(text), shown: {},
  fate: 'stored', passes: true, parser: 'draft', pattern: '', reason: '', trace: '', faults: [], took_ms: 0.4, new_gateways: [],
  new_devices: ['station-roof'], gateways: [], devices: [], readings_in_all: 1,
  readings: [
    { device: 'station-roof', sensor: 'wind', kind: '', components: ['value'], values: [3.5], unit: 'm/s', time: ago(5),
      claimed_time: null, quality: 'good', effect: 'add', before: null },
  ],
}; // biome-ignore format: a row
const counted = {
  tried: 1,
  passed: 1,
  failed: 0,
  skipped: 0,
  readings: 1,
  with_readings: 1,
  unread: [],
  took_ms: 1,
  items: [tried],
};
const version = (number: number, is_active = false) => ({
  number, definition, note: number > 1 ? 'in km/h' : '', is_active, created_by: 'ada', created_at: ago(60),
}); // biome-ignore format: a row
const kept = { id: 7, site_id: 1, name: 'calm', parser_name: 'weather', topic: 'dam/weather/roof' };

let answers: Record<string, object>;

beforeEach(() => {
  answers = {
    'GET me/': { username: 'ada', is_superuser: false },
    'GET sites/': page({ id: 1, name: 'The dam', slug: 'dam' }),
    'GET mappings/': page(mapping),
    'GET mappings/4/': mapping,
    'GET mappings/4/versions/': [version(2), version(1, true)],
    'GET parser-cases/': page(kept),
    'GET parsers/': [
      { name: 'tasmota', patterns: ['tele/+/SENSOR'], topics: '', version: '1', package: '', about: 'Plugs.' },
    ],
    'GET parsers/broken/': [],
    'GET discovered-topics/': page({ id: 9, topic_path: 'dam/weather/roof' }),
    'GET mappings/suggestion/': { definition, samples: 3 },
    'POST mappings/preview-topics/': counted,
    'POST mappings/4/test/': { passed: 1, failed: 0, items: [{ id: 7, name: 'calm', passed: true, differences: [] }] },
  };
});

function show(address: string, role: 'viewer' | 'operator' | 'admin' = 'operator') {
  const asked = serve(answers);
  showPage(address, role);
  return asked;
}

const NEW = '/parsers/new?site=1&topic=dam%2Fweather%2Froof';

describe('the parsers', () => {
  test('are the mappings, with which version reads, and those installed', async () => {
    show('/parsers');
    expect(await screen.findByRole('link', { name: 'weather' })).toBeInTheDocument();
    expect(screen.getByText(/version 1 reads/)).toHaveTextContent('version 2 waits');
    expect(await screen.findByText('tasmota')).toBeInTheDocument();
  });

  test('without a mapping it says how one begins', async () => {
    answers['GET mappings/'] = page();
    show('/parsers', 'viewer');
    expect(await screen.findByText('No mapping yet')).toBeInTheDocument();
    expect(screen.queryByRole('link', { name: 'New mapping' })).not.toBeInTheDocument();
  });

  test('that cannot be read say so', async () => {
    answers['GET mappings/'] = () => refusal(503, 'too_slow', 'Ask for less.');
    show('/parsers');
    expect(await screen.findByText('The parsers could not be loaded.')).toBeInTheDocument();
  });
});

describe('a new mapping', () => {
  test('begins with what the topic said, and shows at once which rows it would make', async () => {
    show(NEW);
    expect(await screen.findByText('Suggested from 3 messages.')).toBeInTheDocument();
    expect(screen.getByDisplayValue('{site}/weather/{place}')).toBeInTheDocument();
    expect(await screen.findByText('1 of 1 captured messages pass, 0 fail.')).toBeInTheDocument();
    expect(screen.getByRole('cell', { name: '3.5 m/s' })).toBeInTheDocument();
  });

  test('is tried again when it is changed, and a value that is clicked becomes a sensor', async () => {
    const asked = show(NEW);
    await userEvent.click(await screen.findByRole('button', { name: /"value": "x"/ }));
    expect(screen.getByDisplayValue('gust.value')).toBeInTheDocument();
    await waitFor(() => {
      const last = asked.filter(({ what }) => what === 'POST mappings/preview-topics/').at(-1);
      expect(last?.body).toMatchObject({
        site: 1,
        definition: { sensors: [{ key: 'wind' }, { key: 'gust', value: 'gust.value' }] },
      });
    });
  });

  test('says what is wrong at the field and keeps in sight what the draft made before', async () => {
    show(NEW);
    await screen.findByText('1 of 1 captured messages pass, 0 fail.');
    answers['POST mappings/preview-topics/'] = () =>
      refusal(422, 'invalid', 'The request is not valid.', {
        'definition.sensors.0.value': 'Value error, No expression.',
      });
    await userEvent.type(screen.getByLabelText('Value at'), '[[');
    expect(await screen.findByText('No expression.')).toBeInTheDocument();
    expect(screen.getByText('No preview: the draft is not valid yet.')).toBeInTheDocument();
    expect(screen.getByRole('cell', { name: '3.5 m/s' })).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Save the mapping' })).toBeDisabled();
  });

  test('marks in the message what could not be read', async () => {
    const faults = [{ path: 'gust.value', reason: 'schema', words: 'this is no number' }];
    answers['POST mappings/preview-topics/'] = {
      ...counted, passed: 0, failed: 1, items: [{ ...tried, passes: false, faults }],
    }; // biome-ignore format: a row
    show(NEW);
    expect(await screen.findByText('this is no number')).toBeInTheDocument();
    expect(screen.getByText(/"value": "x"/).tagName).toBe('MARK');
    expect(screen.getByText(/"wind": 3.5/).tagName).not.toBe('MARK');
  });

  test('that reads nothing of what was captured says so, and where it looked', async () => {
    answers['POST mappings/preview-topics/'] = {
      ...counted, passed: 0, failed: 1, readings: 0, with_readings: 0, unread: [{ sensor: 'wind', value: 'wnd' }],
      items: [{ ...tried, passes: false, readings: [], readings_in_all: 0 }],
    }; // biome-ignore format: a row
    show(NEW);
    expect(await screen.findByText('0 of 1 messages gave 0 readings.')).toBeInTheDocument();
    expect(screen.getByText('In none of them is anything at:')).toBeInTheDocument();
    expect(screen.getByText('wnd')).toBeInTheDocument();
    expect(screen.getByText(/Nothing would be read/)).toBeInTheDocument();
  });

  test('reads a pasted message, too', async () => {
    answers['POST mappings/preview/'] = { ...tried, topic: 'dam/weather/pier' };
    const asked = show(NEW);
    await userEvent.click(await screen.findByRole('radio', { name: 'Pasted' }));
    await userEvent.click(screen.getByLabelText('Message'));
    await userEvent.paste('{"wind":1}');
    expect(await screen.findByText('dam/weather/pier')).toBeInTheDocument();
    const sent = asked.filter(({ what }) => what === 'POST mappings/preview/').at(-1)?.body;
    expect(sent).toMatchObject({ topic: 'dam/weather/roof', text: '{"wind":1}' });
  });

  test('is saved under its name, and opens', async () => {
    answers['POST mappings/'] = { ...mapping, active: null, newest: 1 };
    const asked = show(NEW);
    await userEvent.click(await screen.findByRole('button', { name: 'Save the mapping' }));
    await waitFor(() => expect(window.location.pathname).toBe('/parsers/4'));
    expect(asked.find(({ what }) => what === 'POST mappings/')?.body).toMatchObject({
      site: 1,
      name: 'weather',
      definition,
    });
  });
});

describe('a mapping', () => {
  test('keeps the message that is shown as a test case of its newest version', async () => {
    answers['POST parser-cases/'] = kept;
    const asked = show('/parsers/4');
    await userEvent.click(await screen.findByRole('button', { name: 'Keep as test case' }));
    expect(await screen.findByText('Kept as test case.')).toBeInTheDocument();
    expect(asked.find(({ what }) => what === 'POST parser-cases/')?.body).toMatchObject({
      site: 1, topic: 'dam/weather/roof', payload: btoa(text), parser_name: 'weather', version: 2,
    }); // biome-ignore format: a row
  });

  test('that was changed is saved as one more version, and only then makes test cases', async () => {
    answers['POST mappings/4/versions/'] = version(3);
    const asked = show('/parsers/4');
    await screen.findByRole('button', { name: 'Keep as test case' });
    await userEvent.clear(await screen.findByLabelText('Scale'));
    await userEvent.type(screen.getByLabelText('Scale'), '3,6');
    expect(screen.queryByRole('button', { name: 'Keep as test case' })).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Save as version 3' }));
    await waitFor(() => {
      const sent = asked.find(({ what }) => what === 'POST mappings/4/versions/')?.body;
      expect(sent).toMatchObject({ definition: { sensors: [{ scale: 3.6 }] } });
    });
  });

  test('is not activated while its test cases fail, and says which', async () => {
    answers['POST mappings/4/activate/'] = () =>
      refusal(409, 'tests_do_not_pass', '1 of 1 test cases do not pass.', {
        calm: 'wind: expected [3.5], found [7.0]',
      });
    show('/parsers/4');
    await userEvent.click(await screen.findByRole('button', { name: 'Activate version 2' }));
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('Not activated. 1 of 1 test cases do not pass.');
    expect(within(alert).getByText(/expected \[3.5\], found \[7.0\]/)).toBeInTheDocument();
  });

  test('runs its test cases on the newest version, and takes what it makes as right when told so', async () => {
    answers['POST mappings/4/test/'] = {
      passed: 0, failed: 1, items: [{ id: 7, name: 'calm', passed: false, differences: ['wind: expected [3.5], found [7.0]'] }],
    }; // biome-ignore format: a row
    answers['PATCH parser-cases/7/'] = kept;
    const asked = show('/parsers/4');
    expect(await screen.findByText('Version 2: 0 pass, 1 fail.')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'It is right so' }));
    await waitFor(() => {
      expect(asked.find(({ what }) => what === 'PATCH parser-cases/7/')?.body).toEqual({ accept: true, version: 2 });
    });
  });

  test('is shown to a viewer, who can change nothing and tries nothing', async () => {
    const asked = show('/parsers/4', 'viewer');
    expect(await screen.findByLabelText('Value at')).toBeDisabled();
    expect(await screen.findByText('Version 2')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: /Activate|Delete the mapping|Save/ })).not.toBeInTheDocument();
    expect(asked.filter(({ what }) => what.startsWith('POST'))).toEqual([]);
  });

  test('that there is not, or that is not mine, is not shown', async () => {
    show('/parsers/99');
    expect(await screen.findByText('Not here, or not for you')).toBeInTheDocument();
  });
});
