import { expect, test } from 'vitest';
import { absences, type Line } from './lines';
import { logsSearch, timesOf } from './search';

const line = (id: number, second: number, message: string, retry_attempt = 0, connection_id = 1): Line => ({
  id, connection_id, message, retry_attempt, level: 'INFO', timestamp: new Date(second * 1000).toISOString(),
}); // biome-ignore format: a row

test('a link that came back says how long it was away, each connection for itself', () => {
  const lines = [
    line(6, 100, 'Connected to b.', 0, 2),
    line(5, 90, 'Connected to a.'),
    line(4, 40, 'No answer. Attempt 2.', 2),
    line(3, 30, 'No answer. Attempt 1.', 1),
    line(2, 20, 'No answer. Attempt 1.', 1, 2),
    line(1, 10, 'Connected to a.'),
  ];
  expect([...absences(lines)]).toEqual([
    [5, 60],
    [6, 80],
  ]);
});

const NOW = Date.parse('2026-11-26T10:20:00Z');

test('a span reaches back whole hours, so that looking again asks the same', () => {
  expect(timesOf({}, NOW)).toEqual({ from: '2026-11-25T10:00:00.000Z' });
  expect(timesOf({ span: '7d' }, NOW + 60_000)).toEqual({ from: '2026-11-19T10:00:00.000Z' });
});

test('an hour of the histogram is that hour alone', () => {
  const hour = Date.parse('2026-11-26T08:00:00Z') / 1000;
  expect(timesOf({ hour }, NOW)).toEqual({ from: '2026-11-26T08:00:00.000Z', to: '2026-11-26T09:00:00.000Z' });
});

test('filters that there are not are left out of the address', () => {
  const { level, state, sort, kind } = logsSearch({ level: 'LOUD', state: 'gone', sort: 'name', kind: 860 });
  expect([level, state, sort, kind]).toEqual([undefined, undefined, undefined, '860']);
});
