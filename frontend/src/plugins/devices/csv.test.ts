import { expect, test } from 'vitest';
import { datalogger } from '@/test/rows';
import { csv, csvField } from './csv';

test.each([
  ['plain', 'plain'],
  [null, ''],
  [15, '15'],
  [-3, '-3'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'],
  ['-1+1', "'-1+1"],
])('%s is written as %s', (value, field) => expect(csvField(value)).toBe(field));

test('a device is one line under the names of its columns', () => {
  const [head, line] = csv([datalogger({ serial: 'PZ203', firmware: '1.9.0' })]).split('\r\n');
  expect(head?.split(',').slice(0, 3)).toEqual(['site_name', 'gateway_serial', 'serial']);
  expect(line).toContain('Diga di Valdora,gateway_1,PZ203,,,piezometer,online');
});
