import { expect, test } from 'vitest';
import { ago, datalogger, gateway, overview, site } from '@/test/rows';
import { attention, withKnown } from './attention';

const connection = site().connection as NonNullable<ReturnType<typeof site>['connection']>;
const of = (
  sites: ReturnType<typeof site>[],
  dataloggers = [] as ReturnType<typeof datalogger>[],
  gateways = [] as ReturnType<typeof gateway>[],
) => attention(overview(sites), dataloggers, gateways, Date.now());

test('a live site with devices that speak needs none', () => {
  expect(of([site()], [datalogger()], [gateway()])).toEqual([]);
});

test('a link that is down says why, which attempt it is and when the next comes', () => {
  const down = {
    ...connection,
    status: 'error' as const,
    last_error: 'Connection refused',
    mqtt_retry_count: 4,
    mqtt_next_retry: ago(-18),
  };
  const [item] = of([site({ word: 'down', link: 'down', connection: down })]);
  expect(item?.reason).toBe('Connection refused · attempt 4 · next in 18 s');
});

test('a silent device says since when and what was expected, and a site that is quiet because of it says nothing more', () => {
  const silent = datalogger({ status: 'offline', offline_reason: 'silent', last_seen_at: ago(840) });
  const items = of([site({ word: 'quiet' })], [silent]);
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({ kind: 'datalogger', name: 'PZ203', reason: 'Fell silent; expected every 15 s' });
});

test('what a fallen gateway explains is not told again', () => {
  const behind = datalogger({ status: 'offline', offline_reason: 'gateway' });
  const items = of([site()], [behind], [gateway({ status: 'offline', offline_reason: 'declared' })]);
  expect(items.map((item) => item.kind)).toEqual(['gateway']);
});

test('behind a link that is down nothing can be said of devices', () => {
  const items = of(
    [site({ word: 'down', link: 'down' })],
    [datalogger({ status: 'offline', offline_reason: 'silent' })],
  );
  expect(items.map((item) => item.kind)).toEqual(['connection']);
});

test('paused sites and wishes on their way need none', () => {
  expect(of([site({ word: 'paused', link: 'paused' }), site({ word: 'applying', link: 'applying' })])).toEqual([]);
});

test('the worst comes first, and of equals the longest', () => {
  const items = of(
    [site({ id: 2, name: 'B', word: 'late', data: 'late' }), site({ id: 3, name: 'C', word: 'down', link: 'down' })],
    [
      datalogger({
        id: 8,
        site_id: 2,
        serial: 'young',
        status: 'offline',
        offline_reason: 'silent',
        last_seen_at: ago(60),
      }),
      datalogger({
        id: 9,
        site_id: 2,
        serial: 'old',
        status: 'offline',
        offline_reason: 'silent',
        last_seen_at: ago(600),
      }),
    ],
  );
  expect(items.map((item) => item.name)).toEqual(['C', 'old', 'young', 'B']);
});

test('what somebody knows of carries their words, and nothing else does', () => {
  const silent = datalogger({ status: 'offline', offline_reason: 'silent', last_seen_at: ago(840) });
  const items = of([site()], [silent, { ...silent, id: 8, serial: 'PZ204' }]);
  const known = { id: 1, site_id: 1, gateway_id: null, datalogger_id: 7, note: 'Battery', by: 'Ada', at: ago(60) };
  expect(withKnown(items, [known]).map((item) => [item.name, item.known?.note])).toEqual([
    ['PZ203', 'Battery'],
    ['PZ204', undefined],
  ]);
});

test('devices of a site that sleeps need none', () => {
  expect(of([site({ word: 'asleep', data: 'asleep' })], [datalogger({ status: 'offline' })])).toEqual([]);
});
