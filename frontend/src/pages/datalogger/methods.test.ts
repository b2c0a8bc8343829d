import { expect, test } from 'vitest';
import { BLANK, METHODS, paramsOf, placeOf } from './methods';

test.each(METHODS.filter((method) => /start|stop|status/.test(method)))('%s needs nothing', (method) => {
  expect(paramsOf(method, BLANK, 'MNA1')).toEqual({});
});

test('a query of data names the device, the axes and how many points', () => {
  expect(paramsOf('query_data', { ...BLANK, axes: 'X,Z', points: '500' }, 'MNA1')).toEqual({
    query_type: 'resampled_vibration', device_names: ['MNA1'], start_time: 'now-1h', end_time: 'now', axes: ['X', 'Z'],
    target_total_points: 500,
  }); // biome-ignore format: a list
});

test.each([
  [{ points: 'many' }, 'points'],
  [{ from: 'yesterday' }, 'from'],
  [{ to: '' }, 'to'],
])('with %o the field %s is wrong', (changes, field) => {
  expect(paramsOf('query_data', { ...BLANK, ...changes }, 'MNA1')).toBe(field);
});

test('a configuration is an object, and no other JSON', () => {
  expect(paramsOf('set_config', { ...BLANK, config: '{"rate": 2}' }, 'MNA1')).toEqual({ config_data: { rate: 2 } });
  for (const config of ['[1]', 'null', '{'])
    expect(paramsOf('set_config', { ...BLANK, config }, 'MNA1')).toBe('config');
});

test.each([
  [
    ['dam/gateway/2/datalogger/all/status', 'dam/gateway/1/datalogger/env/3/heartbeat'],
    { gateway: '1', datalogger: 'env/3' },
  ],
  [['dam/gateway/1/datalogger/monstro/status'], { gateway: '1', datalogger: 'monstro' }],
  [['dam/gateway/4/dataloggers/telemetry'], { gateway: '4', datalogger: 'gallery_2' }],
  [[], { gateway: '7', datalogger: 'gallery_2' }],
])('of %j the place is %o', (topics, place) => {
  expect(placeOf(topics, 'dam-gateway_7', 'gallery_2')).toEqual(place);
});
