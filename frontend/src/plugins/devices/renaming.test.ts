import { expect, test } from 'vitest';
import { datalogger } from '@/test/rows';
import { renamed, tagsOf } from './renaming';

const rows = [10, 2, 1].map((id) => datalogger({ id, serial: `PZ${id}`, name: '' }));

test('numbers count in the order of the serials', () => {
  expect([...renamed('Pier {n}', rows)]).toEqual([
    [1, 'Pier 1'],
    [2, 'Pier 2'],
    [10, 'Pier 3'],
  ]);
});

test('with ten and more they have the same width', () => {
  const many = Array.from({ length: 12 }, (_, id) => datalogger({ id, serial: `S${id}` }));
  expect(renamed('{n}', many).get(0)).toBe('01');
});

test('what a device is may stand in its name, and what is no slot stays', () => {
  expect(renamed('{site} {type} {serial} {x}', rows).get(2)).toBe('Diga di Valdora piezometer PZ2 {x}');
});

test.each([
  ['north, pier,,north ', ['north', 'pier']],
  ['  ', []],
])('"%s" are the tags %j', (text, tags) => expect(tagsOf(text)).toEqual(tags));
