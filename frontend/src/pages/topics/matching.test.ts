import { describe, expect, test } from 'vitest';
import { hasWildcard, isFilter, matches, nearest, type Rule, wishFor } from './matching';
import table from './matching.json';

test.each(table as [string, string, boolean][])('%s takes %s: %s', (pattern, topic, expected) => {
  expect(matches(pattern, topic)).toBe(expected);
});

test.each(['', 'a/#/b', 'a#', 'a+/b'])('%j is no filter', (pattern) => expect(isFilter(pattern)).toBe(false));

test('plain words are searched as words', () => {
  expect(hasWildcard('gateway')).toBe(false);
  expect(hasWildcard('C++')).toBe(false);
  expect(hasWildcard('+/status')).toBe(true);
});

describe('what is wished for a topic', () => {
  const rule = (topic_pattern: string, more: Partial<Rule> = {}): Rule => ({
    id: 1, site_id: 1, topic_pattern, is_active: true, is_muted: false, parser_name: '', ...more,
  }); // biome-ignore format: a row
  test.each([
    [[rule('a/#')], 'parsed'],
    [[rule('a/#'), rule('a/b', { is_active: false })], 'ignored'],
    [[rule('a/#'), rule('a/b', { is_active: false, is_muted: true })], 'muted'],
    [[rule('c')], 'unwanted'],
    [[rule('a/#', { site_id: 2 })], 'unwanted'],
  ] as const)('%#: %s', (rules, wish) => expect(wishFor([...rules], 1, 'a/b').wish).toBe(wish));
});

test('a topic that nobody recognises is told where the nearest parsers differ', () => {
  const parsers = [
    { name: 'telemetry', patterns: ['+/gateway/+/telemetry', '+/gateway/+/dataloggers/telemetry'] },
    { name: 'beacon', patterns: ['+/backend/status'] },
    { name: 'long', patterns: ['+/gateway/+/strain/+/x'] },
  ];
  expect(nearest(parsers, 'site/gateway/1/strain')).toEqual([
    { parser: 'long', pattern: '+/gateway/+/strain/+/x', level: 6, wanted: 'x', found: null },
    { parser: 'telemetry', pattern: '+/gateway/+/telemetry', level: 4, wanted: 'telemetry', found: 'strain' },
    { parser: 'beacon', pattern: '+/backend/status', level: 2, wanted: 'backend', found: 'gateway' },
  ]);
});
