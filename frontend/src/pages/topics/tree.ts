/** The tree of topics as rows to draw: levels that have been read, opened or not, and levels folded from a search. */

import type { components } from '@/api/schema';

export type Node = components['schemas']['NodeOut'];
export type Topic = components['schemas']['DiscoveredTopicOut'];

export type Row = {
  key: string;
  node: Node;
  /** From 1, as ARIA counts. */
  depth: number;
  isOpen: boolean;
  /** Open, and its level has not come yet. */
  isLoading: boolean;
  place: number;
  siblings: number;
  parent: string | null;
};

export type Levels = Map<string, Node[]>;

/** The name of the level that holds what is on top. */
export const TOP = '';

export function keyOf(siteId: number, path: string): string {
  return `${siteId}:${path}`;
}

export function visibleRows(levels: Levels, open: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  add(rows, levels, open, TOP, 1);
  return rows;
}

function add(rows: Row[], levels: Levels, open: ReadonlySet<string>, level: string, depth: number): void {
  const nodes = levels.get(level) ?? [];
  for (let place = 0; place < nodes.length; place++) {
    const node = nodes[place] as Node;
    const key = keyOf(node.site_id, node.path);
    const isOpen = node.has_children && open.has(key);
    const parent = level === TOP ? null : level;
    const isLoading = isOpen && !levels.has(key);
    rows.push({ key, node, depth, isOpen, isLoading, place: place + 1, siblings: nodes.length, parent });
    if (isOpen) add(rows, levels, open, key, depth + 1);
  }
}

/** A node while it is folded: its branches by name, so that a path is walked without being put together again. */
type Knot = { node: Node; key: string; branches: Map<string, Knot> | null };

/** The tree of some topics: each level with the sums of all below, as the server would tell it. */
export function fold(topics: Topic[]): Levels {
  const sites = new Map<number, Map<string, Knot>>();
  const levels: Levels = new Map([[TOP, []]]);
  for (const topic of topics) {
    let branches = sites.get(topic.site_id) ?? new Map<string, Knot>();
    sites.set(topic.site_id, branches);
    let parent = TOP;
    for (let start = 0; start >= 0; ) {
      const end = topic.topic_path.indexOf('/', start);
      const isSelf = end < 0;
      const name = isSelf ? topic.topic_path.slice(start) : topic.topic_path.slice(start, end);
      let knot: Knot | undefined = branches.get(name);
      if (!knot) {
        knot = newKnot(topic, name, isSelf ? topic.topic_path : topic.topic_path.slice(0, end));
        branches.set(name, knot);
        const siblings = levels.get(parent);
        if (siblings) siblings.push(knot.node);
        else levels.set(parent, [knot.node]);
      }
      count(knot.node, topic, isSelf);
      if (isSelf) break;
      parent = knot.key;
      branches = knot.branches ??= new Map();
      start = end + 1;
    }
  }
  for (const nodes of levels.values())
    if (nodes.length > 1) nodes.sort((one, other) => (one.name < other.name ? -1 : 1));
  return levels;
}

function newKnot(topic: Topic, name: string, path: string): Knot {
  return { node: newNode(topic, name, path), key: keyOf(topic.site_id, path), branches: null };
}

function newNode(topic: Topic, name: string, path: string): Node {
  return {
    site_id: topic.site_id,
    name,
    path,
    topic_id: null,
    has_children: false,
    topics: 0,
    processable: 0,
    messages: 0,
    first_seen_at: topic.first_seen_at,
    last_seen_at: topic.last_seen_at,
  };
}

function count(node: Node, topic: Topic, isSelf: boolean): void {
  if (isSelf) node.topic_id = topic.id;
  else node.has_children = true;
  node.topics += 1;
  node.processable += topic.is_processable ? 1 : 0;
  node.messages += topic.message_count;
  if (topic.first_seen_at < node.first_seen_at) node.first_seen_at = topic.first_seen_at;
  if (topic.last_seen_at > node.last_seen_at) node.last_seen_at = topic.last_seen_at;
}

/** All that stands above a path, the top first. */
export function ancestors(path: string): string[] {
  const levels = path.split('/');
  return levels.slice(1).map((_, index) => levels.slice(0, index + 1).join('/'));
}

/** The next row that begins with what was typed, after the present one and around. */
export function typed(rows: Row[], from: number, letters: string): number {
  const wanted = letters.toLowerCase();
  for (let step = letters.length > 1 ? 0 : 1; step <= rows.length; step++) {
    const place = (from + step) % rows.length;
    if (rows[place]?.node.name.toLowerCase().startsWith(wanted)) return place;
  }
  return from;
}
