/** What the live connection knows of itself; components read it with `useLive`. */

import { useSyncExternalStore } from 'react';
import type { Interruption, SeenSite } from './events';

export type Live = {
  isOpen: boolean;
  /** When it closed, by this browser's clock; null while it is open, and before it was open for the first time. */
  closedAt: number | null;
  /** When the last frame came while nothing kept news from coming, by the server's clock. */
  heardAt: number | null;
  /** What keeps news from coming although the connection is open, as the server tells it; null when nothing does. */
  interruption: { cause: Exclude<Interruption['cause'], ''>; since: number } | null;
  build: string | null;
  sites: SeenSite[] | null;
  nextReconcileAt: number | null;
  reconcilePeriodS: number;
  /** When a reconcile was last seen to end, by the server's clock. */
  reconciledAt: number | null;
  /** Topics seen for the first time since the Topics page was last open. */
  newTopics: number;
};

const BEGINNING: Live = {
  isOpen: false,
  closedAt: null,
  heardAt: null,
  interruption: null,
  build: null,
  sites: null,
  nextReconcileAt: null,
  reconcilePeriodS: 30,
  reconciledAt: null,
  newTopics: 0,
};

let live = BEGINNING;
const listeners = new Set<() => void>();

export function getLive(): Live {
  return live;
}

export function setLive(changes: Partial<Live>): void {
  live = { ...live, ...changes };
  for (const listener of listeners) listener();
}

/** Whether what changes at the server is shown as soon as it is known there. */
export function isLive({ isOpen, interruption }: Live): boolean {
  return isOpen && interruption === null;
}

/** Whether what is shown was live and no longer is: nothing is known of now. */
export function isStale({ closedAt, interruption }: Live): boolean {
  return closedAt !== null || interruption !== null;
}

export function resetLive(): void {
  setLive(BEGINNING);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLive<Part>(select: (live: Live) => Part): Part {
  return useSyncExternalStore(subscribe, () => select(live));
}
