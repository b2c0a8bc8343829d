import { describe, expect, test } from 'vitest';
import { ancestors, fold, keyOf, type Levels, type Node, TOP, type Topic, typed, visibleRows } from './tree';

function topic(topic_path: string, more: Partial<Topic> = {}): Topic {
  return {
    id: 1, site_id: 1, topic_path, topic_pattern: '', first_seen_at: '2026-11-26T10:00:00Z',
    last_seen_at: '2026-11-26T11:00:00Z', message_count: 10, is_processable: false, processor_name: '', ...more,
  } as Topic; // biome-ignore format: a row
}

const drawn = (levels: Levels, open: string[]) =>
  visibleRows(levels, new Set(open)).map(
    ({ node, depth, isOpen }) => `${'  '.repeat(depth - 1)}${isOpen ? '-' : '+'}${node.name}`,
  );

describe('folding', () => {
  const levels = fold([
    topic('a/b', { id: 2, message_count: 5, is_processable: true }),
    topic('a', { id: 1, last_seen_at: '2026-11-26T12:00:00Z' }),
    topic('a/c/d', { id: 3, first_seen_at: '2026-11-26T09:00:00Z' }),
    topic('//x', { id: 4, site_id: 2 }),
  ]);

  test('parents count themselves and all that is below', () => {
    expect(levels.get(TOP)?.find((node) => node.name === 'a')).toMatchObject({
      topic_id: 1, topics: 3, processable: 1, messages: 25, has_children: true,
      first_seen_at: '2026-11-26T09:00:00Z', last_seen_at: '2026-11-26T12:00:00Z',
    }); // biome-ignore format: a row
  });

  test('a branch that is no topic itself has no number, and empty levels are levels', () => {
    expect(levels.get(keyOf(1, 'a'))?.map(({ name, topic_id }) => [name, topic_id])).toEqual([
      ['b', 2],
      ['c', null],
    ]);
    expect(levels.get(keyOf(2, '/'))?.[0]).toMatchObject({ name: 'x', path: '//x', topic_id: 4 });
  });

  test('only what is open is drawn', () => {
    expect(drawn(levels, [keyOf(1, 'a')])).toEqual(['+', '-a', '  +b', '  +c']);
    expect(drawn(levels, [keyOf(1, 'a/c')])).toEqual(['+', '+a']);
  });

  test('of 50 000 topics each is drawn once, and so is each branch above it', () => {
    const found = fold(
      Array.from({ length: 50_000 }, (_, n) => topic(`site_${n % 50}/gateway/${n % 1000}/sensor_${n}`, { id: n })),
    );
    const ids = visibleRows(found, new Set(found.keys())).map(({ node }) => node.topic_id);
    expect(new Set(ids).size).toBe(50_001);
    expect(ids.length).toBe(51_100);
  });
});

test('a level that was opened and has not come yet says so', () => {
  const node = { ...(fold([topic('a/b')]).get(TOP)?.[0] as Node) };
  const rows = visibleRows(new Map([[TOP, [node]]]), new Set([keyOf(1, 'a')]));
  expect(rows).toMatchObject([{ isOpen: true, isLoading: true, place: 1, siblings: 1, parent: null }]);
});

test('what stands above a path is opened with it', () => {
  expect(ancestors('a/b/c')).toEqual(['a', 'a/b']);
  expect(ancestors('a')).toEqual([]);
});

test('typing goes to the next name that begins so', () => {
  const rows = visibleRows(fold([topic('status'), topic('setup'), topic('alarm')]), new Set());
  expect(typed(rows, 0, 's')).toBe(1);
  expect(typed(rows, 1, 's')).toBe(2);
  expect(typed(rows, 1, 'st')).toBe(2);
  expect(typed(rows, 2, 'q')).toBe(2);
});
