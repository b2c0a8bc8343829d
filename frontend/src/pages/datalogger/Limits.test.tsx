import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { page, refusal, serve, showPage } from '@/test/page';

vi.mock('uplot', () => ({
  default: class {
    cursor = { idx: null };
    select = { width: 0 };
    over = document.createElement('div');
    data = [[]];
    setData(): void {}
    setSize(): void {}
    destroy(): void {}
  },
}));

const device = {
  id: 8, site_id: 1, gateway_id: null, serial: 'PZ203', kind: '', firmware: '', status: 'online', status_since: '2026-01-01T00:00:00Z',
  offline_reason: '', last_seen_at: '2026-01-01T00:00:00Z', interval_s: 10, expected_interval_s: 10, interval_from: 'device', metadata: {}, first_seen_at: '2026-01-01T00:00:00Z',
  latest: [], name: '', tags: [], muted_until: null,
}; // biome-ignore format: a row
const pressure = {
  id: 14, site_id: 1, datalogger_id: 8, key: 'pressure', kind: '', unit: 'kPa', components: ['value'], latest_values: [243.5],
  latest_time: '2026-01-01T00:00:00Z', latest_received_at: '2026-01-01T00:00:00Z', latest_quality: 'good',
  label: '', own_unit: '', lower_limit: null, upper_limit: null,
}; // biome-ignore format: a row
const chart = {
  sensor: 14, unit: 'kPa', components: ['value'], from: '1970-01-01T00:00:00Z', to: '1970-01-01T00:00:21Z', bucket_s: 10, time: [1, 11],
  count: [1, 1], series: [{ component: 'value', min: [1, 3], avg: [2, 4], max: [3, 5] }],
}; // biome-ignore format: a row

let sensor: typeof pressure | object;
let answers: Record<string, object>;

beforeEach(() => {
  sensor = pressure;
  answers = {
    'GET dataloggers/8/': device,
    'GET sensors/': () => page(sensor),
    'GET sites/1/': { id: 1, name: 'The dam', timezone: 'Europe/Rome' },
    'GET sensors/14/readings': chart,
    'PATCH sensors/14/': (change: unknown) => {
      sensor = { ...sensor, ...(change as object) };
      return sensor;
    },
  };
});

function shown(role: 'viewer' | 'operator' = 'operator') {
  const asked = serve(answers);
  showPage('/dataloggers/8?show=14&from=0&to=21', role);
  return asked;
}

test('an operator names a value, and says its unit and its limits', async () => {
  const asked = shown();
  await userEvent.click(await screen.findByRole('button', { name: 'Label and limits' }));
  const dialog = await screen.findByRole('dialog', { name: 'Label, unit and limits of pressure' });
  await userEvent.type(within(dialog).getByRole('textbox', { name: 'Label' }), 'Pier 2');
  await userEvent.type(within(dialog).getByRole('textbox', { name: 'Unit' }), 'bar');
  await userEvent.type(within(dialog).getByRole('textbox', { name: 'Lower limit' }), '-1.5');
  await userEvent.type(within(dialog).getByRole('textbox', { name: 'Upper limit' }), '4');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Save' }));
  expect(await screen.findByRole('heading', { name: 'Pier 2' })).toBeInTheDocument();
  expect(asked.find(({ what }) => what === 'PATCH sensors/14/')?.body).toEqual({
    label: 'Pier 2',
    own_unit: 'bar',
    lower_limit: -1.5,
    upper_limit: 4,
  });
  expect(screen.getByText(/Beyond its limits \(.1\.5 … 4 bar\)/)).toBeInTheDocument();
  expect(screen.getByRole('button', { name: /Pier 2/ })).toBeInTheDocument();
});

test('a label is what the table and the file call a value', async () => {
  sensor = { ...pressure, label: 'Pier 2' };
  const names: string[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    names.push(this.download);
  });
  URL.createObjectURL = () => 'blob:';
  URL.revokeObjectURL = () => undefined;
  shown();
  await userEvent.click(await screen.findByRole('button', { name: 'CSV' }));
  expect(names).toEqual(['Pier 2.csv']);
  await userEvent.click(screen.getByRole('radio', { name: 'Table' }));
  expect(await screen.findByRole('table', { name: 'Pier 2' })).toBeInTheDocument();
});

test('values within their limits are said to be', async () => {
  sensor = { ...pressure, upper_limit: 5 };
  shown();
  expect(await screen.findByText(/Limits: ≤ 5 kPa\./)).toBeInTheDocument();
});

test('what the server refuses stands where it was written', async () => {
  answers['PATCH sensors/14/'] = () =>
    refusal(422, 'invalid', 'Not valid.', { upper_limit: 'The upper limit must be above the lower one.' });
  shown();
  await userEvent.click(await screen.findByRole('button', { name: 'Label and limits' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Save' }));
  expect(await screen.findByText('The upper limit must be above the lower one.')).toBeInTheDocument();
});

test('a viewer sees limits and changes none', async () => {
  shown('viewer');
  expect(await screen.findByText(/4 kPa at last/)).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Label and limits' })).not.toBeInTheDocument();
});
