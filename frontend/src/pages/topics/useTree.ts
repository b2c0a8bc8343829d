/** The levels of the tree that are open, read again while they are looked at; or, while one searches, what was found. */

import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import { $api } from '@/api/client';
import { hasWildcard } from './matching';
import { ancestors, fold, keyOf, type Levels, type Node, type Row, TOP, visibleRows } from './tree';

const REREAD_MS = 5_000;
const FOUND = 500;
/** So few branches on top are opened at once. */
const FEW = 6;

type Opened = { key: string; siteId: number; path: string };

export function useTree(site: number | undefined, selected: { siteId: number; path: string } | null, find: string) {
  const [changed, setChanged] = useState<ReadonlyMap<string, Opened | null>>(new Map());
  const top = $api.useQuery(
    'get',
    '/api/v1/topic-tree/',
    { params: { query: { site } } },
    { refetchInterval: REREAD_MS, placeholderData: keepPreviousData },
  );
  const onTop = top.data?.nodes;
  const opened = useMemo(() => openedOf(onTop ?? [], selected, changed), [onTop, selected, changed]);
  const below = useQueries({
    queries: opened.map(({ siteId, path }) => ({
      ...$api.queryOptions('get', '/api/v1/topic-tree/', { params: { query: { site: siteId, prefix: `${path}/` } } }),
      refetchInterval: Math.max(REREAD_MS, opened.length * 700),
    })),
  });
  const found = useFound(site, find);

  const levels: Levels = new Map();
  if (onTop) levels.set(TOP, onTop);
  for (const [index, { key }] of opened.entries()) {
    const level = below[index]?.data;
    if (level) levels.set(key, level.nodes);
  }
  const searched = useMemo(() => (found.data ? fold(found.data.items) : null), [found.data]);
  const shown = find ? (searched ?? new Map()) : levels;
  const isOpen = find
    ? new Set([...shown.keys()].filter((key) => changed.get(key) !== null))
    : new Set(opened.map((one) => one.key));
  const rows = visibleRows(shown, isOpen);
  return {
    rows,
    rates: useRates(rows),
    isPending: find ? found.isPending : top.isPending,
    error: (find ? found.error : top.error) ?? below.find((level) => level.error)?.error ?? null,
    readAt: find ? found.dataUpdatedAt : top.dataUpdatedAt,
    isCut: !find && (top.data?.is_cut || below.some((level) => level.data?.is_cut)),
    found: find && found.data ? { count: found.data.count, isCapped: found.data.count_is_capped, shown: FOUND } : null,
    retry: () => {
      void top.refetch();
      void found.refetch();
      for (const level of below) if (level.error) void level.refetch();
    },
    toggle: (row: Row) => {
      const { node, key } = row;
      const next = row.isOpen ? null : { key, siteId: node.site_id, path: node.path };
      setChanged((before) => new Map(before).set(key, next));
    },
  };
}

function useFound(site: number | undefined, find: string) {
  const words = hasWildcard(find) ? { match: find } : { search: find };
  return $api.useQuery(
    'get',
    '/api/v1/discovered-topics/',
    { params: { query: { site, ...words, limit: FOUND } } },
    { enabled: find !== '', refetchInterval: 2 * REREAD_MS, placeholderData: keepPreviousData },
  );
}

/** What the person opened, what leads to the selected topic, and the top where it is small; not what they closed. */
function openedOf(
  onTop: Node[],
  selected: { siteId: number; path: string } | null,
  changed: ReadonlyMap<string, Opened | null>,
): Opened[] {
  const opened = new Map<string, Opened>();
  const open = (siteId: number, path: string) => {
    const key = keyOf(siteId, path);
    if (changed.get(key) !== null) opened.set(key, { key, siteId, path });
  };
  if (onTop.length <= FEW) for (const node of onTop) if (node.has_children) open(node.site_id, node.path);
  if (selected) for (const path of ancestors(selected.path)) open(selected.siteId, path);
  for (const one of changed.values()) if (one) open(one.siteId, one.path);
  return [...opened.values()];
}

export type Pace = { rate: number; arrivals: number };
type Seen = Pace & { messages: number; at: number };

/** Messages a second, from the growth between two readings; `arrivals` grows whenever something came. */
function useRates(rows: Row[]): ReadonlyMap<string, Pace> {
  const seen = useRef(new Map<string, Seen>());
  const now = Date.now();
  for (const { key, node } of rows) {
    const before = seen.current.get(key);
    if (!before) {
      seen.current.set(key, { messages: node.messages, at: now, rate: 0, arrivals: 0 });
    } else if (node.messages !== before.messages || now - before.at > 4 * REREAD_MS) {
      const grown = Math.max(0, node.messages - before.messages);
      const rate = (grown * 1000) / Math.max(1000, now - before.at);
      seen.current.set(key, { messages: node.messages, at: now, rate, arrivals: before.arrivals + (grown ? 1 : 0) });
    }
  }
  return seen.current;
}
