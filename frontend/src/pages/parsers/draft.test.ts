import { expect, test } from 'vitest';
import {
  definitionOf,
  draftOf,
  expressionOf,
  faultsOf,
  filterOf,
  keyOf,
  levelsOf,
  nameOf,
  newSensor,
  wordsOf,
} from './draft';

test('a definition survives the fields, and what says nothing is left out', () => {
  const definition = {
    template: '{site}/weather/{place}', device_from: 'id', gateway: 'weather-{place}', time: 'at', text_numbers: true,
    interval: 60,
    sensors: [
      { each: 'sky', key_from: 'what', value: 'speed', unit: 'km/h', scale: 3.6 },
      { key: 'pump', value: 'pump', enumeration: { on: 1, off: 0 }, offset: -1, components: ['a', 'b'] },
    ],
  }; // biome-ignore format: a list
  expect(definitionOf(draftOf(definition))).toEqual(definition);
});

test('a number may have a comma, and what is none is refused by the server, not sent as another', () => {
  const draft = draftOf({ template: 'a', device: 'd', sensors: [] });
  const sensors = [newSensor({ value: 'v', scale: '0,1' }), newSensor({ value: 'v', scale: 'x' })];
  const [tenth, none] = definitionOf({ ...draft, sensors }).sensors;
  expect(tenth?.scale).toBe(0.1);
  expect(JSON.parse(JSON.stringify(none)).scale).toBeNull();
});

test.each([
  ['on=1, off=0', { on: 1, off: 0 }],
  ['a=b=2', { 'a=b': 2 }],
  ['', {}],
])('the words of "%s"', (text, words) => expect(wordsOf(text)).toEqual(words));

test('a word without a number is not forgotten', () => {
  expect(JSON.stringify(wordsOf('on'))).toBe('{"on":null}');
});

test.each([
  ['wind.speed', 'wind.speed', 'speed'],
  ['sky[0].speed', 'sky[0].speed', 'speed'],
  ['battery.value', 'battery.value', 'battery'],
  ['["wind speed"].now', '"wind speed".now', 'now'],
  ['a["b c"][2]', 'a."b c"[2]', 'b c'],
])('the place %s is the expression %s, and may be called %s', (path, expression, key) => {
  expect(expressionOf(path)).toBe(expression);
  expect(keyOf(path)).toBe(key);
});

test('a template tells its levels and a name', () => {
  expect(levelsOf('{site}/gateway/{n}/MNA{n2}')).toEqual(['site', 'n', 'n2']);
  expect(nameOf('{site}/gateway/{n}/Weather State')).toBe('gateway_weather_state');
  expect(nameOf('{site}/{n}')).toBe('mapping');
  expect(filterOf('{site}/gateway/{n}/MNA{n2}', 'dam')).toBe('dam/gateway/+/+');
});

test('what the server says of a field stands at that field', () => {
  const fields = {
    'definition.template': 'Value error, A template has at least one level that is not open.',
    'definition.sensors.1.key_from': 'no expression',
    'definition.sensors.0.enumeration.on': 'no number',
    definition: 'Value error, Give either device or device_from.',
  };
  expect(faultsOf(fields)).toEqual({
    template: 'A template has at least one level that is not open.',
    'sensors.1.key': 'no expression',
    'sensors.0.enumeration': 'no number',
    '': 'Give either device or device_from.',
  });
});
