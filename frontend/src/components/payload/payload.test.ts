import { describe, expect, test } from 'vitest';
import { badPaths, bytesOf, difference, hexOf, isBad, markedLines, mosquittoPub, prettyOf, textOf } from './payload';

const bytes = (text: string) => new TextEncoder().encode(text);

test('what was sent is read byte for byte', () => {
  expect([...bytesOf('AP9h')]).toEqual([0, 255, 97]);
  expect(textOf(bytesOf('AP9h'))).toBeNull();
  expect(textOf(bytes('è'))).toBe('è');
});

test('a character that is cut in two does not make a text unreadable', () => {
  expect(textOf(bytes('perché').slice(0, 6), true)).toBe('perch');
});

describe('pretty', () => {
  test('JSON gets lines, and short lists of numbers keep theirs', () => {
    expect(prettyOf('{"a":[1,-2.5],"b":"x"}')).toBe('{\n  "a": [1, -2.5],\n  "b": "x"\n}');
  });

  test.each(['online', '{"a":', '', '12'])('%j is no document', (text) => expect(prettyOf(text)).toBeNull());
});

test('hex shows what no text can', () => {
  expect(hexOf(bytes('\x01ABC'))).toBe(`000000  01 41 42 43${' '.repeat(36)}  .ABC`);
});

describe('a difference', () => {
  test.each([
    ['a\nb\nc', 'a\nx\nc', ' a\n-b\n+x\n c'],
    ['a', 'a', ' a'],
    ['a\nb', 'a\nb\nc', ' a\n b\n+c'],
    ['a\nb\nc\nd', 'b\nd', '-a\n b\n-c\n d'],
    ['', 'a', '-\n+a'],
  ])('from %j to %j', (before, after, expected) => {
    const signs = { same: ' ', gone: '-', new: '+' };
    const lines = difference(before, after).map(({ kind, text }) => signs[kind] + text);
    expect(lines.join('\n')).toBe(expected);
  });

  test('of two long messages is told, too', () => {
    const lines = Array.from({ length: 600 }, (_, line) => `"value": ${line}`);
    const changed = lines.map((line, place) => (place % 7 ? line : `${line}.5`));
    const found = difference(lines.join('\n'), changed.join('\n'));
    expect(found.filter(({ kind }) => kind === 'new')).toHaveLength(86);
  });
});

test('a message can be sent again from a shell, whatever stands in it', () => {
  expect(mosquittoPub('10.0.0.1', 1884, "a b/'c", '{"x": 1}', 1)).toBe(
    "mosquitto_pub -h 10.0.0.1 -p 1884 -q 1 -t 'a b/'\\''c' -m '{\"x\": 1}'",
  );
});

describe('a bad place', () => {
  const message =
    'dataloggers[0].devices[1].value[2]: schema: Input should be a valid number; sensors["a b"].x: schema: Field required';

  test('is found in the words of the failure', () => {
    expect(badPaths(message)).toEqual(['dataloggers[0].devices[1].value[2]', 'sensors["a b"].x']);
    expect(badPaths('EOF while parsing a string at byte 297')).toEqual([]);
  });

  test('is marked in the message, also within a list on one line', () => {
    const text = JSON.stringify({
      dataloggers: [{ devices: [{ value: [1] }, { value: [1, 2, 'NaN'] }] }],
      'a b': null,
    });
    const lines = markedLines(text) ?? [];
    const marked = lines.filter((line) => isBad(line.path, badPaths(message)));
    expect(marked.map((line) => line.text.trim())).toEqual(['"value": [1, 2, "NaN"]']);
    expect(JSON.parse(lines.map((line) => line.text).join('\n'))).toEqual(JSON.parse(text));
  });

  test.each(['{"a":', 'online', '12'])('%j has no places', (text) => expect(markedLines(text)).toBeNull());
});
