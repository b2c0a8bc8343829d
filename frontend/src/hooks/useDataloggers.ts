/** A long list of dataloggers, fetched block by block as it comes into sight, and kept fresh by the live connection. */

import { type UseQueryResult, useQueries, useQueryClient } from '@tanstack/react-query';
import { useCallback, useRef, useState } from 'react';
import { $api } from '@/api/client';
import type { paths } from '@/api/schema';
import type { Datalogger, Page } from '@/api/types';

export type DataloggerQuery = NonNullable<paths['/api/v1/dataloggers/']['get']['parameters']['query']>;

const PATH = '/api/v1/dataloggers/';
const BLOCK = 100;
/** Whoever flies over thousands of rows does not want them all. */
const SETTLED_MS = 120;
const KEPT_MS = 60_000;

type Answer = UseQueryResult<Page<Datalogger>, unknown>;

export function useDataloggers(query: DataloggerQuery) {
  const client = useQueryClient();
  const [seen, setSeen] = useState({ first: 0, last: 0 });
  const blocks = blocksOf(seen.first, seen.last);
  const answers: Answer[] = useQueries({
    queries: blocks.map((block) => ({
      ...$api.queryOptions('get', PATH, { params: { query: { ...query, limit: BLOCK, offset: block * BLOCK } } }),
      placeholderData: (shown: Page<Datalogger> | undefined, of?: { queryKey: readonly unknown[] }) =>
        offsetOf(of?.queryKey) === block * BLOCK ? shown : undefined,
      gcTime: KEPT_MS,
    })),
  }) as Answer[];
  const counted = useRef<Pick<Page<Datalogger>, 'count' | 'count_is_capped'> | undefined>(undefined);
  const known = answers.find((answer) => answer.data)?.data ?? counted.current;
  counted.current = known;
  const failed = answers.find((answer) => answer.error);

  const settling = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const onRange = useCallback((first: number, last: number) => {
    clearTimeout(settling.current);
    settling.current = setTimeout(
      () => setSeen((now) => (sameBlocks(now, { first, last }) ? now : { first, last })),
      SETTLED_MS,
    );
  }, []);

  return {
    count: known?.count ?? 0,
    isCapped: known?.count_is_capped ?? false,
    isLoading: known === undefined && failed === undefined,
    isOld: answers.some((answer) => answer.isPlaceholderData),
    error: failed?.error ?? null,
    readAt: Math.max(...answers.map((answer) => answer.dataUpdatedAt)),
    rowAt: (index: number): Datalogger | undefined => {
      const place = blocks.indexOf(Math.floor(index / BLOCK));
      return place === -1 ? undefined : answers[place]?.data?.items[index % BLOCK];
    },
    onRange,
    readAgain: () => void client.invalidateQueries({ queryKey: ['get', PATH] }),
  };
}

/** Other filters may be shown for a moment in place of what is asked for; other rows may not. */
function offsetOf(key: readonly unknown[] | undefined): number | undefined {
  return (key?.[2] as { params?: { query?: { offset?: number } } } | undefined)?.params?.query?.offset;
}

export function blocksOf(first: number, last: number): number[] {
  const from = Math.floor(first / BLOCK);
  return Array.from({ length: Math.floor(Math.max(first, last) / BLOCK) - from + 1 }, (_, step) => from + step);
}

type Range = { first: number; last: number };

function sameBlocks(one: Range, other: Range): boolean {
  return blocksOf(one.first, one.last).join() === blocksOf(other.first, other.last).join();
}
