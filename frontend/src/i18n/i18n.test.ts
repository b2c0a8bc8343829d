import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { catalogue, setLanguage, t } from '.';
import { bytes, moment, number, pace, span } from './format';

afterEach(() => setLanguage('en'));

const texts = catalogue({
  found: {
    en: { one: '{count} topic', other: '{count} topics' },
    it: { one: '{count} argomento', other: '{count} argomenti' },
  },
  hello: { en: 'Hello {name}' },
});

test('a text is said in the language of the person, and in English where it has none', () => {
  setLanguage('it');
  expect(t(texts.found, { count: 1 })).toBe('1 argomento');
  expect(t(texts.hello, { name: 'Ada' })).toBe('Hello Ada');
});

test('one is not many', () => {
  expect(t(texts.found, { count: 1 })).toBe('1 topic');
  expect(t(texts.found, { count: 1200 })).toBe('1,200 topics');
});

test.each([
  [0, '0'],
  [-12.34567, '\u221212.346'],
  [1234.567, '1234.6'],
  [123456, '123,460'],
  [0.00001234, '1.234e\u22125'],
])('%d reads %s', (value, text) => expect(number(value)).toBe(text));

test.each([
  [0.4, '0 s'],
  [59, '59 s'],
  [61, '1 min'],
  [3600 * 3 + 60 * 20, '3 h 20 min'],
  [3600 * 12 + 60 * 20, '12 h'],
  [86_400 * 5, '5 d'],
])('%d seconds read %s', (seconds, text) => expect(span(seconds)).toBe(text));

test.each([
  [0.5, '0.5 s'],
  [15, '15 s'],
  [60, '1 min'],
  [90, '1 min 30 s'],
  [900, '15 min'],
  [5400, '1 h 30 min'],
])('what comes every %d seconds comes every %s', (seconds, text) => expect(pace(seconds)).toBe(text));

test.each([
  [0, '0 B'],
  [226_000, '226 kB'],
  [1_540_000, '1.5 MB'],
])('%d bytes read %s', (value, text) => expect(bytes(value)).toBe(text));

test('a moment and a number are told in the language and the zone of the moment, whatever was told before', () => {
  const noon = '2026-11-27T12:00:00Z';
  expect([moment(noon, 'UTC'), moment(noon, 'Europe/Rome')]).toEqual([
    expect.stringContaining('12:00:00'),
    expect.stringContaining('13:00:00'),
  ]);
  expect([number(1234.5), number(123_456)]).toEqual(['1234.5', '123,460']);
  setLanguage('it');
  expect(moment(noon, 'UTC')).toMatch(/^27 nov 2026, 12:00:00/);
  expect([number(1234.5), number(123_456)]).toEqual(['1234,5', '123.460']);
  expect(moment('yesterday')).toBe('Invalid Date');
});

test('no text is written down in three rooms', () => {
  const places = new Map<string, string[]>();
  for (const name of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
    if (!/(strings|texts)\.ts$/.test(name)) continue;
    for (const [, en, it] of readFileSync(`src/${name}`, 'utf8').matchAll(/en: ('[^']*'), it: ('[^']*')/g)) {
      places.set(`${en} ${it}`, [...(places.get(`${en} ${it}`) ?? []), name]);
    }
  }
  expect([...places].filter(([, names]) => names.length > 2)).toEqual([]);
});
