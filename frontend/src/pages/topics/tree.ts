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

/** A branch while it is folded; a topic with nothing below needs none. */
type Knot = { node: Node | null; level: Node[]; branches: Map<string, Knot> };

/** The tree of some topics: each level with the sums of all below, as the server would tell it. */
export function fold(topics: Topic[]): Levels {
  const top: Node[] = [];
  const levels: Levels = new Map([[TOP, top]]);
  const sites = new Map<number, Knot>();
  for (const topic of topics) {
    const { site_id, topic_path } = topic;
    let knot = sites.get(site_id);
    if (!knot) {
      knot = { node: null, level: top, branches: new Map() };
      sites.set(site_id, knot);
    }
    let start = 0;
    for (let end = topic_path.indexOf('/'); end >= 0; end = topic_path.indexOf('/', start)) {
      const name = topic_path.slice(start, end);
      const next: Knot = knot.branches.get(name) ?? grow(levels, knot, topic, name, topic_path.slice(0, end));
      if (next.node) count(next.node, topic, false);
      knot = next;
      start = end + 1;
    }
    const name = topic_path.slice(start);
    let leaf = knot.branches.get(name)?.node;
    if (!leaf) {
      leaf = newNode(topic, name, topic_path);
      knot.level.push(leaf);
    }
    count(leaf, topic, true);
  }
  for (const nodes of levels.values())
    if (nodes.length > 1) nodes.sort((one, other) => (one.name < other.name ? -1 : 1));
  return levels;
}

/** A new branch; a topic of this name may stand there already. */
function grow(levels: Levels, parent: Knot, topic: Topic, name: string, path: string): Knot {
  const known = parent.level.find((one) => one.name === name && one.site_id === topic.site_id);
  const node = known ?? newNode(topic, name, path);
  if (!known) parent.level.push(node);
  const knot = { node, level: [], branches: new Map() };
  levels.set(keyOf(topic.site_id, path), knot.level);
  parent.branches.set(name, knot);
  return knot;
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
